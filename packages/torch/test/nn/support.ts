// What the tests of nn and optim share.
import { generator, nn, ones, randn, type Tensor, tidy, zeros } from '@mien/torch';
import { expect } from 'vitest';

/** A tensor's elements as plain numbers. */
export function numbers(tensor: Tensor): number[] {
  return tidy(() => Array.from(tensor.toTypedArray() as ArrayLike<number | bigint>, Number));
}

/** Every element is within `atol + rtol·|expected|`. */
export function expectClose(
  found: Tensor | readonly number[],
  expected: Tensor | readonly number[],
  rtol = 1e-12,
): void {
  const [a, b] = [found, expected].map((x) => (Array.isArray(x) ? x : numbers(x as Tensor))) as [
    number[],
    number[],
  ];
  expect(a.length).toBe(b.length);
  const worst = a.reduce((most, x, i) => {
    const y = b[i] as number;
    const off = Object.is(x, y) ? 0 : Math.abs(x - y) / (1 + Math.abs(y));
    return off > most || Number.isNaN(off) ? off : most;
  }, 0);
  expect(worst, `largest relative difference among ${a.length} elements`).toBeLessThanOrEqual(rtol);
}

/** Standard normal float64 numbers that depend on the seed alone. */
export function normal(shape: number[], seed: number): Tensor {
  return randn(shape, { dtype: 'float64', generator: generator({ seed }) });
}

/** Bit for bit, so that −0 is not 0 and NaN is NaN. */
export function expectSame(found: Iterable<Tensor>, expected: Iterable<Tensor>): void {
  expect([...found].map(numbers)).toEqual([...expected].map(numbers));
}

export type Named = Record<string, nn.Module>;

/** A head of the network below, with a parameter and buffers of its own between its children. */
class Head extends nn.Module {
  readonly bn0 = new nn.BatchNorm1d(6);
  readonly fc0 = this.registerModule('fc_0', new nn.Linear(6, 4));
  readonly scale = new nn.Parameter(ones([1]));
  readonly mean = this.registerBuffer('mean', zeros([4]));
  readonly scratch = this.registerBuffer('scratch', zeros([2]), { persistent: false });
  readonly relu = new nn.ReLU();
  readonly bn1 = new nn.BatchNorm1d(4, { affine: false });
  readonly gru = this.registerModule(
    'GRU_layer',
    new nn.GRU(4, 3, { batchFirst: true, bidirectional: true }),
  );
  readonly fc1 = this.registerModule('fc_1', new nn.Linear(6, 2, { bias: false }));

  override forward(input: Tensor): Tensor {
    return this.fc1.forward(input);
  }
}

/** One of every layer: the network of `fixtures/make-golden.py`. */
export function compositeNetwork(): nn.Sequential {
  return new nn.Sequential({
    stem: new nn.Sequential(
      new nn.Conv2d(3, 6, 3, { stride: 2, padding: 1, bias: false }),
      new nn.BatchNorm2d(6, { eps: 1e-4, momentum: null }),
      new nn.ReLU6({ inplace: true }),
      new nn.MaxPool2d(3, { stride: 2, ceilMode: true }),
      new nn.Conv2d(6, 6, [3, 1], { padding: 'same', groups: 3, dilation: 2 }),
      new nn.BatchNorm2d(6, { trackRunningStats: false }),
      new nn.SiLU(),
      new nn.Hardswish(),
      new nn.Hardsigmoid(),
      new nn.Dropout2d(0.25),
      new nn.AvgPool2d(2, { padding: 1 }),
      new nn.AdaptiveAvgPool2d(1),
      new nn.Flatten(),
    ),
    heads: new nn.ModuleList([new Head(), new Head()]),
    others: new nn.ModuleDict<nn.Module>({
      gru: new nn.GRU(4, 3, { numLayers: 2, dropout: 0.5, bias: false }),
      gelu: new nn.GELU(),
      softmax: new nn.Softmax(1),
      tanh: new nn.Tanh(),
      sigmoid: new nn.Sigmoid(),
      identity: new nn.Identity(),
      dropout: new nn.Dropout(0.5),
    }),
  });
}

/** A small classifier with batch normalisation: [B, 3, 8, 8] -> [B, 4]. */
export function smallNetwork(seed = 0, dtype: 'float32' | 'float64' = 'float32'): nn.Sequential {
  const options = { dtype, generator: generator({ seed }) };
  return new nn.Sequential(
    new nn.Conv2d(3, 5, 3, { stride: 2, ...options }),
    new nn.BatchNorm2d(5, { dtype }),
    new nn.ReLU({ inplace: true }),
    new nn.AdaptiveAvgPool2d(1),
    new nn.Flatten(),
    new nn.Linear(5, 4, options),
  );
}
