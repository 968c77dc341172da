// What a network reads on a task's validation side: probabilities and values, frame by frame.

import { noGrad, type Tensor, tidy } from '@mien/torch';
import type { Task } from '../labels/index.js';
import { type BrokenImage, createLoader, type LoaderPool, type TransformInput } from '../loading/index.js';
import type { Decoding, Network } from '../models/index.js';
import { computing, type Numerics, picturesOf } from './forward.js';
import { decodeValenceArousal } from './losses/index.js';
import type { EvaluationSet, TaskData } from './task-data.js';

/** Readings of one task: each frame once. */
export interface Readings {
  task: Task;
  /** Rows of the task's manifest [n]. */
  rows: Int32Array;
  /** [n, width]: EXPR and AU probabilities; valence and arousal. */
  values: Float32Array;
  width: number;
}

export interface ReadingOptions {
  numerics: Numerics;
  transform: TransformInput;
  pool: LoaderPool;
  decoding: Decoding;
  /** Pictures a forward pass, frames of windows counted. */
  pictures: number;
  onBroken(broken: BrokenImage): void;
}

const READ: Record<Task, (logits: Tensor, decoding: Decoding) => Tensor> = {
  EXPR: (logits) => logits.float().softmax(-1),
  AU: (logits) => logits.float().sigmoid(),
  VA: (logits, decoding) => decodeValenceArousal(logits.float(), decoding),
};

/** Of one task alone. The network must be in evaluation mode. */
export async function readSet(
  network: Network,
  { task, manifest }: TaskData,
  set: EvaluationSet,
  { numerics, transform, pool, decoding, pictures, onBroken }: ReadingOptions,
): Promise<Readings> {
  const frames = set.windows?.frames ?? 1;
  const loader = createLoader({
    manifest,
    ...(set.windows && { windows: set.windows }),
    order: set.order(Math.max(1, Math.floor(pictures / frames))),
    transform,
    threads: pool,
    onBroken,
  });
  const rows: number[] = [];
  const parts: Float32Array[] = [];
  let width = 0;
  for await (const batch of loader) {
    if (batch.length === 0) {
      batch.release();
      continue;
    }
    const read = tidy(() =>
      noGrad(() => {
        const images = picturesOf(batch, set.windows !== undefined, numerics);
        const logits = computing(numerics, () => network.forward(images).logits[task]) as Tensor;
        return READ[task](logits.ndim === 3 ? logits.flatten(0, 1) : logits, decoding)
          .cpu()
          .contiguous()
          .toTypedArray() as Float32Array;
      }),
    );
    width = read.length / batch.rows.length;
    batch.rows.forEach((row, i) => {
      if (batch.counts[i] === 0) return;
      rows.push(row);
      parts.push(read.subarray(i * width, (i + 1) * width));
    });
    batch.release();
  }
  const values = new Float32Array(parts.length * width);
  parts.forEach((part, i) => {
    values.set(part, i * width);
  });
  return { task, rows: Int32Array.from(rows), values, width };
}

/** Of all tasks that have a validation side. */
export async function readValidation(
  network: Network,
  data: readonly TaskData[],
  options: ReadingOptions,
): Promise<Readings[]> {
  network.eval();
  const all: Readings[] = [];
  for (const task of data)
    if (task.validation.count > 0) all.push(await readSet(network, task, task.validation, options));
  return all;
}

/** The mean of several members' readings of the same sets. @throws RangeError when they are not of the same frames */
export function ensembleOf(members: readonly (readonly Readings[])[]): Readings[] {
  const [first = [], ...others] = members;
  return first.map((one, k) => {
    const values = Float64Array.from(one.values);
    for (const other of others) {
      const same = other[k];
      if (same === undefined || same.rows.length !== one.rows.length)
        throw new RangeError('readings of different frames cannot be averaged');
      same.values.forEach((value, i) => {
        values[i] = (values[i] as number) + value;
      });
    }
    return { ...one, values: Float32Array.from(values, (sum) => sum / members.length) };
  });
}
