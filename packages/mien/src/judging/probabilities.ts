// Logits made probabilities, and probabilities made decisions.

import type { Tuning } from '../models/index.js';
import { sigmoid } from '../models/runners/index.js';
import { applyCalibration } from './calibration/index.js';
import type { Estimates, ModelOutput } from './estimates.js';
import { type Frames, smoothTasks } from './smoothing/index.js';
import { DEFAULT_THRESHOLD, decideUnits } from './thresholds/index.js';

/** A model's output as probabilities: of EXPR [n, C] by softmax, of AU [n, K] by sigmoid; VA as it was [n, 2]. */
export type Probabilities = ModelOutput;

/** @param to takes the probabilities of as many logits from `start` on */
export function softmax(logits: ArrayLike<number>, start: number, to: Float64Array): void {
  let top = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < to.length; k++) top = Math.max(top, logits[start + k] as number);
  let sum = 0;
  for (let k = 0; k < to.length; k++) sum += to[k] = Math.exp((logits[start + k] as number) - top);
  for (let k = 0; k < to.length; k++) (to[k] as number) /= sum;
}

/** @throws RangeError where there is no number */
export function probabilitiesOf(output: ModelOutput): Probabilities {
  const result = { ...output };
  if (output.EXPR) {
    const row = new Float64Array(output.schema.expressions.length);
    result.EXPR = new Float32Array(output.EXPR.length);
    for (let start = 0; start < output.EXPR.length; start += row.length) {
      softmax(output.EXPR, start, row);
      result.EXPR.set(row, start);
    }
  }
  if (output.AU) result.AU = output.AU.map(sigmoid);
  for (const task of ['EXPR', 'AU', 'VA'] as const) {
    const at = result[task]?.findIndex(Number.isNaN) ?? -1;
    if (at >= 0)
      throw new RangeError(
        `${task} of ${output.name} is no number in value ${at} of ${result[task]?.length}`,
      );
  }
  return result;
}

/** The first class of the greatest probability, of each row. */
function likeliest(probabilities: Float32Array, classes: number): Int32Array {
  return Int32Array.from({ length: probabilities.length / classes }, (_, row) => {
    let best = row * classes;
    for (let k = best + 1; k < (row + 1) * classes; k++)
      if ((probabilities[k] as number) > (probabilities[best] as number)) best = k;
    return best - row * classes;
  });
}

/** The likeliest class, and the units whose probability is above their threshold, 0.5 where they have none. */
export function decideProbabilities(
  { name, schema, length, EXPR, AU, VA }: Probabilities,
  thresholds: Tuning['thresholds'],
): Estimates {
  const ofUnits = schema.actionUnits.map((unit) => thresholds?.[unit] ?? DEFAULT_THRESHOLD);
  return {
    name,
    schema,
    length,
    ...(EXPR && { EXPR: { classes: likeliest(EXPR, schema.expressions.length), probabilities: EXPR } }),
    ...(AU && { AU: { decisions: decideUnits(AU, ofUnits), probabilities: AU } }),
    ...(VA && { VA: { values: VA } }),
  };
}

/** Calibration, then smoothing: all of a tuning but its thresholds. @param frames undefined: nothing is smoothed */
export function tunedProbabilities(output: ModelOutput, tuning: Tuning, frames?: Frames): Probabilities {
  const probabilities = probabilitiesOf(applyCalibration(output, tuning.calibration));
  return frames && tuning.smoothing ? smoothTasks(probabilities, tuning.smoothing, frames) : probabilities;
}
