// What a network reads on a task's validation side: probabilities and values, frame by frame.

import { noGrad, type Tensor, tidy } from '@mien/torch';
import type { Task } from '../labels/index.js';
import {
  type BrokenImage,
  batchesOf,
  createLoader,
  type LoadedBatch,
  type LoaderPool,
  type TransformInput,
} from '../loading/index.js';
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

/**
 * Reads some faces once, for one or more tasks.
 * @param network in evaluation mode
 * @param manifest of the set
 * @returns readings of each of `tasks`, in their order, all of the same rows
 */
export async function readSet(
  network: Network,
  tasks: readonly Task[],
  manifest: TaskData['manifest'],
  set: EvaluationSet,
  { numerics, transform, pool, decoding, pictures, onBroken }: ReadingOptions,
): Promise<Readings[]> {
  const { windows, units } = set;
  const loader = createLoader({
    manifest,
    ...(windows && { windows }),
    order: batchesOf(units, Math.max(1, Math.floor(pictures / (windows?.frames ?? 1)))),
    transform,
    threads: pool,
    onBroken,
  });
  const rows: number[] = [];
  const parts: Float32Array[][] = tasks.map(() => []);
  for await (const batch of loader) {
    if (batch.length > 0) {
      const counted = [...batch.rows.keys()].filter((i) => batch.counts[i] === 1);
      rows.push(...counted.map((i) => batch.rows[i] as number));
      const read = readBatch(network, tasks, batch, { clips: windows !== undefined, numerics, decoding });
      read.forEach((values, k) => {
        const width = values.length / batch.rows.length;
        parts[k]?.push(...counted.map((i) => values.subarray(i * width, (i + 1) * width)));
      });
    }
    batch.release();
  }
  return tasks.map((task, k) => {
    const own = parts[k] as Float32Array[];
    const width = own[0]?.length ?? 0;
    const values = new Float32Array(own.length * width);
    own.forEach((part, i) => {
      values.set(part, i * width);
    });
    return { task, rows: Int32Array.from(rows), values, width };
  });
}

/** [frames, width] of each task. */
function readBatch(
  network: Network,
  tasks: readonly Task[],
  batch: LoadedBatch,
  { clips, numerics, decoding }: { clips: boolean; numerics: Numerics; decoding: Decoding },
): Float32Array[] {
  return tidy(() =>
    noGrad(() => {
      const images = picturesOf(batch, clips, numerics);
      const { logits } = computing(numerics, () => network.forward(images));
      return tasks.map((task) => {
        const one = logits[task] as Tensor;
        const read = READ[task](clips ? one.flatten(0, 1) : one, decoding);
        return read.cpu().contiguous().toTypedArray() as Float32Array;
      });
    }),
  );
}

/** Of all tasks that have a validation side. */
export async function readValidation(
  network: Network,
  data: readonly TaskData[],
  options: ReadingOptions,
): Promise<Readings[]> {
  network.eval();
  const all: Readings[] = [];
  for (const { task, manifest, validation } of data)
    if (validation.units.length > 0)
      all.push(...(await readSet(network, [task], manifest, validation, options)));
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
