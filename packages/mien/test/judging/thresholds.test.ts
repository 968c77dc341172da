import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { crossFit, decideUnits, foldsOf, type ThresholdRule, thresholdsOf } from 'mien/judging';
import type { LabelSchema } from 'mien/labels';
import { Random } from 'mien/random';
import { describe, expect, it } from 'vitest';
import { SHARED } from '../support/golden.js';
import { truthWith } from './support.js';

/** Entries of one unit: scores with many ties, labels, masks. */
const entries = fc.array(
  fc.record({
    score: fc.nat(12).map((n) => n / 12),
    label: fc.nat(1),
    known: fc.integer({ min: 0, max: 3 }),
  }),
  { minLength: 1, maxLength: 30 },
);
type Entry = { score: number; label: number; known: number };

const known = (all: readonly Entry[]) => all.filter((one) => one.known > 0);

function thresholdFor(all: readonly Entry[], rule: ThresholdRule): number {
  const truth = {
    actionUnits: all.map(({ label }) => label),
    actionUnitsKnown: all.map((one) => one.known),
  };
  return thresholdsOf(
    all.map(({ score }) => score),
    truth,
    rule,
    1,
  )[0] as number;
}

/** Counts of decisions by probability > threshold. */
function countsAt(all: readonly Entry[], threshold: number) {
  const predicted = all.filter(({ score }) => score > threshold);
  const tp = predicted.filter(({ label }) => label === 1).length;
  const positives = all.filter(({ label }) => label === 1).length;
  return { tp, predicted: predicted.length, positives };
}

function f1At(all: readonly Entry[], threshold: number): number {
  const { tp, predicted, positives } = countsAt(all, threshold);
  return predicted + positives === 0 ? 0 : (2 * tp) / (predicted + positives);
}

function imbalanceAt(all: readonly Entry[], threshold: number): number {
  const { tp, predicted, positives } = countsAt(all, threshold);
  return Math.abs(tp / predicted - tp / positives);
}

const bothKinds = (all: readonly Entry[]) =>
  known(all).some(({ label }) => label === 1) && known(all).some(({ label }) => label === 0);

/** A threshold in each interval between scores from 0 up; all decide as the middle of the interval does. */
function middles(all: readonly Entry[]): number[] {
  const scores = [...new Set([0, ...known(all).map(({ score }) => score)])].sort((a, b) => a - b);
  return scores.slice(1).map((score, i) => ((scores[i] as number) + score) / 2);
}

describe('a threshold of max-f1', () => {
  it('has the largest F1 that any threshold has, and of those is the middle nearest to 0.5', () => {
    fc.assert(
      fc.property(entries.filter(bothKinds), (all) => {
        const best = Math.max(0, ...middles(all).map((threshold) => f1At(known(all), threshold)));
        const found = thresholdFor(all, 'max-f1');
        expect(f1At(known(all), found)).toBe(best);
        const equal = middles(all).filter((threshold) => best > 0 && f1At(known(all), threshold) === best);
        const distance = Math.min(...equal.map((threshold) => Math.abs(threshold - 0.5)));
        if (equal.length > 0) expect(Math.abs(found - 0.5)).toBeCloseTo(distance, 12);
        else expect(found).toBe(0.5);
      }),
    );
  });
});

describe('a threshold of break-even', () => {
  it('has the least difference of precision and recall among those with a true positive, and is the lowest', () => {
    fc.assert(
      fc.property(entries.filter(bothKinds), (all) => {
        const able = middles(all).filter((threshold) => countsAt(known(all), threshold).tp > 0);
        const found = thresholdFor(all, 'break-even');
        if (able.length === 0) expect(found).toBe(0.5);
        else {
          const least = Math.min(...able.map((threshold) => imbalanceAt(known(all), threshold)));
          const lowest = able.find((threshold) => imbalanceAt(known(all), threshold) === least);
          expect(found).toBeCloseTo(lowest as number, 12);
        }
      }),
    );
  });

  it('passes over points at which precision and recall are both 0; the reference takes them', () => {
    // From above: a false alarm, where both are 0; then no point has them equal.
    const all = [0.9, 0.8, 0.8, 0.8].map((score, i) => ({ score, label: i === 1 ? 1 : 0, known: 1 }));
    expect(thresholdFor(all, 'break-even-reference')).toBe(0.9);
    expect(f1At(all, 0.9)).toBe(0);
    expect(thresholdFor(all, 'break-even')).toBe(0.4);
  });

  it("counts the chosen point's own faces as present, which the reference's threshold leaves out", () => {
    const all = [0.2, 0.4, 0.6, 0.7].map((score, i) => ({ score, label: i > 1 ? 1 : 0, known: 1 }));
    expect(thresholdFor(all, 'break-even-reference')).toBe(0.6);
    expect(countsAt(all, 0.6)).toMatchObject({ tp: 1, predicted: 1 });
    expect(thresholdFor(all, 'break-even')).toBeCloseTo(0.5, 15);
    expect(countsAt(all, 0.5)).toMatchObject({ tp: 2, predicted: 2 });
  });

  it("is the reference's under its name, by scikit-learn's curve", () => {
    fc.assert(
      fc.property(
        entries.filter((all) => known(all).length > 0),
        (all) => {
          const scores = [...new Set(known(all).map(({ score }) => score))].sort((a, b) => a - b);
          const differences = scores.map((score) => {
            const present = known(all).filter((one) => one.score >= score);
            const tp = present.filter(({ label }) => label === 1).length;
            const positives = known(all).filter(({ label }) => label === 1).length;
            return Math.abs(tp / present.length - (positives === 0 ? 1 : tp / positives));
          });
          const expected = scores[differences.indexOf(Math.min(...differences))];
          expect(thresholdFor(all, 'break-even-reference')).toBe(expected);
        },
      ),
    );
  });

  it.skipIf(!SHARED)(
    "is the reference's on golden data (skipped where it does not stand beside the checkout)",
    () => {
      const cases = JSON.parse(readFileSync(`${SHARED}/golden/metrics.json`, 'utf8'));
      expect(cases.length).toBeGreaterThan(0);
      for (const { au_score, au_true, au_breakeven_thresholds } of cases) {
        const units = au_breakeven_thresholds.length;
        const truth = { actionUnits: au_true.flat() };
        const found = thresholdsOf(au_score.flat(), truth, 'break-even-reference', units);
        expect(Array.from(found)).toEqual(au_breakeven_thresholds);
      }
    },
  );
});

describe('thresholds', () => {
  it('are 0.5 or the number given where they are fixed', () => {
    const truth = { actionUnits: [1, 0, 0, 1] };
    expect(thresholdsOf([0.1, 0.2, 0.3, 0.4], truth, 'fixed', 2)).toEqual(Float64Array.of(0.5, 0.5));
    expect(thresholdsOf([0.1, 0.2, 0.3, 0.4], truth, { fixed: 0.3 }, 2)).toEqual(Float64Array.of(0.3, 0.3));
  });

  it.each(['max-f1', 'break-even'] as const)('of %s stay 0.5 where not both kinds are known', (rule) => {
    const scores = [0.1, 0.2, 0.3, 0.4, 0.6, 0.7];
    const truth = { actionUnits: [1, 0, 1, 0, 0, 1], actionUnitsKnown: [1, 1, 1, 1, 0, 0] };
    expect(thresholdsOf(scores, truth, rule, 2)).toEqual(Float64Array.of(0.5, 0.5));
    expect(thresholdsOf([], { actionUnits: [] }, rule, 2)).toEqual(Float64Array.of(0.5, 0.5));
  });

  it.each(['max-f1', 'break-even'] as const)(
    'of %s separate neighbouring float32 and float64 numbers',
    (rule) => {
      const next = { float32: 0.5 + 2 ** -24, float64: 0.5 + 2 ** -53 };
      for (const above of Object.values(next)) {
        const scores = [0.5, above];
        const [threshold] = thresholdsOf(scores, { actionUnits: [0, 1] }, rule, 1);
        expect([...decideUnits(scores, [threshold as number])]).toEqual([0, 1]);
      }
    },
  );

  it('refuse arrays of different lengths', () => {
    expect(() => thresholdsOf([0.1, 0.2], { actionUnits: [1] }, 'max-f1', 1)).toThrow(RangeError);
  });
});

describe('decisions', () => {
  it('take strictly greater probabilities as present, each unit by its threshold', () => {
    const probabilities = Float32Array.of(0.5, 0.75, 0.25, 0.25, 1, 0.8);
    expect([...decideUnits(probabilities, [0.5, 0.25])]).toEqual([0, 1, 0, 0, 1, 1]);
  });
});

const ONE_UNIT: LabelSchema = { name: 'one', actionUnits: ['AU12'], expressions: [] };

describe('cross-fitting', () => {
  /** Clusters of different sizes, scores that lie apart by label but for noise. */
  const drawn = (seed: number) => {
    const random = Random.seeded(seed);
    const cluster = Array.from({ length: 120 }, () => random.integer(12));
    const labels = cluster.map(() => (random.chance(0.3) ? 1 : 0));
    const scores = Float32Array.from(labels, (label) => 0.2 * label + 0.6 * random.float());
    return { cluster, labels, scores };
  };

  it('decides each fold by thresholds of the others', () => {
    const { cluster, labels, scores } = drawn(1);
    const truth = truthWith(120, { schema: ONE_UNIT, actionUnits: labels, cluster });
    const { fold, count } = foldsOf(truth, { folds: 4, seed: 3 });
    expect(count).toBe(4);
    const decisions = crossFit(scores, truth, 'max-f1', { folds: 4, seed: 3 });
    for (let part = 0; part < count; part++) {
      const others = labels.map((_, i) => (fold[i] === part ? 0 : 1));
      const known = { actionUnits: labels, actionUnitsKnown: others };
      const expected = decideUnits(scores, thresholdsOf(scores, known, 'max-f1', 1));
      fold.forEach((one, i) => {
        if (one === part) expect(decisions[i]).toBe(expected[i]);
      });
    }
  });

  it.each(['max-f1', 'break-even', 'break-even-reference'] as const)(
    "never uses a fold's own labels (%s): when they are flipped its decisions stay",
    (rule) => {
      let changed = 0;
      for (const seed of [1, 2, 3]) {
        const { cluster, labels, scores } = drawn(seed);
        const decide = (actionUnits: number[]) =>
          crossFit(scores, truthWith(120, { schema: ONE_UNIT, actionUnits, cluster }), rule);
        const { fold, count } = foldsOf(truthWith(120, { schema: ONE_UNIT, actionUnits: labels, cluster }));
        const before = decide(labels);
        for (let part = 0; part < count; part++) {
          const after = decide(labels.map((label, i) => (fold[i] === part ? 1 - label : label)));
          fold.forEach((one, i) => {
            if (one === part) expect(after[i]).toBe(before[i]);
            else if (after[i] !== before[i]) changed++;
          });
        }
      }
      expect(changed).toBeGreaterThan(0); // the labels do matter: to the other folds
    },
  );

  it('decides by 0.5 where all faces are of one cluster', () => {
    const scores = Float32Array.of(0.1, 0.3, 0.4, 0.6);
    const truth = truthWith(4, { schema: ONE_UNIT, actionUnits: [0, 1, 1, 1], cluster: [0, 0, 0, 0] });
    expect([...crossFit(scores, truth, 'max-f1')]).toEqual([0, 0, 0, 1]);
  });
});

describe('folds', () => {
  it('keep clusters whole, repeat with the seed, and change with it', () => {
    const random = Random.seeded(9);
    const cluster = Array.from({ length: 300 }, () => random.integer(30));
    const truth = truthWith(300, { schema: ONE_UNIT, actionUnits: cluster.map(() => 1), cluster });
    const { fold, count } = foldsOf(truth, { seed: 5 });
    expect(count).toBe(5);
    const parts = new Map(cluster.map((one, i) => [one, fold[i]]));
    expect(cluster.map((one) => parts.get(one))).toEqual([...fold]);
    expect(foldsOf(truth, { seed: 5 }).fold).toEqual(fold);
    expect(foldsOf(truth, { seed: 6 }).fold).not.toEqual(fold);
  });

  it('are as large as each other, and as rich in labels that only some clusters have', () => {
    // 40 clusters of 5 faces; 10 of them have labels.
    const cluster = Array.from({ length: 200 }, (_, i) => Math.floor(i / 5));
    const labelled = cluster.map((one) => (one % 4 === 0 ? 1 : 0));
    const truth = truthWith(200, {
      schema: ONE_UNIT,
      actionUnits: labelled,
      actionUnitsKnown: labelled,
      cluster,
    });
    for (let seed = 0; seed < 5; seed++) {
      const { fold } = foldsOf(truth, { seed });
      const counted = (rows: readonly number[]) =>
        [0, 1, 2, 3, 4].map((part) => rows.filter((row, i) => row && fold[i] === part).length);
      expect(counted(cluster.map(() => 1))).toEqual([40, 40, 40, 40, 40]);
      expect(counted(labelled)).toEqual([10, 10, 10, 10, 10]);
    }
  });

  it('are no more than clusters; fewer than two are no choice', () => {
    const truth = truthWith(6, { cluster: [0, 0, 1, 1, 2, 2] });
    expect(foldsOf(truth).count).toBe(3);
    expect(() => foldsOf(truth, { folds: 1 })).toThrow('1 folds; expected a whole number from 2 to 255');
  });
});
