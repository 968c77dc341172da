import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import {
  ActionUnitMetric,
  concordance,
  ExpressionMetric,
  momentsOf,
  scoresOf,
  ValenceArousalMetric,
} from 'mien/judging';
import { Random } from 'mien/random';
import { describe, expect, it } from 'vitest';
import { GOLDEN } from '../support/golden.js';

describe('expressions', () => {
  // Class 0: 2 of 3 found, 1 false alarm. Class 1: 1 of 2, 1 false alarm. Class 2: predicted once, never true.
  const truth = [0, 0, 0, 1, 1];
  const predicted = [0, 0, 1, 1, 2];
  const metric = () => {
    const one = new ExpressionMetric(4);
    one.update(predicted, truth);
    return one;
  };

  it('have an F1 per class, accuracy, and a mean over the classes that occur or over all', () => {
    const found = metric().compute();
    expect(found).toEqual({
      f1: expect.closeTo((4 / 5 + 1 / 2 + 0) / 3, 15),
      accuracy: 3 / 5,
      balancedAccuracy: expect.closeTo((2 / 3 + 1 / 2) / 2, 15),
      f1PerClass: [4 / 5, 1 / 2, 0, 0],
      precisionPerClass: [1, 1 / 2, 0, 0],
      recallPerClass: [2 / 3, 1 / 2, 0, 0],
      samplesPerClass: [3, 2, 0, 0],
      samples: 5,
    });
    expect(metric().compute('all').f1).toBeCloseTo((4 / 5 + 1 / 2) / 4, 15);
  });

  it('leave out what is not known, and refuse what is no class', () => {
    const one = new ExpressionMetric(4);
    one.update([...predicted, 7], [...truth, -1], [1, 1, 1, 1, 1, 0]);
    expect(one.compute()).toEqual(metric().compute());
    expect(() => one.update([4], [0])).toThrow('row 0 has class 4; expected 0 … 3');
    expect(() => one.update([1, 2], [0])).toThrow(RangeError);
    const { f1, accuracy, balancedAccuracy, samples, ...perClass } = new ExpressionMetric(3).compute('all');
    expect([f1, accuracy, balancedAccuracy, samples]).toEqual([0, 0, 0, 0]);
    for (const values of Object.values(perClass)) expect(values).toEqual([0, 0, 0]);
  });
});

describe('action units', () => {
  it('have an F1 per unit, its mean over units with labels, and accuracy over all entries', () => {
    const metric = new ActionUnitMetric(3);
    // Unit 0: one hit, one false alarm. Unit 1: missed once, one true negative. Unit 2: never labelled.
    metric.update([1, 0, 1, 1, 0, 0], [1, 1, 0, 0, 0, 0], [1, 1, 0, 1, 1, 0]);
    metric.update([1, 1, 1], [0, 0, 0], [0, 0, 0]);
    expect(metric.compute()).toEqual({
      f1: (2 / 3 + 0) / 2,
      accuracy: 2 / 4,
      meanAccuracy: (1 / 2 + 1 / 2) / 2,
      f1PerUnit: [2 / 3, 0, 0],
      precisionPerUnit: [1 / 2, 0, 0],
      recallPerUnit: [1, 0, 0],
      accuracyPerUnit: [1 / 2, 1 / 2, 0],
      samplesPerUnit: [2, 2, 0],
      positivesPerUnit: [1, 1, 0],
      samples: 2,
    });
    expect(() => metric.update([1, 0], [1, 0])).toThrow(RangeError);
  });
});

describe('valence and arousal', () => {
  it('have concordance with population moments; each of the two may be unknown', () => {
    const metric = new ValenceArousalMetric();
    metric.update([1, 9, 2, 1, 3, 2, 8, 3], [1, 9, 3, 1, 2, 2, 8, 4], [1, 0, 1, 1, 1, 1, 0, 1]);
    // Valence (1, 1), (2, 3), (3, 2): covariance 1/3, variances 2/3. Arousal (1, 1), (2, 2), (3, 4).
    const { valence, arousal, ccc, samples } = metric.compute();
    expect(valence.ccc).toBeCloseTo(2 / 3 / (4 / 3), 15);
    expect(arousal.ccc).toBeCloseTo(2 / (2 / 3 + 14 / 9 + 1 / 9), 15);
    expect(ccc).toBe((valence.ccc + arousal.ccc) / 2);
    expect([valence.samples, arousal.samples, samples]).toEqual([3, 3, 4]);
    expect(valence.rmse).toBeCloseTo(Math.sqrt(2 / 3), 15);
    expect(valence.pearson).toBeCloseTo(1 / 2, 15);
    expect(arousal.pearson).toBeCloseTo(1 / Math.sqrt((2 / 3) * (14 / 9)), 15);
  });

  it('agree in sign as numpy.sign has it: 0 is a sign of its own, and −0 is 0', () => {
    const metric = new ValenceArousalMetric();
    metric.update([0.5, 0, -0.5, 0, 0.1, -0, 0, 0], [0.1, 0.2, -0.1, 0, -0.1, 0, 0, 0.1]);
    const { valence, arousal } = metric.compute();
    expect([valence.signAgreement, arousal.signAgreement]).toEqual([3 / 4, 2 / 4]);
  });

  it('has the mean of the CCCs that have labels', () => {
    const metric = new ValenceArousalMetric();
    metric.update([0, 9, 1, 9], [0, 0, 1, 0], [1, 0, 1, 0]);
    expect(metric.compute()).toMatchObject({ ccc: 1, arousal: { ccc: 0, rmse: 0, samples: 0 } });
  });

  it('is 0 without values and for constants, with no help of rounding errors', () => {
    const none = { ccc: 0, pearson: 0, rmse: 0, signAgreement: 0, samples: 0 };
    expect(new ValenceArousalMetric().compute()).toEqual({
      valence: none,
      arousal: none,
      ccc: 0,
      samples: 0,
    });
    const constant = new Array(1000).fill(0.1);
    expect(concordance(momentsOf(constant))).toBe(0);
    expect(concordance(momentsOf(constant.map((value, i) => (i % 2 ? value : Math.sin(i)))))).toBe(0);
  });

  it('keeps its digits where all values are close together', () => {
    const random = Random.seeded(1);
    const pairs = Array.from({ length: 2000 }, () => random.integer(16) / 16);
    const moved = concordance(momentsOf(pairs.map((value) => value + 2 ** 20)));
    expect(moved).toBeCloseTo(concordance(momentsOf(pairs)), 7);
  });
});

describe('metrics of parts, merged in any grouping, are those of the whole', () => {
  const rows = fc.array(
    fc.record({
      expression: fc.tuple(fc.nat(6), fc.nat(6)),
      units: fc.array(fc.nat(1), { minLength: 6, maxLength: 6 }),
      va: fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 4, maxLength: 4 }),
      known: fc.array(fc.nat(1), { minLength: 6, maxLength: 6 }),
      part: fc.nat(3),
    }),
    { maxLength: 40 },
  );
  const make = () => ({
    EXPR: new ExpressionMetric(7),
    AU: new ActionUnitMetric(3),
    VA: new ValenceArousalMetric(),
  });

  it('for all three tasks', () => {
    fc.assert(
      fc.property(rows, (all) => {
        const parts = Array.from({ length: 4 }, make);
        const whole = make();
        for (const {
          expression: [guess, fact],
          units,
          va,
          known,
          part,
        } of all)
          for (const { EXPR, AU, VA } of [whole, parts[part] as ReturnType<typeof make>]) {
            EXPR.update([guess], [fact], known.slice(0, 1));
            AU.update(units.slice(0, 3), units.slice(3), known.slice(1, 4));
            VA.update(va.slice(0, 2), va.slice(2), known.slice(4));
          }
        const merged = make();
        for (const part of parts)
          for (const task of ['EXPR', 'AU', 'VA'] as const) {
            const sent = structuredClone({ ...part[task] }) as never; // as it arrives from another process
            merged[task].merge(sent);
          }
        expect(merged.EXPR.compute()).toEqual(whole.EXPR.compute());
        expect(merged.AU.compute()).toEqual(whole.AU.compute());
        const [found, expected] = [merged.VA.compute(), whole.VA.compute()];
        expect(found.samples).toBe(expected.samples);
        for (const dimension of ['valence', 'arousal'] as const)
          for (const [name, value] of Object.entries(expected[dimension]))
            expect(found[dimension][name as 'ccc']).toBeCloseTo(value, 7);
      }),
      { numRuns: 100 },
    );
  });
});

describe('scores', () => {
  const EXPR = new ExpressionMetric(2);
  EXPR.update([0, 1, 1], [0, 1, 0]);
  const AU = new ActionUnitMetric(1);
  AU.update([1, 1], [1, 0]);
  const VA = new ValenceArousalMetric();
  VA.update([0, 0, 1, 1], [0, 1, 1, 0]);

  it("are the challenge's, with their sum and their mean over tasks", () => {
    const scores = scoresOf({ EXPR, AU, VA });
    const ofExpression = 0.67 * ((2 / 3 + 2 / 3) / 2) + 0.33 * (2 / 3);
    const ofUnits = 0.5 * (2 / 3) + 0.5 * 0.5;
    expect(scores.EXPR?.score).toBeCloseTo(ofExpression, 15);
    expect(scores.AU?.score).toBeCloseTo(ofUnits, 15);
    expect(scores.VA).toEqual({ score: 0, cccValence: 1, cccArousal: -1 });
    expect(scores.total).toBeCloseTo(ofExpression + ofUnits + 0, 15);
    expect(scores.mean).toBeCloseTo((ofExpression + ofUnits + 0) / 3, 15);
    expect(scores.samples).toEqual({ EXPR: 3, AU: 2, VA: 2 });
  });

  it('are of the tasks that have labels', () => {
    const scores = scoresOf({ EXPR, AU: new ActionUnitMetric(4) });
    expect(Object.keys(scores).sort()).toEqual(['EXPR', 'mean', 'samples', 'total']);
    expect(scores.total).toBe(scores.mean);
    expect(scores.samples).toEqual({ EXPR: 3, AU: 0 });
    expect(scoresOf({})).toEqual({ total: 0, mean: 0, samples: {} });
  });
});

it("metrics and scores are the reference's, in batches of uneven size, as they come", () => {
  const cases = JSON.parse(readFileSync(`${GOLDEN}/metrics.json`, 'utf8'));
  expect(cases.length).toBeGreaterThan(0);
  for (const golden of cases) {
    const metrics = {
      EXPR: new ExpressionMetric(7),
      AU: new ActionUnitMetric(8),
      VA: new ValenceArousalMetric(),
    };
    for (let at = 0; at < golden.expr_true.length; at += 37) {
      const some = (values: number[]) => values.slice(at, at + 37).flat();
      metrics.EXPR.update(some(golden.expr_pred), some(golden.expr_true));
      metrics.AU.update(some(golden.au_pred), some(golden.au_true));
      metrics.VA.update(some(golden.va_pred), some(golden.va_true));
    }
    const { EXPR, AU, VA } = scoresOf(metrics);
    expect(EXPR?.score).toBeCloseTo(golden.EXPR.combined, 12);
    expect(AU?.score).toBeCloseTo(golden.AU.combined, 12);
    expect(2 * (VA?.score ?? 0)).toBeCloseTo(golden.VA.sum, 12);
  }
});
