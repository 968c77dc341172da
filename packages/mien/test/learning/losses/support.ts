// What the tests of losses share: random logits, labels and masks in float64, and gradients by finite differences.

import { fromTypedArray, type Tensor, tidy } from '@mien/torch';
import { TASKS } from 'mien/labels';
import type { Label, LabelTensors, TaskBatch } from 'mien/learning/losses';
import { Random } from 'mien/random';
import { expect } from 'vitest';

export const CLASSES = 7;
export const UNITS = 8;
export const LOGITS = 40;

const WIDTH = { EXPR: CLASSES, AU: UNITS, VA: LOGITS };

export const numbers = (tensor: Tensor): number[] =>
  tidy(() => Array.from(tensor.toTypedArray() as ArrayLike<number | bigint>, Number));

export const matrix = (values: readonly number[], shape: readonly number[]): Tensor =>
  fromTypedArray(Float64Array.from(values), shape);

const drawn = (shape: readonly number[], draw: () => number): Tensor =>
  matrix(Array.from({ length: shape.reduce((a, b) => a * b, 1) }, draw), shape);

export const normal = (shape: readonly number[], random: Random, scale = 1): Tensor =>
  drawn(shape, () => scale * random.normal());

/** Labels of n rows, each known with probability `share`. */
export function someLabels(n: number, random: Random, share = 0.6): Required<LabelTensors> {
  const mask = (shape: readonly number[]) => drawn(shape, () => (random.chance(share) ? 1 : 0));
  const classes = Array.from({ length: n }, () => random.integer(CLASSES));
  return {
    EXPR: {
      target: matrix(
        classes.flatMap((one) => Array.from({ length: CLASSES }, (_, k) => Number(k === one))),
        [n, CLASSES],
      ),
      known: mask([n]),
    },
    AU: { target: drawn([n, UNITS], () => (random.chance(0.4) ? 1 : 0)), known: mask([n, UNITS]) },
    VA: { target: drawn([n, 2], () => random.between(-1, 1)), known: mask([n, 2]) },
  };
}

/** A batch for each task; every row may carry every label. */
export function someBatches(n: number, seed: number, share = 0.6): TaskBatch[] {
  const random = Random.seeded(seed);
  const logits = () =>
    Object.fromEntries(TASKS.map((task) => [task, normal([n, WIDTH[task]], random).requiresGrad_()]));
  return TASKS.map((task) => ({
    task,
    logits: logits(),
    teacher: logits(),
    labels: someLabels(n, random, share),
  }));
}

/** The gradient of `loss` at `at`, by autograd; zeros where it does not reach. */
export function gradientOf(loss: (x: Tensor) => Tensor, at: Tensor): number[] {
  return tidy(() => {
    const x = at.detach().clone().requiresGrad_();
    loss(x).backward();
    return x.grad ? numbers(x.grad) : new Array(x.numel()).fill(0);
  });
}

/** Elements that are compared, at most: evenly spread. */
const COMPARED = 60;

/** Compares autograd's gradient with central differences. @param at float64 */
export function expectGradient(loss: (x: Tensor) => Tensor, at: Tensor, step = 1e-5): void {
  const gradient = gradientOf(loss, at);
  const values = numbers(at);
  const stride = Math.ceil(values.length / COMPARED);
  let worst = 0;
  for (let i = 0; i < values.length; i += stride) {
    const [above, below] = [step, -step].map((h) =>
      tidy(() => loss(matrix(values.with(i, (values[i] as number) + h), at.shape)).item()),
    ) as [number, number];
    const off = Math.abs((gradient[i] as number) - (above - below) / (2 * step));
    if (off > worst || Number.isNaN(off)) worst = off;
  }
  expect(worst, 'largest difference').toBeLessThan(1e-8);
}

/** The same label with other values, however wild, where it is not known. */
export function scrambled({ target, known }: Label, values: number): Label {
  const unknown = known.ndim === target.ndim ? known : known.unsqueeze(1);
  return { target: target.maskedFill(unknown.eq(0), values), known };
}
