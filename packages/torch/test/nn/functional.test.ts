import { nn, ones, tensor } from '@mien/torch';
import { describe, expect, it } from 'vitest';
import { expectClose, normal, numbers } from './support.js';

const F = nn.functional;
const float64 = { dtype: 'float64' } as const;

/** Rows of a matrix. */
const rows = (flat: number[], columns: number) =>
  Array.from({ length: flat.length / columns }, (_, i) => flat.slice(columns * i, columns * (i + 1)));
const logSoftmax = (row: number[]) => {
  const log = Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0));
  return row.map((x) => x - log);
};
const sum = (xs: number[]) => xs.reduce((a, b) => a + b, 0);
const mean = (xs: number[]) => sum(xs) / xs.length;

describe('cross entropy', () => {
  const logits = normal([5, 3], 1);
  const logs = rows(numbers(logits), 3).map(logSoftmax);
  const classes = [0, 2, 1, 1, 2];
  const target = tensor(classes, { dtype: 'int64' });
  const losses = classes.map((c, i) => -(logs[i]?.[c] as number));

  it('is −ln softmax at the target, reduced as said', () => {
    expectClose(F.crossEntropy(logits, target, { reduction: 'none' }), losses);
    expectClose(F.crossEntropy(logits, target), [mean(losses)]);
    expectClose(F.crossEntropy(logits, target, { reduction: 'sum' }), [sum(losses)]);
    expectClose(F.nllLoss(logits.logSoftmax(1), target), [mean(losses)]);
  });

  it('weighs classes, leaves out what is ignored, and smooths labels', () => {
    const weight = [0.5, 1, 3];
    const weights = classes.map((c) => weight[c] as number);
    expectClose(F.crossEntropy(logits, target, { weight: tensor(weight, float64) }), [
      sum(losses.map((loss, i) => loss * (weights[i] as number))) / sum(weights),
    ]);
    expectClose(F.crossEntropy(logits, target, { ignoreIndex: 1 }), [
      mean(losses.filter((_, i) => classes[i] !== 1)),
    ]);
    const smoothed = losses.map((loss, i) => 0.9 * loss - (0.1 / 3) * sum(logs[i] as number[]));
    expectClose(F.crossEntropy(logits, target, { labelSmoothing: 0.1 }), [mean(smoothed)]);
  });

  it('takes probabilities as targets', () => {
    const soft = normal([5, 3], 2).softmax(1);
    const expected = rows(numbers(soft), 3).map(
      (row, i) => -sum(row.map((p, c) => p * (logs[i]?.[c] as number))),
    );
    expectClose(F.crossEntropy(logits, soft), [mean(expected)]);
  });
});

describe('binary cross entropy', () => {
  it('is −[y ln σ + (1 − y) ln(1 − σ)], weighted', () => {
    const x = normal([4, 2], 1);
    const y = normal([4, 2], 2).sigmoid();
    const [weight, posWeight] = [
      [2, 0.5],
      [3, 1],
    ];
    const targets = numbers(y);
    const loss = (w: number[], pos: number[]) =>
      numbers(x).map((v, i) => {
        const p = 1 / (1 + Math.exp(-v));
        const t = targets[i] as number;
        return -(w[i % 2] as number) * ((pos[i % 2] as number) * t * Math.log(p) + (1 - t) * Math.log(1 - p));
      });
    expectClose(F.bceWithLogits(x, y), [mean(loss([1, 1], [1, 1]))]);
    const options = { weight: tensor(weight, float64), posWeight: tensor(posWeight, float64) };
    expectClose(F.bceWithLogits(x, y, { ...options, reduction: 'none' }), loss(weight, posWeight));
  });
});

describe('distances', () => {
  const [x, y] = [normal([6], 1), normal([6], 2)];
  const differences = numbers(x.sub(y));

  it('are those of their formulas', () => {
    const each = (formula: (d: number) => number) => differences.map((d) => formula(Math.abs(d)));
    expectClose(
      F.mseLoss(x, y, { reduction: 'none' }),
      each((d) => d * d),
    );
    expectClose(F.mseLoss(x, y), [mean(each((d) => d * d))]);
    expectClose(F.l1Loss(x, y, { reduction: 'sum' }), [sum(each((d) => d))]);
    expectClose(F.smoothL1Loss(x, y, { beta: 0.7 }), [
      mean(each((d) => (d < 0.7 ? d ** 2 / 1.4 : d - 0.35))),
    ]);
    expectClose(F.huberLoss(x, y, { delta: 0.7 }), [
      mean(each((d) => (d < 0.7 ? d ** 2 / 2 : 0.7 * (d - 0.35)))),
    ]);
  });

  it('refuse other reductions', () => {
    expect(() => F.mseLoss(x, y, { reduction: 'average' as 'mean' })).toThrow("found 'average'");
  });
});

describe('Kullback–Leibler divergence', () => {
  it('is the mean over the batch of Σ y (ln y − x)', () => {
    const [p, q] = [normal([3, 4], 1).softmax(1), normal([3, 4], 2).logSoftmax(1)];
    const qs = numbers(q);
    const terms = numbers(p).map((v, i) => v * (Math.log(v) - (qs[i] as number)));
    expectClose(F.klDiv(q, p), [sum(terms) / 3]);
    expectClose(F.klDiv(q, p, { reduction: 'mean' }), [mean(terms)]);
    expectClose(F.klDiv(q, p.log(), { logTarget: true, reduction: 'none' }), terms);
  });

  it('is nothing for equal laws', () => {
    expectClose(F.klDiv(ones([2, 4], float64).logSoftmax(1), ones([2, 4], float64).softmax(1)), [0]);
  });
});
