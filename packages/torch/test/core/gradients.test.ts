// Gradients against central differences in float64, over random shapes and values.
import { aten, fromTypedArray, generator, grad, rand, type Tensor, tidy } from '@mien/torch';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

type Shape = readonly number[];

interface Case {
  /** From the dimensions that fast-check draws, the shapes of the inputs. */
  shapes: (dims: readonly [number, number, number]) => Shape[];
  run: (inputs: Tensor[]) => Tensor;
  /** Interval from which inputs are drawn; away from kinks and poles. */
  from?: number;
  to?: number;
}

const one = (run: (x: Tensor) => Tensor, from = -1, to = 1): Case => ({
  shapes: ([a, b]) => [[a, b]],
  run: ([x]) => run(x as Tensor),
  from,
  to,
});
const two = (run: (x: Tensor, y: Tensor) => Tensor, from = -1, to = 1): Case => ({
  shapes: ([a, b]) => [[a, b], [b]],
  run: ([x, y]) => run(x as Tensor, y as Tensor),
  from,
  to,
});

const cases: Record<string, Case> = {
  add: two((x, y) => x.add(y, { alpha: 1.5 })),
  sub: two((x, y) => x.sub(y)),
  mul: two((x, y) => x.mul(y)),
  div: two((x, y) => x.div(y), 0.5, 2),
  pow: two((x, y) => x.pow(y), 0.5, 2),
  atan2: two((x, y) => x.atan2(y), 0.5, 2),
  maximum: two((x, y) => x.maximum(y)),
  hypot: two((x, y) => x.hypot(y), 0.5, 2),
  lerp: two((x, y) => x.lerp(y, 0.3)),
  exp: one((x) => x.exp()),
  log: one((x) => x.log(), 0.5, 2),
  log1p: one((x) => x.log1p(), 0.1, 1),
  sqrt: one((x) => x.sqrt(), 0.5, 2),
  rsqrt: one((x) => x.rsqrt(), 0.5, 2),
  sin: one((x) => x.sin()),
  cos: one((x) => x.cos()),
  tanh: one((x) => x.tanh()),
  erf: one((x) => x.erf()),
  sigmoid: one((x) => x.sigmoid()),
  softplus: one((x) => aten.softplus(x)),
  silu: one((x) => aten.silu(x)),
  gelu: one((x) => aten.gelu(x)),
  elu: one((x) => aten.elu(x), 0.1, 1),
  relu: one((x) => x.relu(), 0.1, 1),
  leakyRelu: one((x) => aten.leakyRelu(x, 0.2), -1, -0.1),
  hardswish: one((x) => aten.hardswish(x), -2, 2),
  abs: one((x) => x.abs(), 0.1, 1),
  clamp: one((x) => x.clamp(-2, 2)),
  reciprocal: one((x) => x.reciprocal(), 0.5, 2),
  softmax: one((x) => x.softmax(-1)),
  logSoftmax: one((x) => x.logSoftmax(0)),
  logsumexp: one((x) => x.logsumexp([1])),
  cumsum: one((x) => x.cumsum(1)),
  prod: one((x) => x.prod(1), 0.5, 2),
  sumDim: one((x) => x.sum([0], true)),
  meanDim: one((x) => x.mean([1])),
  var: { ...one((x) => x.var([0])), shapes: ([a, b]) => [[a + 1, b]] },
  norm: one((x) => x.norm(2), 0.1, 1),
  transpose: one((x) => x.transpose(0, 1).mul(x.t())),
  flip: one((x) => x.flip([1])),
  pad: one((x) => aten.constantPadNd(x, [1, 2])),
  indexSelect: one((x) => x.narrow(0, 0, 1).expand([3, -1])),
  matmul: {
    shapes: ([a, b, c]) => [
      [a, b],
      [b, c],
    ],
    run: ([x, y]) => (x as Tensor).matmul(y as Tensor),
  },
  bmm: {
    shapes: ([a, b, c]) => [
      [2, a, b],
      [2, b, c],
    ],
    run: ([x, y]) => (x as Tensor).bmm(y as Tensor),
  },
  addmm: {
    shapes: ([a, b, c]) => [
      [a, c],
      [a, b],
      [b, c],
    ],
    run: ([x, y, z]) => (x as Tensor).addmm(y as Tensor, z as Tensor, { beta: 0.5, alpha: 2 }),
  },
  linear: {
    shapes: ([a, b, c]) => [[a, b], [c, b], [c]],
    run: ([x, w, b]) => aten.linear(x as Tensor, w as Tensor, b as Tensor),
  },
  cat: {
    shapes: ([a, b, c]) => [
      [a, b],
      [c, b],
    ],
    run: ([x, y]) => aten.cat([x as Tensor, y as Tensor], 0),
  },
  conv2d: {
    shapes: ([a, b, c]) => [[a, 2, b + 3, c + 3], [3, 2, 3, 3], [3]],
    run: ([x, w, b]) =>
      aten.conv2d(x as Tensor, w as Tensor, { bias: b as Tensor, stride: 2, padding: [1, 0] }),
  },
  groupedConv2d: {
    shapes: ([a, b, c]) => [
      [a, 4, b + 2, c + 2],
      [4, 1, 3, 3],
    ],
    run: ([x, w]) => aten.conv2d(x as Tensor, w as Tensor, { groups: 4, padding: 1 }),
  },
  convTranspose2d: {
    shapes: ([a, b, c]) => [
      [a, 2, b, c],
      [2, 3, 2, 2],
    ],
    run: ([x, w]) => aten.convTranspose2d(x as Tensor, w as Tensor, { stride: 2 }),
  },
  avgPool2d: {
    shapes: ([a, b, c]) => [[a, 2, b + 2, c + 2]],
    run: ([x]) => aten.avgPool2d(x as Tensor, 2, { ceilMode: true, countIncludePad: false }),
  },
  adaptiveAvgPool2d: {
    shapes: ([a, b, c]) => [[a, 2, b + 1, c + 1]],
    run: ([x]) => aten.adaptiveAvgPool2d(x as Tensor, [1, 2]),
  },
  upsampleBilinear2d: {
    shapes: ([a, b, c]) => [[a, 1, b, c]],
    run: ([x]) => aten.upsampleBilinear2d(x as Tensor, [5, 4], false),
  },
  batchNorm: {
    shapes: ([a, b, c]) => [[a + 2, b, c], [b], [b]],
    run: ([x, w, b]) =>
      aten.batchNorm(x as Tensor, w as Tensor, b as Tensor, null, null, true, 0.1, 1e-5, false),
  },
  layerNorm: {
    shapes: ([a, b]) => [[a, b + 1], [b + 1], [b + 1]],
    run: ([x, w, b]) => aten.layerNorm(x as Tensor, (w as Tensor).shape, w as Tensor, b as Tensor),
  },
  binaryCrossEntropyWithLogits: two((x, y) => aten.binaryCrossEntropyWithLogits(x, y.sigmoid().expandAs(x))),
  mseLoss: {
    shapes: ([a, b]) => [
      [a, b],
      [a, b],
    ],
    run: ([x, y]) => aten.mseLoss(x as Tensor, y as Tensor),
  },
  klDiv: {
    shapes: ([a, b]) => [
      [a, b],
      [a, b],
    ],
    run: ([x, y]) => aten.klDiv((x as Tensor).logSoftmax(1), (y as Tensor).softmax(1)),
  },
  where: two((x, y) => aten.where(x.detach().gt(0), x, y)),
  einsum: {
    shapes: ([a, b, c]) => [
      [a, b],
      [b, c],
    ],
    run: ([x, y]) => aten.einsum('ij,jk->ik', [x as Tensor, y as Tensor]),
  },
};

const STEP = 1e-6;
const TOLERANCE = 1e-5;

/** Σ weights ∘ f(inputs): a scalar whose gradient has no accidental zeros. */
function weighted(test: Case, inputs: Tensor[], seed: number): Tensor {
  const output = test.run(inputs);
  const weights = rand(output.shape, { dtype: 'float64', generator: generator({ seed }) });
  return output.mul(weights.add(0.5)).sum();
}

describe('gradients equal central differences in float64', () => {
  it.each(Object.entries(cases))('%s', (_, test) => {
    const dims = fc.tuple(
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 3 }),
    );
    fc.assert(
      fc.property(dims, fc.integer({ min: 0, max: 2 ** 31 }), (drawn, seed) => {
        tidy(() => {
          const source = generator({ seed });
          const { from = -1, to = 1 } = test;
          const inputs = test.shapes(drawn).map((shape) =>
            rand(shape, { dtype: 'float64', generator: source })
              .mul(to - from)
              .add(from)
              .requiresGrad_(),
          );
          const analytic = grad([weighted(test, inputs, seed)], inputs).map(
            (g) => (g as Tensor).flatten().toArray() as number[],
          );
          inputs.forEach((input, k) => {
            const values = input.detach().flatten().toArray() as number[];
            const at = (i: number, x: number): number => {
              const moved = values.slice();
              moved[i] = x;
              const replaced = inputs.map((other, j) =>
                j === k ? fromTypedArray(Float64Array.from(moved), input.shape) : other.detach(),
              );
              return weighted(test, replaced, seed).item();
            };
            values.forEach((x, i) => {
              const numeric = (at(i, x + STEP) - at(i, x - STEP)) / (2 * STEP);
              const error = Math.abs((analytic[k]?.[i] ?? Number.NaN) - numeric);
              expect(error).toBeLessThan(TOLERANCE * (1 + Math.abs(numeric)));
            });
          });
        });
      }),
      { numRuns: 5 },
    );
  });
});
