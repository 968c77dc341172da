// What a step loads: rows, their paths, and which frames count; and what is left of it when some do not open.

import type { BatchOrder } from '../sampling/index.js';
import type { Windows } from './clips.js';
import { type FaceSource, imagePathOf } from './face-source.js';

/** One step, sample by sample, T frames of each. */
export interface Plan {
  step: number;
  /** Place of the first sample in the batch of all ranks. */
  first: number;
  rows: Int32Array;
  counts: Uint8Array;
  paths: string[];
}

/**
 * @throws RangeError when the order asks for what is not there
 * @throws DataError when a row is a frame of a video
 */
export function planStep(
  step: number,
  manifest: FaceSource,
  order: BatchOrder,
  windows: Windows | undefined,
): Plan {
  const frames = windows?.frames ?? 1;
  const sampleCount = windows?.count ?? manifest.faces.length;
  const samples = order.samples(step);
  if (samples.length > order.batchSize)
    throw new RangeError(
      `step ${step} has ${samples.length} samples, more than the batch size ${order.batchSize}`,
    );
  const rows = new Int32Array(samples.length * frames);
  const counts = new Uint8Array(rows.length).fill(1);
  for (let i = 0; i < samples.length; i++) {
    const sample = samples[i] as number;
    if (!(sample >= 0 && sample < sampleCount))
      throw new RangeError(`step ${step} asks for sample ${sample} of ${sampleCount}`);
    if (windows === undefined) rows[i] = sample;
    else {
      const at = sample * frames;
      rows.set(windows.rows.subarray(at, at + frames), i * frames);
      counts.set(windows.counts.subarray(at, at + frames), i * frames);
    }
  }
  const first = order.first?.(step) ?? 0;
  return { step, first, rows, counts, paths: Array.from(rows, (row) => imagePathOf(manifest, row)) };
}

/**
 * Samples of which no frame opened are taken out, later ones move up; other broken frames show their nearest neighbour and do
 * not count. @returns samples that are left
 */
export function closeGaps(
  { rows, counts }: Plan,
  images: Float32Array | Uint8Array,
  frames: number,
  pictureSize: number,
  broken: ReadonlySet<number>,
): number {
  const samples = rows.length / frames;
  if (broken.size === 0) return samples;
  const copy = (from: number, to: number, pictures: number) =>
    images.copyWithin(to * pictureSize, from * pictureSize, (from + pictures) * pictureSize);
  let kept = 0;
  for (let sample = 0; sample < samples; sample++) {
    const first = sample * frames;
    const good = Array.from({ length: frames }, (_, i) => first + i).filter(
      (picture) => !broken.has(picture),
    );
    if (good.length === 0) continue;
    for (let picture = first; picture < first + frames; picture++) {
      if (!broken.has(picture)) continue;
      copy(nearest(good, picture), picture, 1);
      counts[picture] = 0;
    }
    if (kept < sample) {
      copy(first, kept * frames, frames);
      rows.copyWithin(kept * frames, first, first + frames);
      counts.copyWithin(kept * frames, first, first + frames);
    }
    kept++;
  }
  return kept;
}

/** Of the neighbours on both sides the earlier one. */
function nearest(candidates: readonly number[], target: number): number {
  return candidates.reduce((best, one) => (Math.abs(one - target) < Math.abs(best - target) ? one : best));
}
