import { aten, nn, tensor } from '@mien/torch';
import {
  actionUnitLoss,
  binsOf,
  classDivergence,
  DISTILLATION,
  decodeValenceArousal,
  dimensionLoss,
  discordance,
  expressionLoss,
  LOSS,
  unitCrossEntropy,
} from 'mien/learning/losses';
import { DECODE_POINTS } from 'mien/models';
import { Random } from 'mien/random';
import { describe, expect, it } from 'vitest';
import { CLASSES, matrix, normal, numbers, someLabels, UNITS } from './support.js';

const N = 5;
const random = Random.seeded(1);
const labels = someLabels(N, random, 1);
const rowsOf = (flat: number[], width: number) =>
  Array.from({ length: flat.length / width }, (_, i) => flat.slice(i * width, (i + 1) * width));
const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
const mean = (values: number[]) => sum(values) / values.length;
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const softmax = (row: number[]) => row.map((x) => Math.exp(x) / sum(row.map(Math.exp)));

describe('action units', () => {
  const logits = normal([N, UNITS], random);
  const entries = numbers(logits).map((s, i) => ({ p: sigmoid(s), y: numbers(labels.AU.target)[i] }));
  const lossOf = (settings: object) => actionUnitLoss(logits, labels.AU, LOSS.parse(settings)).item();

  it('bce is the mean of −ln of the probability of the label', () => {
    expect(lossOf({})).toBeCloseTo(mean(entries.map(({ p, y }) => -Math.log(y ? p : 1 - p))), 12);
  });

  it('focal is summed over units, with alpha on the positive term', () => {
    const costs = entries.map(({ p, y }) =>
      y ? -0.25 * (1 - p) ** 3 * Math.log(p) : -(p ** 3) * Math.log(1 - p),
    );
    expect(lossOf({ AU: 'focal', focalGamma: 3, focalAlpha: 0.25 })).toBeCloseTo(sum(costs) / N, 12);
  });

  it('asymmetric takes the clip off the probability of negatives; without powers and clip it is bce', () => {
    const costs = entries.map(({ p, y }) => {
      const q = Math.max(p - 0.1, 0);
      return y ? -(1 - p) * Math.log(p) : -(q ** 4) * Math.log(1 - q);
    });
    const asymmetric = { gammaPositive: 1, gammaNegative: 4, clip: 0.1 };
    expect(lossOf({ AU: 'asymmetric', asymmetric })).toBeCloseTo(mean(costs), 12);
    const none = { gammaPositive: 0, gammaNegative: 0, clip: 0 };
    expect(lossOf({ AU: 'asymmetric', asymmetric: none })).toBeCloseTo(lossOf({}), 12);
  });

  it("weighs positives as PyTorch's posWeight does", () => {
    const unitWeights = [1, 2, 3, 4, 0, 0.5, 1, 1];
    const posWeight = matrix(unitWeights, [UNITS]);
    const expected = nn.functional.bceWithLogits(logits, labels.AU.target, { posWeight }).item();
    expect(lossOf({ unitWeights })).toBeCloseTo(expected, 12);
    expect(() => lossOf({ unitWeights: [1, 2] })).toThrow('2 weights for 8 action units');
  });
});

describe('expressions', () => {
  const logits = normal([N, CLASSES], random);
  const classes = labels.EXPR.target.argmax(1);
  const lossOf = (settings: object) => expressionLoss(logits, labels.EXPR, LOSS.parse(settings)).item();

  it("ce is PyTorch's cross entropy, with class weights and smoothing", () => {
    const classWeights = [1, 2, 3, 4, 0.2, 0.5, 1];
    const weight = matrix(classWeights, [CLASSES]);
    const { crossEntropy } = nn.functional;
    expect(lossOf({})).toBeCloseTo(crossEntropy(logits, classes).item(), 12);
    expect(lossOf({ classWeights })).toBeCloseTo(crossEntropy(logits, classes, { weight }).item(), 12);
    expect(lossOf({ classWeights, labelSmoothing: 0.2 })).toBeCloseTo(
      crossEntropy(logits, classes, { weight, labelSmoothing: 0.2 }).item(),
      12,
    );
    expect(() => lossOf({ classWeights: [1] })).toThrow('1 weights for 7 expressions');
  });

  it('focal has a term of every class', () => {
    const costs = rowsOf(numbers(logits), CLASSES).map((row, i) =>
      sum(
        softmax(row).map((p, k) =>
          k === numbers(classes)[i] ? -0.5 * (1 - p) ** 2 * Math.log(p) : -(p ** 2) * Math.log(1 - p),
        ),
      ),
    );
    expect(lossOf({ EXPR: 'focal', focalAlpha: 0.5 })).toBeCloseTo(mean(costs), 12);
  });
});

describe('bins', () => {
  const values = Array.from({ length: 21 }, (_, k) => (k - 10) / 10);
  const FLOAT32 = [0, 1, 1, 3, 3, 5, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 16, 16, 18, 18, 19];
  const FLOAT64 = [0, 1, 2, 3, 4, 5, 5, 6, 7, 8, 10, 10, 11, 12, 13, 15, 15, 16, 18, 18, 19];
  const rule = (settings: object) => LOSS.parse(settings);

  it.each(['float32', 'float64'] as const)("of values on edges are the reference's, ties by %s", (ties) => {
    for (const dtype of ['float32', 'float64'] as const)
      expect(numbers(binsOf(tensor(values, { dtype }), rule({ ties })))).toEqual(
        ties === 'float32' ? FLOAT32 : FLOAT64,
      );
  });

  it('of values beyond −1 and 1 are the outer ones', () => {
    for (const bins of ['edges', 'points'])
      expect(numbers(binsOf(tensor([-5, -1.001, 1.001, 5]), rule({ bins })))).toEqual([0, 0, 19, 19]);
  });

  it.each(['endpoints', 'centres'] as const)('by points are the nearest of the %s', (decoding) => {
    const points = DECODE_POINTS[decoding];
    const draws = Array.from({ length: 500 }, () => random.between(-1, 1));
    const nearest = draws.map((value) => {
      const distances = points.map((point) => Math.abs(point - value));
      return distances.indexOf(Math.min(...distances));
    });
    expect(numbers(binsOf(matrix(draws, [500]), rule({ bins: 'points', decoding })))).toEqual(nearest);
    expect(numbers(binsOf(matrix([...points], [20]), rule({ bins: 'points', decoding })))).toEqual(
      points.map((_, k) => k),
    );
  });
});

describe('valence and arousal', () => {
  const logits = normal([N, 40], random, 3);
  const target = labels.VA.target.select(1, 0);
  const known = labels.VA.known.select(1, 0);
  const valence = logits.narrow(1, 0, 20);

  it.each(['endpoints', 'centres'] as const)('are decoded to the expectation of the %s', (decoding) => {
    const expected = rowsOf(numbers(logits), 20).map((row) =>
      sum(softmax(row).map((p, k) => p * (DECODE_POINTS[decoding][k] as number))),
    );
    const decoded = decodeValenceArousal(logits, decoding);
    expect(decoded.shape).toEqual([N, 2]);
    numbers(decoded).forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i] as number, 12);
    });
    expect([DECODE_POINTS.endpoints[0], DECODE_POINTS.endpoints[19]]).toEqual([-1, 1]);
    expect(DECODE_POINTS.centres[0]).toBeCloseTo(-0.95, 15);
  });

  it('discordance is 1 − 2ρσσ/(σ² + σ² + (μ − μ)²) with unbiased deviations', () => {
    const [x, y] = [numbers(decodeValenceArousal(logits, 'endpoints').select(1, 0)), numbers(target)];
    const [mx, my] = [mean(x), mean(y)];
    const [sx, sy] = [x, y].map((v) => Math.sqrt(sum(v.map((one) => (one - mean(v)) ** 2)) / (N - 1))) as [
      number,
      number,
    ];
    const rho = sum(x.map((one, i) => (one - mx) * ((y[i] as number) - my))) / ((N - 1) * sx * sy);
    const ccc = (epsilon: number) => (2 * rho * sx * sy) / (sx ** 2 + sy ** 2 + (mx - my) ** 2 + epsilon);
    for (const epsilon of [0, 0.5])
      expect(discordance(matrix(x, [N]), target, known, epsilon).item()).toBeCloseTo(1 - ccc(epsilon), 12);
    expect(discordance(target, target, known, 0).item()).toBeCloseTo(0, 12);
    expect(discordance(target.neg().add(target.mean().mul(2)), target, known, 0).item()).toBeCloseTo(2, 12);
  });

  it('is concordance and a criterion on bins; one known row has no concordance', () => {
    const lossOf = (settings: object, mask = known) =>
      dimensionLoss(valence, { target, known: mask }, LOSS.parse(settings)).item();
    const ce = nn.functional.crossEntropy(valence, binsOf(target, LOSS.parse({}))).item();
    const ccc = lossOf({ VA: 'ccc' });
    expect(lossOf({})).toBeCloseTo(ccc + ce, 12);
    expect(lossOf({ weights: { ccc: 3 } })).toBeCloseTo(3 * ccc + ce, 12);
    const bins = aten.oneHot(binsOf(target, LOSS.parse({})), 20);
    const focal = expressionLoss(valence, { target: bins, known }, LOSS.parse({ EXPR: 'focal' })).item();
    expect(lossOf({ VA: 'ccc-focal' })).toBeCloseTo(ccc + focal, 12);
    const one = matrix([0, 0, 1, 0, 0], [N]);
    expect(lossOf({ VA: 'ccc' }, one)).toBe(0);
    expect(lossOf({}, one)).toBeGreaterThan(0);
  });
});

describe('distillation', () => {
  const [student, teacher] = [normal([N, 20], random), normal([N, 20], random)];
  const divergence = (settings: object) =>
    numbers(classDivergence(student, teacher, DISTILLATION.parse(settings)));

  it("is PyTorch's batchmean divergence at a temperature, times its square where wanted", () => {
    const expected = nn.functional.klDiv(student.div(2).logSoftmax(1), teacher.div(2).softmax(1)).item();
    expect(mean(divergence({ temperature: 2 }))).toBeCloseTo(expected, 12);
    expect(mean(divergence({ temperature: 2, temperatureSquared: true }))).toBeCloseTo(4 * expected, 12);
    const huge = [student, teacher].map((one) => one.sign().mul(100).float()) as [
      typeof student,
      typeof student,
    ];
    expect(numbers(classDivergence(...huge, DISTILLATION.parse({}))).every(Number.isFinite)).toBe(true);
  });

  it('of action units is bce with soft labels', () => {
    const expected = nn.functional.bceWithLogits(student, teacher.sigmoid()).item();
    expect(unitCrossEntropy(student, teacher).mean().item()).toBeCloseTo(expected, 12);
  });
});
