import { fromTypedArray, generator, manualSeed, nn, ones, type Tensor, tensor, tidy } from '@mien/torch';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectClose, normal, numbers } from './support.js';

/** An array of four dimensions with a shape. */
class Array4 {
  readonly values: Float64Array;
  constructor(
    readonly shape: number[],
    values?: ArrayLike<number>,
  ) {
    this.values = Float64Array.from(values ?? new Float64Array(shape.reduce((product, n) => product * n, 1)));
  }
  static of(t: Tensor): Array4 {
    return new Array4(t.shape, numbers(t));
  }
  #at([b, c, y, x]: number[]): number {
    const [, C, H, W] = this.shape as [number, number, number, number];
    return (((b as number) * C + (c as number)) * H + (y as number)) * W + (x as number);
  }
  get(...index: number[]): number {
    return this.values[this.#at(index)] as number;
  }
  /** Value, or `outside` beyond the borders. */
  padded(outside: number, b: number, c: number, y: number, x: number): number {
    const [, , H, W] = this.shape as [number, number, number, number];
    return y < 0 || x < 0 || y >= H || x >= W ? outside : this.get(b, c, y, x);
  }
  set(value: number, ...index: number[]): void {
    this.values[this.#at(index)] = value;
  }
  each(body: (b: number, c: number, y: number, x: number) => number): this {
    const [B, C, H, W] = this.shape as [number, number, number, number];
    for (let b = 0; b < B; b++)
      for (let c = 0; c < C; c++)
        for (let y = 0; y < H; y++) for (let x = 0; x < W; x++) this.set(body(b, c, y, x), b, c, y, x);
    return this;
  }
}

/** Cross-correlation by its definition. */
function conv2d(
  x: Array4,
  w: Array4,
  bias: number[],
  [s, p, d, groups]: [number, number, number, number],
): Array4 {
  const [B, , H, W] = x.shape as [number, number, number, number];
  const [O, I, kH, kW] = w.shape as [number, number, number, number];
  const size = (n: number, k: number) => Math.floor((n + 2 * p - d * (k - 1) - 1) / s) + 1;
  return new Array4([B, O, size(H, kH), size(W, kW)]).each((b, o, oy, ox) => {
    const group = Math.floor(o / (O / groups));
    let sum = bias[o] ?? 0;
    for (let i = 0; i < I; i++)
      for (let ky = 0; ky < kH; ky++)
        for (let kx = 0; kx < kW; kx++)
          sum +=
            w.get(o, i, ky, kx) * x.padded(0, b, group * I + i, oy * s - p + ky * d, ox * s - p + kx * d);
    return sum;
  });
}

const float64 = { dtype: 'float64' } as const;

describe('Conv2d', () => {
  it('is cross-correlation for every stride, padding, dilation and group', () => {
    const options = fc.record({
      stride: fc.integer({ min: 1, max: 3 }),
      padding: fc.integer({ min: 0, max: 2 }),
      dilation: fc.integer({ min: 1, max: 2 }),
      groups: fc.constantFrom(1, 2),
      bias: fc.boolean(),
    });
    fc.assert(
      fc.property(options, fc.constantFrom(1, 3), fc.integer({ max: 1e6 }), (given, kernel, seed) => {
        tidy(() => {
          const layer = new nn.Conv2d(4, 6, kernel, { ...given, ...float64 });
          const x = normal([2, 4, 7, 6], seed);
          const y = layer.forward(x);
          const { stride, padding, dilation, groups } = given;
          const bias = layer.bias === null ? [] : numbers(layer.bias);
          const expected = conv2d(Array4.of(x), Array4.of(layer.weight), bias, [
            stride,
            padding,
            dilation,
            groups,
          ]);
          expect(y.shape).toEqual(expected.shape);
          expectClose(y, [...expected.values]);
          layer.dispose();
        });
      }),
      { numRuns: 30 },
    );
  });

  it('keeps the size with padding same, and takes none with valid', () => {
    const x = normal([1, 1, 6, 5], 1);
    const same = new nn.Conv2d(1, 1, 3, { padding: 'same', dilation: 2, ...float64 });
    const valid = new nn.Conv2d(1, 1, [2, 3], { padding: 'valid', ...float64 });
    const expected = conv2d(Array4.of(x), Array4.of(same.weight), numbers(same.bias as Tensor), [1, 2, 2, 1]);
    expectClose(same.forward(x), [...expected.values]);
    expect(valid.forward(x).shape).toEqual([1, 1, 5, 3]);
  });

  it('refuses sizes that cannot be', () => {
    expect(() => new nn.Conv2d(0, 1, 3)).toThrow(
      'expected inChannels to be an integer of at least 1, found 0',
    );
    expect(() => new nn.Conv2d(1, 1.5, 3)).toThrow('outChannels');
    expect(() => new nn.Conv2d(3, 4, 1, { groups: 2 })).toThrow(/2 groups/);
    expect(() => new nn.Conv2d(3, 4, 3, { stride: 2, padding: 'same' })).toThrow(/needs stride 1/);
  });
});

describe('Linear', () => {
  it('is x·Wᵀ + b along the last dimension', () => {
    const layer = new nn.Linear(3, 2, float64);
    const x = normal([4, 5, 3], 2);
    const [xs, w, b] = [x, layer.weight, layer.bias as Tensor].map(numbers) as [number[], number[], number[]];
    const expected = Array.from({ length: 40 }, (_, at) => {
      const [row, o] = [Math.floor(at / 2), at % 2];
      return [0, 1, 2].reduce(
        (sum, i) => sum + (xs[row * 3 + i] as number) * (w[o * 3 + i] as number),
        b[o] as number,
      );
    });
    const y = layer.forward(x);
    expect(y.shape).toEqual([4, 5, 2]);
    expectClose(y, expected);
  });
});

describe('pooling', () => {
  const x = normal([2, 3, 7, 8], 3);
  const xs = Array4.of(x);

  it.each([
    { kernel: 3, stride: 2, padding: 0, ceilMode: true, sizes: [3, 4] },
    { kernel: 3, stride: 2, padding: 1, ceilMode: false, sizes: [4, 4] },
    { kernel: 2, stride: undefined, padding: 0, ceilMode: false, sizes: [3, 4] },
  ])('takes the largest of a window: $kernel, stride $stride, padding $padding', (given) => {
    const { kernel, stride = kernel, padding, ceilMode, sizes } = given;
    const options = { padding, ceilMode, ...(given.stride && { stride: given.stride }) };
    const y = new nn.MaxPool2d(kernel, options).forward(x);
    const expected = new Array4([2, 3, ...sizes]).each((b, c, oy, ox) => {
      let most = -Infinity;
      for (let ky = 0; ky < kernel; ky++)
        for (let kx = 0; kx < kernel; kx++)
          most = Math.max(
            most,
            xs.padded(-Infinity, b, c, oy * stride - padding + ky, ox * stride - padding + kx),
          );
      return most;
    });
    expect(y.shape).toEqual(expected.shape);
    expectClose(y, [...expected.values]);
  });

  it('averages a window, with or without the zeros around', () => {
    const average = (countIncludePad: boolean) =>
      new Array4([2, 3, 4, 5]).each((b, c, oy, ox) => {
        let [sum, count] = [0, 0];
        for (let k = 0; k < 4; k++) {
          const value = xs.padded(Number.NaN, b, c, oy * 2 - 1 + (k >> 1), ox * 2 - 1 + (k & 1));
          if (!Number.isNaN(value)) sum += value;
          if (countIncludePad || !Number.isNaN(value)) count++;
        }
        return sum / count;
      });
    for (const countIncludePad of [true, false]) {
      const y = new nn.AvgPool2d(2, { padding: 1, countIncludePad }).forward(x);
      expect(y.shape).toEqual([2, 3, 4, 5]);
      expectClose(y, [...average(countIncludePad).values]);
    }
  });

  it('averages the whole map', () => {
    const expected = new Array4([2, 3, 1, 1]).each((b, c) => {
      let sum = 0;
      for (let i = 0; i < 56; i++) sum += xs.get(b, c, Math.floor(i / 8), i % 8);
      return sum / 56;
    });
    expectClose(new nn.AdaptiveAvgPool2d(1).forward(x), [...expected.values]);
    expect(new nn.AdaptiveAvgPool2d([7, 1]).forward(x).shape).toEqual([2, 3, 7, 1]);
  });
});

describe('activations', () => {
  const clamp = (x: number, low: number, high: number) => Math.min(Math.max(x, low), high);
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
  const tanhGelu = (x: number) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
  const cases: [nn.Layer, (x: number) => number][] = [
    [new nn.ReLU(), (x) => Math.max(x, 0)],
    [new nn.ReLU6(), (x) => clamp(x, 0, 6)],
    [new nn.SiLU(), (x) => x * sigmoid(x)],
    [new nn.Hardswish(), (x) => (x * clamp(x + 3, 0, 6)) / 6],
    [new nn.Hardsigmoid(), (x) => clamp(x + 3, 0, 6) / 6],
    [new nn.Sigmoid(), sigmoid],
    [new nn.Tanh(), Math.tanh],
    [new nn.GELU({ approximate: 'tanh' }), tanhGelu],
  ];
  const xs = Array.from({ length: 41 }, (_, i) => (i - 20) / 2.5);

  it.each(cases)('%s follows its formula', (layer, formula) => {
    expectClose(layer.forward(tensor(xs, float64)), xs.map(formula), 1e-12);
  });

  it.each([nn.ReLU, nn.ReLU6, nn.SiLU, nn.Hardswish, nn.Hardsigmoid])('%o works in place', (Activation) => {
    const x = tensor(xs, float64);
    const expected = numbers(new Activation().forward(x));
    expect(new Activation({ inplace: true }).forward(x)).toBe(x);
    expectClose(x, expected);
  });

  it('GELU is x times the normal distribution function', () => {
    // Φ by its series: ½ + φ(x)·(x + x³/3 + x⁵/15 + …).
    const phi = (x: number) => {
      let [term, sum] = [x, x];
      for (let k = 1; k < 200; k++) sum += term *= (x * x) / (2 * k + 1);
      return 0.5 + sum * Math.exp((-x * x) / 2) * (1 / Math.sqrt(2 * Math.PI));
    };
    const few = xs.filter((x) => Math.abs(x) < 4);
    expectClose(
      new nn.GELU().forward(tensor(few, float64)),
      few.map((x) => x * phi(x)),
      1e-12,
    );
  });

  it('Softmax sums to one along its dimension and does not see a shift', () => {
    const x = normal([3, 4, 2], 5);
    const y = new nn.Softmax(1).forward(x);
    expectClose(y.sum([1]), ones([3, 2]));
    expectClose(new nn.Softmax(1).forward(x.add(100)), y);
    expectClose(y.select(1, 0).div(y.select(1, 1)), x.select(1, 0).sub(x.select(1, 1)).exp());
  });
});

describe('dropout', () => {
  it('drops with probability p in training mode and keeps the expectation', () => {
    manualSeed(1);
    const layer = new nn.Dropout(0.25);
    const y = numbers(layer.forward(ones([20_000])));
    const dropped = y.filter((v) => v === 0).length;
    expect(dropped / y.length).toBeCloseTo(0.25, 1);
    expect(new Set(y)).toEqual(new Set([0, Math.fround(1 / 0.75)]));
  });

  it('drops whole channels in two dimensions', () => {
    manualSeed(2);
    const y = numbers(new nn.Dropout2d(0.5).forward(ones([10, 10, 2, 2])));
    const channels = Array.from({ length: 100 }, (_, i) => y.slice(4 * i, 4 * i + 4).join());
    expect(new Set(channels)).toEqual(new Set(['0,0,0,0', '2,2,2,2']));
  });

  it('hands its input on in evaluation mode', () => {
    const x = ones([3]);
    expect(new nn.Dropout(0.5).eval().forward(x)).toBe(x);
    expect(new nn.Dropout2d(0.5).eval().forward(x)).toBe(x);
  });

  it('refuses what is no probability', () => {
    expect(() => new nn.Dropout(1.5)).toThrow('Dropout: expected a probability within [0, 1], found 1.5');
    expect(() => new nn.Dropout2d(Number.NaN)).toThrow('found NaN');
  });
});

describe('shape', () => {
  it('Flatten joins dimensions and Identity does nothing', () => {
    const x = fromTypedArray(new Float32Array(24), [2, 3, 2, 2]);
    expect(new nn.Flatten().forward(x).shape).toEqual([2, 12]);
    expect(new nn.Flatten(0, 1).forward(x).shape).toEqual([6, 2, 2]);
    expect(new nn.Identity().forward(x)).toBe(x);
  });
});

describe('channels last', () => {
  it('goes through a convolution and batch normalisation', () => {
    const g = generator({ seed: 1 });
    const net = new nn.Sequential(
      new nn.Conv2d(3, 4, 3, { generator: g }),
      new nn.BatchNorm2d(4),
      new nn.ReLU(),
    );
    net.to({ memoryFormat: 'channels_last' });
    const y = net.forward(normal([2, 3, 8, 8], 1).float().to({ memoryFormat: 'channels_last' }));
    expect(y.isContiguous('channels_last')).toBe(true);
  });
});
