import fc from 'fast-check';
import { combine, decide, type ModelOutput } from 'mien/judging';
import { Random } from 'mien/random';
import { describe, expect, it } from 'vitest';
import { outputWith, rowsOf, SMALL, sigmoid, softmax, truthWith } from './support.js';

const logit = (p: number) => Math.log(p / (1 - p));

/** One face with these probabilities. */
const face = (name: string, classes: number[], units: number[], va: number[]): ModelOutput => ({
  name,
  schema: SMALL,
  length: 1,
  EXPR: Float32Array.from(classes, Math.log),
  AU: Float32Array.from(units, logit),
  VA: Float32Array.from(va),
});

describe('one model', () => {
  it('is decoded: the first greatest class, units above 0.5, valence and arousal as they are', () => {
    const output = {
      ...face('one', [0.25, 0.375, 0.375], [0.5, 0.75], [0.1, -0.2]),
      AU: Float32Array.of(0, 1),
    };
    const { EXPR, AU, VA, disagreement, name } = decide([output]);
    expect(name).toBe('one');
    expect([...(EXPR?.classes ?? [])]).toEqual([1]);
    expect([...(EXPR?.probabilities ?? [])]).toEqual([0.25, 0.375, 0.375].map((p) => expect.closeTo(p, 6)));
    expect([...(AU?.decisions ?? [])]).toEqual([0, 1]);
    expect(VA?.values).toEqual(Float32Array.of(0.1, -0.2));
    expect(disagreement).toBeUndefined();
  });

  it('is calibrated and decided by its own tuning, or the one that is given', () => {
    const output = face('one', [0.2, 0.5, 0.3], [0.4, 0.4], [0, 0]);
    const own = { thresholds: { AU1: 0.3 }, calibration: { EXPR: 1e6 } };
    const found = decide([output], { memberTunings: [own] });
    expect([...(found.AU?.decisions ?? [])]).toEqual([1, 0]);
    expect(found.EXPR?.probabilities?.[0]).toBeCloseTo(1 / 3, 5);
    const given = decide([output], { memberTunings: [own], tuning: { thresholds: { AU12: 0.3 } } });
    expect([...(given.AU?.decisions ?? [])]).toEqual([0, 1]);
    expect(given.EXPR?.probabilities?.[0]).toBeCloseTo(0.2, 5);
  });

  it('leaves out the tasks that it lacks', () => {
    const { VA, ...rest } = face('one', [0.2, 0.5, 0.3], [0.4, 0.4], [0, 0]);
    expect(VA).toBeDefined();
    expect(Object.keys(decide([rest])).sort()).toEqual(['AU', 'EXPR', 'length', 'name', 'schema']);
  });

  it('with something that is no number is refused', () => {
    const output = { ...outputWith(3, 1), VA: Float32Array.of(0, 0, 0, Number.NaN, 0, 0) };
    expect(() => decide([output])).toThrow('VA of model 1 is no number in value 3 of 6');
    const broken = { ...outputWith(3, 1), EXPR: new Float32Array(9).fill(Number.NaN) };
    expect(() => decide([broken])).toThrow('EXPR of model 1 is no number');
  });
});

describe('an ensemble', () => {
  const members = (seeds: readonly number[], n = 20) => seeds.map((seed) => outputWith(n, seed));
  const means = (all: readonly ModelOutput[], of: (one: ModelOutput) => number[]) => {
    const values = all.map(of);
    return (values[0] as number[]).map(
      (_, i) => values.reduce((sum, one) => sum + (one[i] as number), 0) / all.length,
    );
  };
  const classProbabilities = ({ EXPR }: ModelOutput) => rowsOf(EXPR as Float32Array, 3).flatMap(softmax);
  const unitProbabilities = ({ AU }: ModelOutput) => Array.from(AU as Float32Array, sigmoid);
  const expectClose = (found: ArrayLike<number> | undefined, expected: readonly number[]) => {
    expect(found?.length).toBe(expected.length);
    expected.forEach((one, i) => {
      expect(found?.[i]).toBeCloseTo(one, 5);
    });
  };

  it('has the mean of probabilities', () => {
    const all = members([1, 2, 3]);
    const { EXPR, AU, VA } = decide(all);
    expectClose(EXPR?.probabilities, means(all, classProbabilities));
    expectClose(AU?.probabilities, means(all, unitProbabilities));
    expectClose(
      VA?.values,
      means(all, (one) => [...(one.VA as Float32Array)]),
    );
  });

  it('or the probabilities of mean logits', () => {
    const all = members([1, 2, 3]);
    const { EXPR, AU, VA } = decide(all, { how: 'logits' });
    const logits = means(all, (one) => [...(one.EXPR as Float32Array)]);
    expectClose(EXPR?.probabilities, rowsOf(logits, 3).flatMap(softmax));
    expectClose(AU?.probabilities, means(all, (one) => [...(one.AU as Float32Array)]).map(sigmoid));
    expectClose(
      VA?.values,
      means(all, (one) => [...(one.VA as Float32Array)]),
    );
  });

  it('or the majority of decisions, of equals the smallest value', () => {
    const voters = [
      face('a', [0.6, 0.4, 0], [0.9, 0.9], [0.2, 0]),
      face('b', [0, 0.1, 0.9], [0.9, 0.1], [0.4, 0]),
      face('c', [0, 0.1, 0.9], [0.1, 0.1], [0.6, 0]),
    ];
    const three = decide(voters, { how: 'votes' });
    expect([...(three.EXPR?.classes ?? [])]).toEqual([2]);
    expectClose(three.EXPR?.probabilities, [1 / 3, 0, 2 / 3]);
    expect([...(three.AU?.decisions ?? [])]).toEqual([1, 0]);
    expectClose(three.AU?.probabilities, [2 / 3, 1 / 3]);
    expectClose(three.VA?.values, [0.4, 0]);
    const two = decide(voters.slice(0, 2), { how: 'votes' });
    expect([...(two.EXPR?.classes ?? [])]).toEqual([0]);
    expect([...(two.AU?.decisions ?? [])]).toEqual([1, 0]);
  });

  it('votes as counting does, whatever the number of members', () => {
    const sizes = fc.integer({ min: 2, max: 7 });
    fc.assert(
      fc.property(fc.integer(), sizes, (seed, size) => {
        const all = members(Array.from({ length: size }, (_, m) => seed + m));
        const { EXPR, AU } = decide(all, { how: 'votes' });
        const single = all.map((one) => decide([one]));
        for (let row = 0; row < 20; row++) {
          const counts = [0, 1, 2].map((k) => single.filter((one) => one.EXPR?.classes[row] === k).length);
          expect(EXPR?.classes[row]).toBe(counts.indexOf(Math.max(...counts)));
        }
        for (let i = 0; i < 40; i++) {
          const votes = single.filter((one) => one.AU?.decisions[i] === 1).length;
          expect(AU?.decisions[i]).toBe(2 * votes > size ? 1 : 0);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('votes by the thresholds of the members', () => {
    const all = [face('a', [1, 0, 0], [0.4, 0.4], [0, 0]), face('b', [1, 0, 0], [0.4, 0.4], [0, 0])];
    const memberTunings = [{ thresholds: { AU1: 0.3 } }, { thresholds: { AU1: 0.3, AU12: 0.3 } }];
    expect([...(decide(all, { how: 'votes', memberTunings }).AU?.decisions ?? [])]).toEqual([1, 0]);
  });

  it('that was not tuned as one takes the mean of the thresholds of its members', () => {
    const all = [face('a', [1, 0, 0], [0.35, 0.35], [0, 0]), face('b', [1, 0, 0], [0.35, 0.35], [0, 0])];
    const memberTunings = [{ thresholds: { AU1: 0.1 } }, undefined]; // 0.3 and 0.5
    expect([...(decide(all, { memberTunings }).AU?.decisions ?? [])]).toEqual([1, 0]);
    expect([...(decide(all, { memberTunings, tuning: {} }).AU?.decisions ?? [])]).toEqual([0, 0]);
  });

  it('is the mean of calibrated members', () => {
    const all = [face('a', [1, 0, 0], [0.5, 0.5], [0, 0]), face('b', [1, 0, 0], [0.5, 0.5], [0, 0])];
    const shifted = { calibration: { AU: { AU1: { slope: 1, intercept: logit(0.9) } } } };
    expectClose(decide(all, { memberTunings: [shifted, undefined] }).AU?.probabilities, [0.7, 0.5]);
  });

  it('of one member copied is that member', () => {
    const one = outputWith(30, 7);
    const single = decide([one]);
    for (const how of ['probabilities', 'logits'] as const) {
      const copied = decide([one, one, one], { how });
      expect(copied.EXPR?.classes).toEqual(single.EXPR?.classes);
      expect(copied.AU?.decisions).toEqual(single.AU?.decisions);
      expectClose(copied.EXPR?.probabilities, [...(single.EXPR?.probabilities ?? [])]);
      expectClose(copied.AU?.probabilities, [...(single.AU?.probabilities ?? [])]);
    }
  });

  it('keeps log odds of certain members exact, on both sides', () => {
    const all = [40, 40].map((x) => ({ ...outputWith(1, 1), AU: Float32Array.of(x, -x) }));
    const { AU } = combine(all);
    expect(AU?.[0]).toBeCloseTo(40, 4);
    expect(AU?.[1]).toBeCloseTo(-40, 4);
    const extreme = combine(all.map((one) => ({ ...one, AU: Float32Array.of(2000, -2000) })));
    expect([...(extreme.AU ?? [])].every(Number.isFinite)).toBe(true);
  });

  it('refuses outputs of other faces and other labels', () => {
    expect(() => decide([])).toThrow('no model');
    expect(() => decide([outputWith(3, 1), outputWith(4, 2)])).toThrow('model 2 has 4 faces, and model 1 3');
    const other = { ...SMALL, expressions: ['anger', 'neutral', 'happiness'] };
    expect(() => decide([outputWith(3, 1), outputWith(3, 2, { schema: other })])).toThrow(
      'different label schemas',
    );
    expect(() => decide([{ ...outputWith(3, 1), AU: new Float32Array(5) }])).toThrow(
      'AU of model 1 has 5 values; expected 2 for each of 3 faces',
    );
    expect(() => decide([outputWith(3, 1)], { memberTunings: [] })).toThrow('0 tunings of 1 models');
  });
});

describe('disagreement', () => {
  it('is exactly 0 among copies', () => {
    const { disagreement } = decide([1, 1, 1].map((seed) => outputWith(50, seed)));
    for (const task of ['EXPR', 'AU', 'VA'] as const)
      expect(disagreement?.[task]).toEqual(new Float32Array(50));
  });

  it('does not depend on the order of members', () => {
    const all = [1, 2, 3, 4].map((seed) => outputWith(50, seed));
    const [one, other] = [decide(all), decide(Random.seeded(1).shuffle([...all]))];
    for (const task of ['EXPR', 'AU', 'VA'] as const)
      one.disagreement?.[task]?.forEach((value, i) => {
        expect(value).toBeGreaterThan(0);
        expect(other.disagreement?.[task]?.[i]).toBeCloseTo(value, 6);
      });
  });

  it('is mutual information of expressions, and standard deviation of the others', () => {
    const all = [
      face('a', [0.7, 0.2, 0.1], [0.9, 0.5], [0.5, 0]),
      face('b', [0.1, 0.2, 0.7], [0.1, 0.5], [-0.5, 0.2]),
    ];
    const entropy = (p: number[]) => -p.reduce((sum, one) => sum + one * Math.log(one), 0);
    const { disagreement } = decide(all);
    const own = entropy([0.7, 0.2, 0.1]);
    expect(disagreement?.EXPR?.[0]).toBeCloseTo(entropy([0.4, 0.2, 0.4]) - own, 5);
    expect(disagreement?.AU?.[0]).toBeCloseTo((0.4 + 0) / 2, 6);
    expect(disagreement?.VA?.[0]).toBeCloseTo((0.5 + 0.1) / 2, 6);
  });

  it('of two certain members of different opinion is ln 2', () => {
    const all = [face('a', [1, 0, 0], [0.5, 0.5], [0, 0]), face('b', [0, 1, 0], [0.5, 0.5], [0, 0])];
    expect(decide(all).disagreement?.EXPR?.[0]).toBeCloseTo(Math.LN2, 6);
  });
});

it('decisions of clips are smoothed by the tuning, where frames are known', () => {
  const flicker = [0.1, 0.1, 0.9, 0.1, 0.1];
  const output: ModelOutput = {
    name: 'a',
    schema: SMALL,
    length: 5,
    AU: Float32Array.from(flicker.flatMap((p) => [logit(p), logit(p)])),
  };
  const truth = truthWith(5, { clip: [0, 0, 0, 0, 0], frame: [1, 2, 3, 4, 5] });
  const tuning = { smoothing: { AU: { kind: 'median', frames: 3 } } } as const;
  const present = (estimates: ReturnType<typeof decide>) =>
    estimates.AU?.decisions.reduce((a, b) => a + b, 0);
  expect(present(decide([output], { tuning }))).toBe(2);
  expect(present(decide([output], { tuning, truth }))).toBe(0);
});

it('members that were not tuned as one are smoothed as all of them agree', () => {
  const members = [outputWith(5, 1), outputWith(5, 2)];
  const truth = truthWith(5, { clip: [0, 0, 0, 0, 0], frame: [1, 2, 3, 4, 5] });
  const own = { smoothing: { AU: { kind: 'box', frames: 3 }, VA: { kind: 'box', frames: 3 } } } as const;
  const other = { smoothing: { AU: { kind: 'box', frames: 5 }, VA: { kind: 'box', frames: 3 } } } as const;
  const plain = decide(members, { truth });
  const found = decide(members, { truth, memberTunings: [own, other] });
  expect(found.AU?.probabilities).toEqual(plain.AU?.probabilities);
  expect(found.VA).toEqual(decide(members, { truth, tuning: { smoothing: { VA: own.smoothing.VA } } }).VA);
  expect(found.VA).not.toEqual(plain.VA);
});

it('a task that some members lack is the mean of the others', () => {
  const { AU, ...rest } = outputWith(4, 3);
  expect(AU).toBeDefined();
  const [one, other] = [outputWith(4, 1), outputWith(4, 2)];
  const found = decide([one, rest, other]);
  expect(found.AU).toEqual(decide([one, other]).AU);
  expect(found.EXPR).not.toEqual(decide([one, other]).EXPR);
});
