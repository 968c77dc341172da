// How frames of two files are known to be the same.

import { parseCropPath } from '../../datasets/index.js';
import { DataError } from '../../files/index.js';
import type { Task } from '../../labels/index.js';
import { type FrameSet, frameName, placeIn } from './frame-set.js';
import type { Labels } from './labels.js';
import { UNNAMED } from './tree.js';

/** The row of a face that has no prediction. */
export const NONE = -1;

/** Labels and predictions, and whether their frames are the same by clip and number, or else by the path of the image. */
export interface Sides {
  labels: Labels;
  predictions: FrameSet;
  byFrame: boolean;
}

/** Predictions that tell images as `VIDEO/00001.jpg` alone, with clips and frames. @throws DataError for other paths */
function withFrames(predictions: FrameSet): FrameSet {
  const { images = [] } = predictions;
  const clips = new Map<string, { code: number; rows: Map<number, number> }>();
  const [clip, frame] = [new Int32Array(images.length), new Int32Array(images.length)];
  images.forEach((image, row) => {
    const told = parseCropPath(image, placeIn(predictions, row));
    const entry = clips.get(told.video) ?? { code: clips.size, rows: new Map() };
    clips.set(told.video, entry);
    if (entry.rows.has(told.frame))
      throw new DataError(placeIn(predictions, row), {
        found: `${frameName(told.video, told.frame)} for the second time`,
        expected: 'each frame once',
      });
    entry.rows.set(told.frame, row);
    clip[row] = entry.code;
    frame[row] = told.frame;
  });
  return {
    ...predictions,
    clips: [...clips.keys()],
    clip,
    frame,
    rowOf: (name, number) => clips.get(name)?.rows.get(number),
  };
}

/** The same of labels. */
function labelsWithFrames(labels: Labels, task: Task): Labels {
  const told = Array.from({ length: labels.truth.length }, (_, i) =>
    parseCropPath(labels.imageOf(i) ?? '', labels.place(task, i)),
  );
  return {
    ...labels,
    clips: new Set(told.map(({ video }) => video)),
    clipOf: (i) => told[i]?.video,
    frameOf: (i) => told[i]?.frame,
  };
}

/** @param task one that is scored, for errors @throws DataError where images of one side tell no frames */
export function align(labels: Labels, predictions: FrameSet, task: Task): Sides {
  const [theirs, mine] = [labels.clips.size > 0, predictions.clips.length > 0];
  const images = labels.imageOf(0) !== undefined && predictions.images !== undefined;
  if (!(theirs && mine) && images) return { labels, predictions, byFrame: false };
  return {
    labels: theirs ? labels : labelsWithFrames(labels, task),
    predictions: mine ? predictions : withFrames(predictions),
    byFrame: true,
  };
}

/** From the labels' clips to those of the predictions. The only video of one side may have no name. */
export function clipNames({ labels, predictions }: Sides): (clip: string) => string {
  const [mine] = predictions.clips;
  const [theirs] = labels.clips;
  const single = predictions.clips.length === 1 && labels.clips.size === 1;
  return single && (mine === UNNAMED || theirs === UNNAMED) ? () => mine as string : (clip) => clip;
}

/** The row of each labelled face's prediction [n]; `NONE` where there is none. */
export function findRows(sides: Sides): Int32Array {
  const { labels, predictions, byFrame } = sides;
  const named = clipNames(sides);
  const images = byFrame
    ? undefined
    : new Map(predictions.images?.map((image, row) => [image, row] as const) ?? []);
  const rows = new Int32Array(labels.truth.length);
  for (let i = 0; i < rows.length; i++)
    rows[i] =
      (images === undefined
        ? predictions.rowOf(named(labels.clipOf(i) as string), labels.frameOf(i) as number)
        : images.get(labels.imageOf(i) ?? '')) ?? NONE;
  return rows;
}
