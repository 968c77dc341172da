import {
  type Estimates,
  evaluate,
  type Figure,
  MOST_BLOCKS,
  type PartEvaluation,
  type Truth,
} from 'mien/judging';
import { Random } from 'mien/random';
import { describe, expect, it } from 'vitest';
import { drawEstimates, drawTruth, pickEstimates, pickTruth, repeated } from './judged.js';

const bootstrap = { draws: 200, seed: 3 };

/** Every figure with an interval, by its path. */
function figures(value: unknown, path = ''): Map<string, Required<Figure>> {
  const found = new Map<string, Required<Figure>>();
  if (typeof value !== 'object' || value === null) return found;
  if ('low' in value) return found.set(path, value as Required<Figure>);
  for (const [key, one] of Object.entries(value))
    for (const [name, figure] of figures(one, `${path}.${key}`)) found.set(name, figure);
  return found;
}

const member = (estimates: Estimates, truth: Truth, options = {}): PartEvaluation =>
  evaluate([estimates], truth, { bootstrap, ...options }).members[0] as PartEvaluation;

function expectSameFigures(found: PartEvaluation, expected: PartEvaluation): void {
  const [one, other] = [figures(found), figures(expected)];
  expect([...one.keys()]).toEqual([...other.keys()]);
  expect(one.size).toBeGreaterThan(15);
  for (const [name, { value, low, high }] of other) {
    expect(one.get(name)?.value, name).toBeCloseTo(value, 9);
    expect(one.get(name)?.low, name).toBeCloseTo(low, 9);
    expect(one.get(name)?.high, name).toBeCloseTo(high, 9);
  }
}

const truth = drawTruth(300, 25);
const estimates = drawEstimates(truth);

describe('bootstrap intervals', () => {
  it('are the same bits for the same seed, and others for another', () => {
    const one = evaluate([estimates], truth, { bootstrap });
    expect(evaluate([estimates], truth, { bootstrap })).toEqual(one);
    const other = evaluate([estimates], truth, { bootstrap: { ...bootstrap, seed: 4 } });
    expect(other.members[0]?.mean.value).toBe(one.members[0]?.mean.value);
    expect(other.members[0]?.mean.low).not.toBe(one.members[0]?.mean.low);
    expect(one.bootstrap).toEqual({ draws: 200, level: 0.95, seed: 3 });
  });

  it('hold the value, are ordered, and grow with the level', () => {
    const wide = figures(member(estimates, truth, { bootstrap: { ...bootstrap, level: 0.99 } }));
    for (const [name, { value, low, high }] of figures(member(estimates, truth))) {
      expect(low, name).toBeLessThan(high);
      expect(low, name).toBeLessThan(value);
      expect(high, name).toBeGreaterThan(value);
      expect(wide.get(name)?.low, name).toBeLessThanOrEqual(low);
      expect(wide.get(name)?.high, name).toBeGreaterThanOrEqual(high);
    }
  });

  it('are those of one face a cluster where each cluster is one face copied k times', () => {
    const faces = drawTruth(120, 120);
    const one = drawEstimates(faces);
    const copies = repeated(faces, one, 7);
    expectSameFigures(member(copies.estimates, copies.truth), member(one, faces));
  });

  it('are wider than if frames of a clip were independent of each other', () => {
    const faces = drawTruth(60, 60);
    const copies = repeated(faces, drawEstimates(faces), 9);
    const n = copies.truth.length;
    const codes = Int32Array.from({ length: n }, (_, i) => i);
    const apart = { ...copies.truth, cluster: { codes, names: Array.from(codes, String) } };
    const width = ({ low = 0, high = 0 }: Figure) => high - low;
    const [byClip, byFace] = [member(copies.estimates, copies.truth), member(copies.estimates, apart)];
    const ratio = width(byClip.mean) / width(byFace.mean);
    // The square root of 9, but for chance.
    expect(ratio).toBeGreaterThan(2.4);
    expect(ratio).toBeLessThan(3.6);
  });

  it('of a mean are those of the normal distribution, but for chance', () => {
    const faces = drawTruth(400, 400, 5, 1);
    const { EXPR } = member(drawEstimates(faces), faces, { bootstrap: { draws: 2000 } });
    const { value, low = 0, high = 0 } = EXPR?.accuracy ?? expect.fail();
    const expected = 2 * 1.96 * Math.sqrt((value * (1 - value)) / 400);
    expect((high - low) / expected).toBeGreaterThan(0.9);
    expect((high - low) / expected).toBeLessThan(1.1);
  });

  it('stay as wide where very many clusters are drawn in groups', () => {
    const n = 3 * MOST_BLOCKS + 5;
    const faces = drawTruth(n, n, 6, 1);
    const { EXPR } = member(drawEstimates(faces), faces, { bootstrap: { draws: 400 } });
    const { value, low = 0, high = 0 } = EXPR?.accuracy ?? expect.fail();
    const expected = 2 * 1.96 * Math.sqrt((value * (1 - value)) / n);
    expect((high - low) / expected).toBeGreaterThan(0.85);
    expect((high - low) / expected).toBeLessThan(1.15);
  });

  it('do not change with faces that have no label, in clips with others or of their own', () => {
    const more = 40;
    const rows = Int32Array.from({ length: 300 + more }, (_, i) => (i < 300 ? i : i - 300));
    const padded = pickTruth(truth, rows);
    padded.expressionKnown.fill(0, 300);
    padded.actionUnitsKnown.fill(0, 300 * 3);
    padded.valenceArousalKnown.fill(0, 300 * 2);
    for (let i = 320; i < 340; i++) padded.cluster.codes[i] = 25;
    const names = [...truth.cluster.names, 'set/another clip'];
    const all = { ...padded, cluster: { codes: padded.cluster.codes, names } };
    const options = { bootstrap, mistakes: 0 };
    expect(evaluate([pickEstimates(estimates, rows)], all, options)).toEqual(
      evaluate([estimates], truth, options),
    );
  });

  it('of a task draw as many clusters with its labels as there are, few among many', () => {
    const faces = drawTruth(300, 30, 1, 1);
    faces.expressionKnown.fill(0, 20);
    const said = drawEstimates(faces);
    const accuracies = [0, 1].map((clip) => {
      const rows = Int32Array.from({ length: 10 }, (_, i) => 10 * clip + i);
      return rows.filter((row) => said.EXPR?.classes[row] === faces.expression[row]).length / 10;
    });
    // Two clips of thirty: were all drawn alike, one draw in seven would have none of the two.
    const { low, high } = member(said, faces).EXPR?.accuracy ?? expect.fail();
    expect([low, high]).toEqual([Math.min(...accuracies), Math.max(...accuracies)]);
    expect(low).toBeLessThan(high as number);
  });

  it('are left out where there are no two clusters to draw from, or where they are not wanted', () => {
    const single = drawTruth(20, 1);
    expect(figures(member(drawEstimates(single), single)).size).toBe(0);
    const without = evaluate([estimates], truth, { bootstrap: false });
    expect(figures(without).size).toBe(0);
    expect(without).not.toHaveProperty('bootstrap');
  });
});

describe('comparison of two members', () => {
  const better = drawEstimates(truth, 'better', 7, 0.9);
  const compare = [['better', 'one']] as const;

  it('is exactly 0 for two that say the same', () => {
    const twin = { ...estimates, name: 'twin' };
    const [comparison] = evaluate([estimates, twin], truth, {
      bootstrap,
      compare: [['one', 'twin']],
    }).comparisons;
    const differences = Object.values(comparison?.differences ?? {});
    expect(differences.length).toBeGreaterThan(10);
    for (const one of differences) expect(one).toEqual({ value: 0, low: 0, high: 0, shareNotBetter: 1 });
  });

  it('is the difference of figures, with an interval that tells a better one', () => {
    const { members, comparisons } = evaluate([estimates, better], truth, { bootstrap, compare });
    const { first, second, differences } = comparisons[0] ?? expect.fail();
    expect([first, second]).toEqual(['better', 'one']);
    const [one = expect.fail(), other = expect.fail()] = members;
    for (const [name, value] of [
      ['mean', other.mean.value - one.mean.value],
      ['EXPR.f1', (other.EXPR?.f1.value ?? 0) - (one.EXPR?.f1.value ?? 0)],
      ['VA.arousal.ccc', (other.VA?.arousal.ccc.value ?? 0) - (one.VA?.arousal.ccc.value ?? 0)],
    ] as const) {
      expect(differences[name]?.value).toBe(value);
      expect(differences[name]?.low).toBeGreaterThan(0);
      expect(differences[name]?.shareNotBetter).toBe(0);
    }
    expect(Object.keys(differences).some((name) => name.endsWith('rmse'))).toBe(false);
    const reverse = evaluate([estimates, better], truth, { bootstrap, compare: [['one', 'better']] });
    expect(reverse.comparisons[0]?.differences.mean?.low).toBeCloseTo(-(differences.mean?.high ?? 0), 12);
    expect(reverse.comparisons[0]?.differences.mean?.shareNotBetter).toBe(1);
  });

  it('pairs draws: its interval is narrower than the two apart allow', () => {
    const values = (estimates.VA?.values ?? new Float32Array()).map((value, i) => value + 0.05 * Math.sin(i));
    const near = { ...estimates, name: 'near', VA: { values } };
    const { members, comparisons } = evaluate([estimates, near], truth, {
      bootstrap,
      compare: [['near', 'one']],
    });
    const { low = 0, high = 0 } = comparisons[0]?.differences['VA.ccc'] ?? expect.fail();
    const widths = members.map(({ VA }) => (VA?.ccc.high ?? 0) - (VA?.ccc.low ?? 0));
    expect(high - low).toBeLessThan(0.5 * Math.hypot(...widths));
  });

  it('has values alone without intervals, and only what both have', () => {
    const { AU, ...others } = better;
    const { comparisons } = evaluate([estimates, others], truth, { bootstrap: false, compare });
    const { differences } = comparisons[0] ?? expect.fail();
    expect(Object.keys(differences.mean ?? {})).toEqual(['value']);
    expect(Object.keys(differences).filter((name) => name.startsWith('AU'))).toEqual([]);
    expect(() => evaluate([estimates], truth, { compare })).toThrow('there is no member better to compare');
  });
});

it('clusters may lie scattered over the rows', () => {
  const order = Random.seeded(9).permutation(300);
  const shuffled = pickTruth(truth, order);
  expectSameFigures(member(pickEstimates(estimates, order), shuffled), member(estimates, truth));
});
