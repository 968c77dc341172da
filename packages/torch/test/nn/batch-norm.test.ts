import { nn, ones, type Tensor, tidy } from '@mien/torch';
import { describe, expect, it } from 'vitest';
import { expectClose, normal, numbers } from './support.js';

const EPS = 1e-5;

interface Statistics {
  mean: number[];
  biased: number[];
  unbiased: number[];
}

/** [B, C, …] as the values of each channel. */
function channels(x: Tensor): number[][] {
  const [B, C, ...rest] = x.shape as [number, number, ...number[]];
  const inner = rest.reduce((product, n) => product * n, 1);
  const flat = numbers(x);
  const values = Array.from({ length: C }, (): number[] => []);
  for (let i = 0; i < B * C * inner; i++) values[Math.floor(i / inner) % C]?.push(flat[i] as number);
  return values;
}

function statistics(x: Tensor): Statistics {
  const values = channels(x);
  const mean = values.map((v) => v.reduce((a, b) => a + b, 0) / v.length);
  const squares = values.map((v, c) => v.reduce((sum, y) => sum + (y - (mean[c] as number)) ** 2, 0));
  const n = values[0]?.length as number;
  return { mean, biased: squares.map((s) => s / n), unbiased: squares.map((s) => s / (n - 1)) };
}

const mix = (old: number[], fresh: number[], momentum: number) =>
  old.map((x, i) => (1 - momentum) * x + momentum * (fresh[i] as number));

function expectNormalised(
  y: Tensor,
  x: Tensor,
  layer: nn.BatchNorm,
  mean: number[],
  variance: number[],
): void {
  const weight = layer.weight ? numbers(layer.weight) : undefined;
  const bias = layer.bias ? numbers(layer.bias) : undefined;
  const expected = channels(x).map((values, c) =>
    values.map(
      (v) =>
        ((v - (mean[c] as number)) / Math.sqrt((variance[c] as number) + layer.eps)) * (weight?.[c] ?? 1) +
        (bias?.[c] ?? 0),
    ),
  );
  expectClose(channels(y).flat(), expected.flat(), 1e-9);
}

const LAYOUTS = [
  { make: nn.BatchNorm1d, shape: [6, 3] },
  { make: nn.BatchNorm1d, shape: [4, 3, 5] },
  { make: nn.BatchNorm2d, shape: [2, 3, 4, 5] },
];

describe.each(LAYOUTS)('batch normalisation of $shape', ({ make, shape }) => {
  it('uses the batch and moves the running statistics in training mode', () => {
    const layer = new make(3, { dtype: 'float64' });
    tidy(() =>
      layer.loadStateDict(
        new Map([...layer.stateDict(), ['weight', normal([3], 8)], ['bias', normal([3], 9)]]),
      ),
    );
    let [mean, variance] = [
      [0, 0, 0],
      [1, 1, 1],
    ];
    for (let step = 1; step <= 3; step++) {
      const x = normal(shape, step).mul(step).add(step);
      const batch = statistics(x);
      expectNormalised(layer.forward(x), x, layer, batch.mean, batch.biased);
      mean = mix(mean as number[], batch.mean, 0.1);
      variance = mix(variance as number[], batch.unbiased, 0.1);
      expectClose(layer.runningMean as Tensor, mean);
      expectClose(layer.runningVar as Tensor, variance);
      expect(numbers(layer.numBatchesTracked as Tensor)).toEqual([step]);
    }
    layer.eval();
    const x = normal(shape, 99);
    expectNormalised(layer.forward(x), x, layer, mean as number[], variance as number[]);
    expectClose(layer.runningMean as Tensor, mean as number[]);
    expect(numbers(layer.numBatchesTracked as Tensor)).toEqual([3]);
  });

  it('averages over all batches without momentum', () => {
    const layer = new make(3, { dtype: 'float64', momentum: null });
    const batches = [1, 2, 3, 4].map((seed) => {
      const x = normal(shape, seed);
      layer.forward(x);
      return statistics(x);
    });
    const average = (of: (s: Statistics) => number[]) =>
      [0, 1, 2].map((c) => batches.reduce((sum, s) => sum + (of(s)[c] as number), 0) / batches.length);
    expectClose(
      layer.runningMean as Tensor,
      average((s) => s.mean),
    );
    expectClose(
      layer.runningVar as Tensor,
      average((s) => s.unbiased),
    );
  });

  it('uses the batch in both modes without running statistics', () => {
    const layer = new make(3, { dtype: 'float64', trackRunningStats: false, affine: false });
    expect([...layer.stateDict().keys()]).toEqual([]);
    const x = normal(shape, 1);
    const { mean, biased } = statistics(x);
    expectNormalised(layer.forward(x), x, layer, mean, biased);
    expectNormalised(layer.eval().forward(x), x, layer, mean, biased);
  });
});

describe('batch normalisation', () => {
  it('is at rest while frozen', () => {
    const layer = new nn.BatchNorm1d(2).freeze().train();
    layer.forward(normal([5, 2], 1).float());
    expect(
      [layer.runningMean, layer.runningVar, layer.numBatchesTracked].map((t) => numbers(t as Tensor)),
    ).toEqual([[0, 0], [1, 1], [0]]);
  });

  it('starts its statistics anew', () => {
    const layer = new nn.BatchNorm1d(2);
    layer.forward(normal([5, 2], 1).float());
    layer.resetRunningStats();
    expect(layer.buffers().map(numbers)).toEqual([[0, 0], [1, 1], [0]]);
  });

  it('begins as the identity, but for eps', () => {
    const x = normal([4, 2], 1);
    const y = new nn.BatchNorm1d(2, { dtype: 'float64' }).eval().forward(x);
    expectClose(
      y,
      numbers(x).map((v) => v / Math.sqrt(1 + EPS)),
    );
  });

  it('refuses other layouts, other channels, and a single value in training mode', () => {
    const two = new nn.BatchNorm2d(3);
    expect(() => two.forward(ones([2, 3]))).toThrow(
      'BatchNorm2d: expected [B, C, H, W] with 3 channels, found [2, 3]',
    );
    expect(() => two.forward(ones([2, 4, 1, 1]))).toThrow('with 3 channels, found [2, 4, 1, 1]');
    const one = new nn.BatchNorm1d(3);
    expect(() => one.forward(ones([1, 3]))).toThrow(/one value per channel has no variance.*found \[1, 3\]/);
    expect(one.eval().forward(ones([1, 3])).shape).toEqual([1, 3]);
  });
});
