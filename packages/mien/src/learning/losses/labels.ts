// Labels of a batch as tensors.

import { type Device, fromTypedArray } from '@mien/torch';
import type { Task } from '../../labels/index.js';
import type { LabelBatch } from '../../loading/index.js';
import type { Label } from './masked.js';

/** What a network's tasks are compared with; the masks are float tensors of 0 and 1 at the finest grain. */
export interface LabelTensors {
  /** Target [n, C] one-hot or soft (sum 1), and its mask [n]. */
  EXPR?: Label;
  /** Target [n, K] 0 … 1, and its mask [n, K]. */
  AU?: Label;
  /** Target [n, 2] −1 … 1, and its mask [n, 2]. */
  VA?: Label;
}

export interface LabelOptions {
  /** All of them are given, with masks of 0 where a batch has nothing: every process of a group gathers the same. */
  tasks: readonly Task[];
  /** Expressions as raters' shares of votes instead of one class. */
  votes: boolean;
  /** [n] 0 masks a row. */
  counts?: Uint8Array;
  device: Device;
}

/** One-hot rows [n, C]; a row of zeros where no class is known. */
function oneHot({ expression, expressionKnown, votes }: LabelBatch): Float32Array {
  const classes = votes.length / expression.length;
  const rows = new Float32Array(votes.length);
  expression.forEach((index, row) => {
    if (expressionKnown[row]) rows[row * classes + index] = 1;
  });
  return rows;
}

/** @throws RangeError if `counts` has another length than the batch */
export function labelTensors(
  batch: LabelBatch,
  { tasks, votes, counts, device }: LabelOptions,
): LabelTensors {
  const n = batch.expression.length;
  if (counts && counts.length !== n) throw new RangeError(`${counts.length} counts for ${n} rows of labels`);
  const widthOf = (array: Float32Array) => (n === 0 ? 0 : array.length / n);
  const [rows, perClass, perUnit] = [[n], [n, widthOf(batch.votes)], [n, widthOf(batch.actionUnits)]];
  const label = (target: Float32Array, shape: number[], mask: Uint8Array, maskShape: number[]): Label => {
    const perRow = mask.length / n;
    const counted = mask.map((one, i) => (counts?.[Math.floor(i / perRow)] === 0 ? 0 : one));
    return {
      target: fromTypedArray(target, shape, { device }),
      known: fromTypedArray(Float32Array.from(counted), maskShape, { device }),
    };
  };
  const labels: Record<Task, () => Label> = {
    EXPR: () =>
      votes
        ? label(batch.votes, perClass, batch.votesKnown, rows)
        : label(oneHot(batch), perClass, batch.expressionKnown, rows),
    AU: () => label(batch.actionUnits, perUnit, batch.actionUnitsKnown, perUnit),
    VA: () => label(batch.valenceArousal, [n, 2], batch.valenceArousalKnown, [n, 2]),
  };
  return Object.fromEntries(tasks.map((task) => [task, labels[task]()]));
}
