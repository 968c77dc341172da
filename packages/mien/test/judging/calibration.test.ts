import fc from 'fast-check';
import { applyCalibration, fitCalibration, fitPlatt, fitTemperature } from 'mien/judging';
import { Random } from 'mien/random';
import { describe, expect, it } from 'vitest';
import { outputWith, SMALL, sigmoid, softmax, truthWith } from './support.js';

/** Mean negative log-likelihood of softmax(logits / T). */
function nll(logits: ArrayLike<number>, truth: ArrayLike<number>, temperature: number): number {
  const classes = logits.length / truth.length;
  const losses = Array.from(truth, (label, row) => {
    const own = Array.from(logits).slice(row * classes, (row + 1) * classes);
    const top = Math.max(...own);
    const sum = own.reduce((all, one) => all + Math.exp((one - top) / temperature), 0);
    return Math.log(sum) - ((own[label] as number) - top) / temperature;
  });
  return losses.reduce((sum, one) => sum + one, 0) / losses.length;
}

describe('a temperature', () => {
  /** Classes drawn by softmax(z), and logits T·z. */
  function simulated(seed: number, temperature: number, n: number, classes = 5) {
    const random = Random.seeded(seed);
    const logits = new Float32Array(n * classes);
    const truth = Int32Array.from({ length: n }, (_, row) => {
      const z = Array.from({ length: classes }, () => 2 * random.normal());
      logits.set(
        z.map((one) => temperature * one),
        row * classes,
      );
      let rest = random.float();
      const drawn = softmax(z).findIndex((p) => {
        rest -= p;
        return rest < 0;
      });
      return Math.max(0, drawn);
    });
    return { logits, truth };
  }

  it.each([0.5, 1, 3])('of %f is found again', (temperature) => {
    const { logits, truth } = simulated(1, temperature, 20_000);
    expect(fitTemperature(logits, truth) / temperature).toBeCloseTo(1, 1);
  });

  it('is the best one, and so never worse than none', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 2, max: 40 }), (seed, n) => {
        const { logits, truth } = simulated(seed, 1.5, n, 3);
        const found = fitTemperature(logits, truth);
        const least = nll(logits, truth, found);
        expect(least).toBeLessThanOrEqual(nll(logits, truth, 1) + 1e-12);
        for (const other of [found * 0.99, found * 1.01])
          if (other >= 0.05 && other <= 20)
            expect(least).toBeLessThanOrEqual(nll(logits, truth, other) + 1e-12);
      }),
      { numRuns: 50 },
    );
  });

  it('stays within its bounds where all is right or wrong, and is 1 where nothing can be known', () => {
    expect(fitTemperature([1, 0, 0, 1], [0, 1])).toBe(0.05);
    expect(fitTemperature([1, 0, 0, 1], [1, 0])).toBe(20);
    expect(fitTemperature([2, 2, 7, 7], [1, 0])).toBe(1);
    expect(fitTemperature([1, 0, 0, 1], [1, 0], [0, 0])).toBe(1);
    expect(fitTemperature([], [])).toBe(1);
  });

  it('is found for logits that are far apart', () => {
    // Two thirds right, with a certainty of e^−900: for even odds of 2 to 1, T = 900 / ln 2 is beyond the bound.
    expect(fitTemperature([900, 0, 900, 0, 900, 0], [0, 0, 1])).toBe(20);
    expect(fitTemperature([9, 0, 9, 0, 9, 0], [0, 0, 1])).toBeCloseTo(9 / Math.log(2), 6);
  });

  it('does not look at what is not known', () => {
    const { logits, truth } = simulated(2, 2, 400);
    const known = Uint8Array.from(truth, (_, i) => i % 2);
    const kept = simulated(2, 2, 400);
    const half = {
      logits: kept.logits.filter((_, i) => Math.floor(i / 5) % 2),
      truth: kept.truth.filter((_, i) => i % 2),
    };
    const spoilt = truth.map((one, i) => (i % 2 ? one : 4 - one));
    expect(fitTemperature(logits, spoilt, known)).toBe(fitTemperature(half.logits, half.truth));
  });
});

describe('Platt scaling', () => {
  function simulated(seed: number, n: number, slope: number, intercept: number) {
    const random = Random.seeded(seed);
    const logits = Float32Array.from({ length: n }, () => 3 * random.normal());
    const truth = logits.map((x) => (random.chance(sigmoid(slope * x + intercept)) ? 1 : 0));
    return { logits, truth };
  }

  /** Cross entropy with Platt's targets. */
  function loss(logits: ArrayLike<number>, truth: ArrayLike<number>, slope: number, intercept: number) {
    const positives = Array.from(truth).filter((one) => one === 1).length;
    const targets = [1 / (truth.length - positives + 2), (positives + 1) / (positives + 2)];
    return Array.from(logits).reduce((sum, x, i) => {
      const p = sigmoid(slope * x + intercept);
      const target = targets[truth[i] as number] as number;
      return sum - target * Math.log(p) - (1 - target) * Math.log(1 - p);
    }, 0);
  }

  it.each([
    [0.5, -1],
    [1, 0],
    [2, 1.5],
  ])('by slope %f and intercept %f is found again', (slope, intercept) => {
    const { logits, truth } = simulated(3, 40_000, slope, intercept);
    const found = fitPlatt(logits, truth);
    expect((found?.slope ?? 0) / slope).toBeCloseTo(1, 1);
    expect(found?.intercept).toBeCloseTo(intercept, 1);
  });

  it('is the best there is, and so never worse than none', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 2, max: 40 }), (seed, n) => {
        const { logits, truth } = simulated(seed, n, 0.7, -0.5);
        const found = fitPlatt(logits, truth);
        if (!found) return;
        const { slope, intercept } = found;
        const least = loss(logits, truth, slope, intercept);
        expect(least).toBeLessThanOrEqual(loss(logits, truth, 1, 0) + 1e-9);
        for (const [a, b] of [
          [0.01, 0],
          [-0.01, 0],
          [0, 0.01],
          [0, -0.01],
        ] as const)
          expect(least).toBeLessThanOrEqual(loss(logits, truth, slope + a, intercept + b) + 1e-9);
      }),
      { numRuns: 100 },
    );
  });

  it('is left out where one kind only is known, nothing is, or the order would be turned round', () => {
    expect(fitPlatt([1, 2, 3], [1, 1, 1])).toBeUndefined();
    expect(fitPlatt([1, 2, 3], [0, 1, 1], [0, 1, 1])).toBeUndefined();
    expect(fitPlatt([], [])).toBeUndefined();
    expect(fitPlatt([-2, -1, 1, 2], [1, 1, 0, 0])).toBeUndefined();
    expect(fitPlatt([-2, -1, 1, 2], [0, 0, 1, 1])?.slope).toBeGreaterThan(0);
  });
});

describe('calibration', () => {
  it('divides the logits of expressions, and scales and shifts those of action units', () => {
    const output = {
      name: 'a',
      schema: SMALL,
      length: 1,
      EXPR: Float32Array.of(2, 4, 6),
      AU: Float32Array.of(1, 3),
    };
    const calibrated = applyCalibration(output, { EXPR: 2, AU: { AU12: { slope: 0.5, intercept: 1 } } });
    expect(calibrated).toEqual({ ...output, EXPR: Float32Array.of(1, 2, 3), AU: Float32Array.of(1, 2.5) });
    expect(applyCalibration(output, undefined)).toEqual(output);
  });

  it('is fitted by task and unit, as far as there are labels', () => {
    const output = outputWith(60, 4);
    const expression = Array.from({ length: 60 }, (_, i) => i % 3);
    const actionUnits = Array.from({ length: 120 }, (_, i) => (i % 2 ? 0 : i % 4 ? 1 : 0)); // AU12 never
    const only = (unit: number) => Array.from(output.AU ?? []).filter((_, i) => i % 2 === unit);
    const found = fitCalibration(output, truthWith(60, { expression, actionUnits }));
    expect(found.EXPR).toBe(fitTemperature(output.EXPR as Float32Array, expression));
    const platt = fitPlatt(
      only(0),
      actionUnits.filter((_, i) => i % 2 === 0),
    );
    expect(found.AU).toEqual(platt ? { AU1: platt } : undefined);
    expect(fitCalibration(output, truthWith(60))).toEqual({});
  });
});
