// Cuts faces out of pictures and videos, several at a time. A crop that is there is not made again, so that work which
// was killed goes on where it stopped and ends with the same files.

import { type CropRecipe, cropFace, FaceGeometryError } from '../../faces/index.js';
import { decodeRgb, type RgbImage } from '../../images/index.js';
import { inFlight } from '../../streams/index.js';
import { readVideo, VideoError } from '../../video/index.js';
import type { CropFolder } from './folder.js';
import type { CropInput } from './input.js';
import type { CropPlan, CropSource } from './plan.js';

/** What became of a picture's or video's faces. */
export interface CutSource {
  source: CropSource;
  /** Crops that were made now. */
  made: number;
  /** Crops that were there already. */
  finished: number;
  /** Rows without a crop, and why. */
  failed: { row: number; reason: string }[];
}

export interface CutOptions {
  input: CropInput;
  plan: CropPlan;
  folder: CropFolder;
  recipe: CropRecipe;
  /** Pictures and videos that are worked on at the same time. */
  jobs: number;
  /** Called with the number of faces done since the last call. */
  onFaces?: (count: number) => void;
}

/** Crops of one video that are encoded and written while the next frames decode. */
const WRITES = 8;

/** @returns why no crop can be made, or undefined when it was */
async function cutOne(picture: RgbImage, row: number, { input, plan, folder, recipe }: CutOptions) {
  const { landmarks, box } = input.faces.row(row);
  let crop: RgbImage;
  try {
    crop = cropFace(picture, { landmarks, box }, recipe);
  } catch (error) {
    if (error instanceof FaceGeometryError) return error.message;
    throw error;
  }
  await folder.write(plan.paths[row] as string, crop);
  return undefined;
}

async function cutPicture(
  file: string,
  rows: readonly number[],
  options: CutOptions,
): Promise<CutSource['failed']> {
  const picture = await decodeRgb(file).catch(() => undefined);
  const failed: CutSource['failed'] = [];
  for (const row of rows) {
    const reason =
      picture === undefined ? 'a picture that cannot be decoded' : await cutOne(picture, row, options);
    if (reason !== undefined) failed.push({ row, reason });
  }
  return failed;
}

/** Reads the video as far as the last frame with a face in it. */
async function cutVideo(
  file: string,
  rows: readonly number[],
  options: CutOptions,
): Promise<CutSource['failed']> {
  const { faces } = options.input;
  const waiting = new Map<number, number[]>();
  for (const row of rows) {
    const frame = faces.frame.get(row) ?? 0;
    waiting.set(frame, [...(waiting.get(frame) ?? []), row]);
  }
  const failed: CutSource['failed'] = [];
  async function* framesWithFaces(): AsyncGenerator<() => Promise<void>> {
    for await (const { index, picture, release } of readVideo(file)) {
      const here = waiting.get(index) ?? [];
      waiting.delete(index);
      for (const row of here) {
        // The crop is cut at once, before the frame is released; encoding and writing take their time.
        const cutting = cutOne(picture, row, options);
        yield async () => {
          const reason = await cutting;
          if (reason !== undefined) failed.push({ row, reason });
          options.onFaces?.(1);
        };
      }
      release();
      if (waiting.size === 0) return;
    }
  }
  let reason = 'a frame that the video lacks';
  try {
    for await (const _ of inFlight(framesWithFaces(), WRITES, (finish) => finish()));
  } catch (error) {
    if (!(error instanceof VideoError)) throw error;
    reason = 'a video that cannot be decoded this far';
  }
  for (const row of [...waiting.values()].flat()) {
    failed.push({ row, reason });
    options.onFaces?.(1);
  }
  return failed.sort((one, other) => one.row - other.row);
}

async function cutSource(source: CropSource, options: CutOptions): Promise<CutSource> {
  const { plan, folder, onFaces } = options;
  const pending: number[] = [];
  for (const row of source.rows) if (!(await folder.has(plan.paths[row] as string))) pending.push(row);
  const finished = source.rows.length - pending.length;
  onFaces?.(finished);
  if (pending.length === 0) return { source, made: 0, finished, failed: [] };
  const failed = await (source.video ? cutVideo : cutPicture)(source.file, pending, options);
  if (!source.video) onFaces?.(pending.length);
  return { source, made: pending.length - failed.length, finished, failed };
}

/** Yields the sources in the plan's order, each when its crops are written. */
export function cutAll(options: CutOptions): AsyncGenerator<CutSource> {
  return inFlight(options.plan.sources, options.jobs, (source) => cutSource(source, options));
}
