// From loaded pictures to logits beside their labels, task batch by task batch.

import { autocast, cat, type Device, fromTypedArray, noGrad, type Tensor } from '@mien/torch';
import { TASKS } from '../labels/index.js';
import type { LoadedBatch } from '../loading/index.js';
import type { ByTask, NetworkOutput } from '../models/index.js';
import type { LabelTensors, TaskBatch } from './losses/index.js';

/** Where and how numbers are computed. */
export interface Numerics {
  device: Device;
  bf16: boolean;
  /** A joint forward pass for all tasks' batches, or one for each. */
  joint: boolean;
}

/** Runs `body` in the recipe's precision. */
export function computing<T>({ device, bf16 }: Pick<Numerics, 'device' | 'bf16'>, body: () => T): T {
  const type = device.startsWith('cuda') ? 'cuda' : 'cpu';
  return autocast(body, { device: type, dtype: 'bfloat16', enabled: bf16 });
}

/** [B, 3, S, S], or [B, T, 3, S, S] for windows, on the device; channels last where that is quicker. */
export function picturesOf(batch: LoadedBatch, clips: boolean, { device }: Pick<Numerics, 'device'>): Tensor {
  const { length, frames, size, images } = batch;
  const flat = fromTypedArray(images, [length * frames, 3, size, size], { copy: false });
  const laidOut = flat.to({ device, memoryFormat: 'channels_last' });
  return clips ? laidOut.unflatten(0, [length, frames]) : laidOut;
}

/** One task's pictures and labels on the device. */
export interface TaskInput {
  task: TaskBatch['task'];
  images: Tensor;
  labels: LabelTensors;
  /** [B·T] 1 where a frame of a window counts. */
  counts?: Tensor;
}

type Forward = (images: Tensor) => NetworkOutput;

const flattened = (logits: ByTask<Tensor>, frames: number): ByTask<Tensor> => {
  const flat: ByTask<Tensor> = {};
  for (const task of TASKS) {
    const one = logits[task];
    if (one !== undefined) flat[task] = frames > 1 || one.ndim === 3 ? one.flatten(0, 1) : one;
  }
  return flat;
};

/** Logits [frames, n] of each task's batch. */
function logitsOf(forward: Forward, inputs: readonly TaskInput[], joint: boolean): ByTask<Tensor>[] {
  const framesOf = ({ images }: TaskInput) => (images.ndim === 5 ? (images.shape[1] as number) : 1);
  if (!joint || inputs.length === 1)
    return inputs.map((input) => flattened(forward(input.images).logits, framesOf(input)));
  const frames = framesOf(inputs[0] as TaskInput);
  const together = flattened(forward(cat(inputs.map(({ images }) => images))).logits, frames);
  let start = 0;
  return inputs.map(({ images }) => {
    const rows = (images.shape[0] as number) * frames;
    const own: ByTask<Tensor> = {};
    for (const task of TASKS) {
      const one = together[task];
      if (one !== undefined) own[task] = one.narrow(0, start, rows);
    }
    start += rows;
    return own;
  });
}

/**
 * The forward passes of a step.
 * @param teacher gives soft labels, without gradient
 */
export function forwardAll(
  inputs: readonly TaskInput[],
  student: Forward,
  teacher: Forward | undefined,
  numerics: Numerics,
): TaskBatch[] {
  return computing(numerics, () => {
    const soft = teacher && noGrad(() => logitsOf(teacher, inputs, numerics.joint));
    const own = logitsOf(student, inputs, numerics.joint);
    return inputs.map(({ task, labels, counts }, i) => ({
      task,
      labels,
      ...(counts && { counts }),
      logits: own[i] as ByTask<Tensor>,
      ...(soft && { teacher: soft[i] as ByTask<Tensor> }),
    }));
  });
}
