// The test videos of a challenge: no labels, a row per frame that a prediction is wanted for.

import { join } from 'node:path';
import { DataError, listFolder } from '../../files/index.js';
import type { FaceRow } from '../face-row.js';
import { dropOrThrow, type ReadContext } from '../import.js';
import { type Crops, listCrops } from './crops.js';
import { containerFrameCount } from './frame-count.js';
import { fillGaps, fillGapsAsReference } from './gap-filling.js';
import { SET_ORDER } from './layout.js';
import { DATASET } from './read.js';
import { readLengths, type TestLists } from './test-lists.js';

/** How many frames a video has: see `docs/data-aff-wild2.md`. */
export type LengthRule = 'reference' | 'container' | 'crops' | { file: string };

export interface AffWild2TestOptions {
  lists: TestLists;
  /** Folder with a folder of crops per video. */
  crops: string;
  /** Folder with the raw videos, in it or in its folders `batch…`; not needed where lengths come from elsewhere. */
  videos?: string | undefined;
  length: LengthRule;
}

const VIDEO_FILE = /\.(?:avi|mp4|mov|mkv|webm|m4v|mpe?g|wmv)$/i;

/** The raw video behind a name: both people of a video share one. */
export const rawVideoName = (video: string): string => video.replace(/_(?:left|right)$/, '');

/** Name up to the last dot → files. */
async function findVideos(folder: string): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  const { folders } = await listFolder(folder);
  for (const part of ['.', ...folders.filter((name) => name.startsWith('batch'))])
    for (const name of (await listFolder(join(folder, part))).files)
      if (VIDEO_FILE.test(name)) {
        const stem = name.replace(VIDEO_FILE, '');
        found.set(stem, [...(found.get(stem) ?? []), join(folder, part, name)]);
      }
  return found;
}

/** @returns a function from a video's name to the container's frame count; each video is asked once */
async function containerCounts(videos: string | undefined): Promise<(video: string) => Promise<number>> {
  if (videos === undefined)
    throw new DataError(
      { file: 'videos' },
      { found: 'no folder of raw videos', expected: 'one, to count frames', hint: 'Give it with --videos' },
    );
  const files = await findVideos(videos);
  const counts = new Map<string, number>();
  return async (video) => {
    const raw = rawVideoName(video);
    const [file, ...more] = files.get(raw) ?? [];
    if (file === undefined)
      throw new DataError(
        { file: videos },
        { found: `no video ${raw}`, expected: `${raw}.mp4 or the like, in it or in a folder batch…` },
      );
    if (more.length > 0)
      throw new DataError({ file }, { found: `also ${more.join(', ')}`, expected: `one video ${raw}` });
    const count = counts.get(raw) ?? (await containerFrameCount(file));
    counts.set(raw, count);
    return count;
  };
}

/** @returns a function that gives each output frame of a video its crop's number */
async function filler({
  length,
  videos,
}: AffWild2TestOptions): Promise<(video: string, crops: Crops) => Promise<number[]>> {
  if (length === 'crops')
    return async (_, { numbers }) => fillGaps(numbers, numbers[numbers.length - 1] ?? 0);
  if (typeof length === 'object') {
    const lengths = await readLengths(length.file);
    return async (video, { numbers }) => {
      const frames = lengths.get(video) ?? lengths.get(rawVideoName(video));
      if (frames === undefined)
        throw new DataError({ file: length.file }, { found: `no length of ${video}`, expected: 'one' });
      return fillGaps(numbers, frames);
    };
  }
  const count = await containerCounts(videos);
  const fill = length === 'reference' ? fillGapsAsReference : fillGaps;
  return async (video, { numbers }) => fill(numbers, await count(video));
}

/**
 * Reads lists of test videos: for each video, in the order of first naming (AU, EXPR, VA), a row per output frame with
 * the crop that stands for it. A video that several lists name comes once: `testListsOf` tells each task's videos.
 * @throws DataError for missing videos, lengths, or ffprobe; a video without crops is dropped, or stops a strict import
 */
export async function* readAffWild2Test(
  options: AffWild2TestOptions,
  context: ReadContext,
): AsyncGenerator<FaceRow[]> {
  const videos = [...new Set(SET_ORDER.flatMap((task) => options.lists[task]?.videos ?? []))];
  const fill = await filler(options);
  for (const [done, video] of videos.entries()) {
    const crops = await listCrops(join(options.crops, video), context.tally);
    if (crops === undefined)
      dropOrThrow(
        context,
        'no crops of the video',
        { file: join(options.crops, video) },
        'crops such as 00001.jpg',
      );
    else {
      const names = new Map(Array.from(crops.numbers, (number, i) => [number, crops.name(i)]));
      const chosen = await fill(video, crops);
      const used = new Set(chosen).size;
      const [beyond, borrowed] = [names.size - used, chosen.length - used];
      if (beyond > 0) context.tally.note('crops beyond the length of the video', video, beyond);
      if (borrowed > 0) context.tally.note('frames that borrow the crop of another', video, borrowed);
      yield chosen.map((number, frame) => ({
        dataset: DATASET,
        image: `${video}/${names.get(number)}`,
        split: 'test',
        clip: video,
        frame,
      }));
    }
    context.onProgress(done + 1, videos.length);
  }
}
