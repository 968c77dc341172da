// Aff-Wild2 as its organisers give it out: labels in text files, a folder of crops per video.

import { join } from 'node:path';
import { DataError } from '../../files/index.js';
import type { Task } from '../../labels/index.js';
import type { FaceRow } from '../face-row.js';
import type { ReadContext } from '../import.js';
import { type Crops, listCrops } from './crops.js';
import { joinLabels } from './join.js';
import { type FrameLabel, readVideoLabels, type VideoLabels } from './labels.js';
import { findLabelFiles, type LabelFile } from './layout.js';
import { matchFrames } from './match.js';
import { SplitOverlap } from './overlap.js';

export const DATASET = 'aff-wild2';

const UNLABELLED = 'no label for the crop';
const PARTLY = 'partly labelled';

export interface AffWild2Options {
  /** Folder with `AU_Set`, `EXPR_Set`, `VA_Set` or their later names. */
  annotations: string;
  /** Folder with a folder of crops per video. */
  crops: string;
  /** Those that are there when undefined. */
  tasks?: readonly Task[] | undefined;
  /** A frame with some of its labels missing is kept, or dropped as the reference does. */
  partial: 'keep' | 'drop';
  /** One row per crop with the labels of all tasks, instead of one per crop and task. */
  join: boolean;
}

/** Lists the crops of a video once, although it has up to three label files; undefined where there are none. */
function cropLister(root: string, { tally }: ReadContext): (video: string) => Promise<Crops | undefined> {
  const listed = new Map<string, Crops | undefined>();
  return async (video) => {
    if (!listed.has(video)) listed.set(video, await listCrops(join(root, video), tally));
    return listed.get(video);
  };
}

const countKnown = (frames: readonly unknown[]) => frames.filter((label) => label !== undefined).length;

/** A video whose crops are missing is left out, with all its labels. */
function dropVideo(
  { file, name, video }: LabelFile,
  labels: VideoLabels,
  crops: string,
  context: ReadContext,
): void {
  if (context.strict)
    throw new DataError(
      { file: join(crops, video) },
      {
        found: `no crops of video ${video}`,
        expected: `pictures such as 00001.jpg for the labels in ${file}`,
      },
    );
  context.tally.drop('no crops of the video', name, countKnown(labels.frames));
}

/** The rows of one label file, and how many crops had no label or were dropped as partly labelled. */
function rowsOf(
  { video, split, name: source }: LabelFile,
  { file, frames }: VideoLabels,
  crops: Crops,
  partial: AffWild2Options['partial'],
  { tally }: ReadContext,
): { rows: FaceRow[]; unlabelled: number; partly: number } {
  const matched = matchFrames<FrameLabel>(crops, frames, file);
  const rows: FaceRow[] = [];
  let [unlabelled, partly] = [0, 0];
  for (const { frame, name, label } of matched) {
    if (label === undefined) unlabelled++;
    else if (label.partial && partial === 'drop') partly++;
    else
      rows.push({ dataset: DATASET, image: `${video}/${name}`, split, clip: video, frame, ...label.labels });
  }
  const unused = countKnown(frames) - (matched.length - unlabelled);
  if (unused > 0) tally.note('labels without a crop', source, unused);
  return { rows, unlabelled, partly };
}

/** Each set by itself: a crop that has labels in several has a row in each. */
async function* readSets(
  { crops: root, partial }: AffWild2Options,
  files: readonly LabelFile[],
  context: ReadContext,
): AsyncGenerator<FaceRow[]> {
  const cropsOf = cropLister(root, context);
  const overlap = new SplitOverlap(files);
  for (const [done, one] of files.entries()) {
    const labels = await readVideoLabels(one.file, one.task, context.schema);
    const crops = await cropsOf(one.video);
    if (crops === undefined) dropVideo(one, labels, root, context);
    else {
      const { rows, unlabelled, partly } = rowsOf(one, labels, crops, partial, context);
      if (partly > 0) context.tally.drop(PARTLY, one.name, partly);
      if (unlabelled > 0) context.tally.drop(UNLABELLED, one.name, unlabelled);
      overlap.add(one, rows);
      yield rows;
    }
    context.onProgress(done + 1, files.length);
  }
  overlap.report(context.tally);
}

/** The sets joined: training videos first, by name, then validation videos; one row per crop. */
async function* readJoined(
  { crops: root, partial }: AffWild2Options,
  files: readonly LabelFile[],
  context: ReadContext,
): AsyncGenerator<FaceRow[]> {
  let done = 0;
  for (const { video, parts } of joinLabels(files)) {
    const crops = await listCrops(join(root, video), context.tally);
    const rows = new Map<number, FaceRow>();
    for (const one of parts) {
      const labels = await readVideoLabels(one.file, one.task, context.schema);
      if (crops === undefined) dropVideo(one, labels, root, context);
      else {
        const read = rowsOf(one, labels, crops, partial, context);
        for (const row of read.rows)
          rows.set(row.frame as number, { ...rows.get(row.frame as number), ...row });
        if (read.partly > 0)
          context.tally.note('partly labelled for one task: not used', one.name, read.partly);
      }
    }
    const unlabelled = (crops?.numbers.length ?? 0) - rows.size;
    if (unlabelled > 0) context.tally.drop(UNLABELLED, video, unlabelled);
    yield [...rows.values()].sort((a, b) => (a.frame as number) - (b.frame as number));
    done += parts.length;
    context.onProgress(done, files.length);
  }
}

/**
 * Reads Aff-Wild2 in its FG-2020 form, and with schema `abaw3` in that of later challenges.
 *
 * Rows come set by set in the reference's order (AU, EXPR, VA; training, validation; videos by name; frames), each with
 * the labels of its set alone, since the challenge splits the videos differently for each task. `clip` is the video,
 * `_left` or `_right` included. `subject` stays unknown: the two sides of one video are two people, and the same person
 * may be in several videos.
 * @throws DataError for missing folders, malformed lines, crops beyond the labels; with `join` for a video that is on
 * two sides of the split
 */
export async function* readAffWild2(
  options: AffWild2Options,
  context: ReadContext,
): AsyncGenerator<FaceRow[]> {
  const files = await findLabelFiles(options.annotations, options.tasks, context);
  yield* (options.join ? readJoined : readSets)(options, files, context);
}
