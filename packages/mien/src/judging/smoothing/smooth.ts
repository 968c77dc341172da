// Smoothing of tables over the frames of their clips. Clips never mix.

import { TASKS } from '../../labels/index.js';
import type { Smoothing, Tuning } from '../../models/index.js';
import type { ModelOutput } from '../estimates.js';
import type { Truth } from '../truth.js';
import { box, exponential, type Kernel, median } from './kernels.js';

/** Which clip and frame each face is of. */
export type Frames = Pick<Truth, 'clip' | 'frame'>;

const KERNELS: Readonly<Record<Smoothing['kind'], Kernel>> = { box, exponential, median };

/**
 * The rows of each clip in order of their frames. Left out are clips of one face, and clips that have a frame twice:
 * which of its faces belongs to which of the frame before is not known (as where frames have no numbers).
 */
export function clipsInOrder({ clip, frame }: Frames): Int32Array[] {
  const starts = new Int32Array(clip.names.length + 1);
  for (const code of clip.codes) (starts[code + 1] as number)++;
  for (let c = 0; c < clip.names.length; c++) (starts[c + 1] as number) += starts[c] as number;
  const next = starts.slice();
  const rows = new Int32Array(clip.codes.length);
  clip.codes.forEach((code, row) => {
    rows[(next[code] as number)++] = row;
  });
  const clips: Int32Array[] = [];
  for (let c = 0; c < clip.names.length; c++) {
    const own = rows.subarray(starts[c] as number, starts[c + 1] as number);
    if (own.length < 2) continue;
    own.sort((one, other) => (frame[one] as number) - (frame[other] as number));
    if (own.every((row, i) => i === 0 || frame[row] !== frame[own[i - 1] as number])) clips.push(own);
  }
  return clips;
}

/**
 * @param values [n, width]
 * @param clips from `clipsInOrder`
 * @returns [n, width]
 * @throws RangeError for a window that is not odd
 */
export function smooth(
  values: Float32Array,
  width: number,
  { kind, frames: window }: Smoothing,
  { frame }: Pick<Frames, 'frame'>,
  clips: readonly Int32Array[],
): Float32Array {
  if (!(Number.isInteger(window) && window % 2 === 1))
    throw new RangeError(`smoothing over ${window} frames; expected an odd number`);
  const result = values.slice();
  for (const rows of clips) {
    const frames = rows.map((row) => frame[row] as number);
    const sequence = new Float64Array(rows.length);
    for (let column = 0; column < width; column++) {
      for (let i = 0; i < rows.length; i++)
        sequence[i] = values[(rows[i] as number) * width + column] as number;
      const smoothed = KERNELS[kind](sequence, frames, window);
      for (let i = 0; i < rows.length; i++)
        result[(rows[i] as number) * width + column] = smoothed[i] as number;
    }
  }
  return result;
}

/** Makes each row's sum 1 again, as medians do not keep it; a row of zeros only becomes what it was. */
export function renormalize(probabilities: Float32Array, classes: number, before: Float32Array): void {
  for (let start = 0; start < probabilities.length; start += classes) {
    let sum = 0;
    for (let k = start; k < start + classes; k++) sum += probabilities[k] as number;
    for (let k = start; k < start + classes; k++)
      probabilities[k] = sum > 0 ? (probabilities[k] as number) / sum : (before[k] as number);
  }
}

/** @param output probabilities of EXPR [n, C] and AU [n, K], and values of VA [n, 2] */
export function smoothTasks(
  output: ModelOutput,
  smoothing: NonNullable<Tuning['smoothing']>,
  frames: Frames,
  clips: readonly Int32Array[] = clipsInOrder(frames),
): ModelOutput {
  const result = { ...output };
  for (const task of TASKS) {
    const [how, values] = [smoothing[task], output[task]];
    if (!how || !values) continue;
    const smoothed = smooth(values, values.length / output.length, how, frames, clips);
    if (task === 'EXPR') renormalize(smoothed, output.schema.expressions.length, values);
    result[task] = smoothed;
  }
  return result;
}
