// A manifest's clips, and the windows over all of them.

import type { FaceTable } from '../datasets/index.js';
import { DataError } from '../files/index.js';
import { type Window, type WindowUse, windowsOver } from './windows.js';

export interface ClipOptions {
  /** Rows to take, such as those of one split or task; default all. */
  rows?: Iterable<number>;
  /** Ends a clip where frame numbers are not consecutive, so that no window runs over frames that were dropped. */
  splitAtGaps?: boolean;
}

/**
 * Rows by data set and clip in order of first appearance, each clip's rows by frame number. Rows with the same frame number,
 * or without one, keep the manifest's order.
 * @param manifest its file, named in errors, and its faces
 * @throws DataError when a row has no clip
 */
export function clipsOf(
  { file, faces }: { file: string; faces: FaceTable },
  { rows, splitAtGaps = false }: ClipOptions = {},
): Int32Array[] {
  const clips = new Map<string, number[]>();
  const add = (row: number) => {
    const clip = faces.clip.code(row);
    if (clip === undefined)
      throw new DataError(
        { file, row: row + 1 },
        {
          found: 'a face without a clip',
          expected: 'clips, for windows of frames',
          hint: 'Leave its data set out',
        },
      );
    const key = `${faces.dataset.code(row)} ${clip}`;
    const known = clips.get(key);
    if (known === undefined) clips.set(key, [row]);
    else known.push(row);
  };
  if (rows === undefined) for (let row = 0; row < faces.length; row++) add(row);
  else for (const row of rows) add(row);
  const frame = (row: number) => faces.frame.get(row) ?? 0;
  return [...clips.values()].flatMap((clip) => {
    const sorted = Int32Array.from(clip.sort((a, b) => frame(a) - frame(b)));
    return splitAtGaps ? splitClip(sorted, frame) : [sorted];
  });
}

function splitClip(rows: Int32Array, frame: (row: number) => number): Int32Array[] {
  const parts: Int32Array[] = [];
  let start = 0;
  for (let i = 1; i <= rows.length; i++) {
    if (i < rows.length && frame(rows[i] as number) === frame(rows[i - 1] as number) + 1) continue;
    parts.push(rows.subarray(start, i));
    start = i;
  }
  return parts;
}

/** Windows over many clips: the samples of a sequence model. */
export interface Windows {
  /** How many. */
  count: number;
  /** S. */
  frames: number;
  /** [count, frames] rows of the manifest. */
  rows: Int32Array;
  /** [count, frames] 1 where a frame counts; see `Window`. */
  counts: Uint8Array;
}

/** @param clips rows of the manifest in frame order, each at least one; @param length S ≥ 1 */
export function windowsOf(clips: readonly Int32Array[], length: number, use: WindowUse): Windows {
  const all: { clip: Int32Array; window: Window }[] = [];
  for (const clip of clips)
    for (const window of windowsOver(clip.length, length, use)) all.push({ clip, window });
  const rows = new Int32Array(all.length * length);
  const counts = new Uint8Array(all.length * length);
  all.forEach(({ clip, window }, i) => {
    rows.set(
      window.frames.map((frame) => clip[frame] as number),
      i * length,
    );
    counts.set(window.counts, i * length);
  });
  return { count: all.length, frames: length, rows, counts };
}
