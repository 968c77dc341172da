// AFEW-VA (Kossaifi et al. 2017): 600 clips of films with 68 landmarks, valence and arousal per frame. The faces are
// aligned here, or left to `mien data crops`.

import { join } from 'node:path';
import { cropFace, FaceGeometryError } from '../faces/index.js';
import { DataError, listFolder } from '../files/index.js';
import { decodeRgb } from '../images/index.js';
import { LegacyNumpyRandom } from '../random/index.js';
import { inFlight, JOBS } from '../streams/index.js';
import { type AfewClip, readClip } from './afew-va-clip.js';
import { type CropFolder, openCropFolder } from './crops/index.js';
import type { FaceRow, Split } from './face-row.js';
import { dropOrThrow, type ReadContext } from './import.js';

export const AFEW_ALIGNMENTS = ['none', 'reference', 'bilinear'] as const;

export interface AfewVaOptions {
  /** Holds folders 01 … 12, those of clips, and these PNG frames and one JSON file. */
  root: string;
  /** Folder for the aligned faces; the manifest's root. Not needed for `none`. */
  crops?: string | undefined;
  /** `none` keeps whole frames with their landmarks; the others as in `ALIGNMENTS`. */
  align: (typeof AFEW_ALIGNMENTS)[number];
}

const TRAINING_SHARE = 0.8;

/** Folder and name of a clip, as `01_003`. */
const clipName = (folder: string, clip: string) => `${folder}_${clip}`;

/** Clips in the reference's order: permuted by NumPy's legacy generator, training clips first. */
export function splitAfewVa(clips: readonly string[]): { clip: string; split: Split }[] {
  const sorted = [...clips].sort();
  const training = Math.trunc(TRAINING_SHARE * sorted.length);
  const order = new LegacyNumpyRandom(0).permutation(sorted.length);
  return order.map((index, place) => ({
    clip: sorted[index] as string,
    split: place < training ? 'train' : 'validation',
  }));
}

/** Clip → its folder below the root. */
async function findClips(root: string, { tally }: ReadContext): Promise<Map<string, string>> {
  const clips = new Map<string, string>();
  const { folders, files } = await listFolder(root);
  for (const folder of folders) {
    if (!/^(0[1-9]|1[0-2])$/.test(folder)) {
      tally.note('a folder other than 01 to 12', folder);
      continue;
    }
    const inside = await listFolder(join(root, folder));
    for (const name of inside.folders) clips.set(clipName(folder, name), join(folder, name));
    for (const name of inside.files) tally.note('a file beside the folders of clips', join(folder, name));
  }
  for (const name of files) tally.note('a file beside the folders of clips', name);
  if (clips.size === 0)
    throw new DataError(
      { file: root },
      { found: 'no clips', expected: 'folders 01 to 12 with those of clips' },
    );
  return clips;
}

/** Aligns one frame unless that was done before. @returns why it cannot be done, or undefined */
async function alignFrame(
  file: string,
  landmarks: readonly number[],
  align: 'reference' | 'bilinear',
  path: string,
  crops: CropFolder,
): Promise<string | undefined> {
  if (await crops.has(path)) return undefined;
  const picture = await decodeRgb(file).catch(() => undefined);
  if (picture === undefined) return 'a picture that cannot be decoded';
  try {
    await crops.write(path, cropFace(picture, { landmarks }, { align, size: 'natural', margin: 0 }));
    return undefined;
  } catch (error) {
    if (error instanceof FaceGeometryError) return error.message;
    throw error;
  }
}

/** The clip's rows; frames that cannot be aligned are dropped. */
async function clipRows(
  { clip, split, folder, frames }: AfewClip & { clip: string; split: Split; folder: string },
  { root, align }: AfewVaOptions,
  crops: CropFolder | undefined,
  context: ReadContext,
): Promise<FaceRow[]> {
  const rows: FaceRow[] = [];
  const outcomes = inFlight(frames, JOBS, async (frame) => {
    const source = join(folder, `${frame.name}.png`);
    const image = crops === undefined ? source : `${clip}/${frame.name}.png`;
    const reason =
      crops === undefined || align === 'none'
        ? undefined
        : await alignFrame(join(root, source), frame.landmarks, align, image, crops);
    return { frame, source, image, reason };
  });
  for await (const { frame, source, image, reason } of outcomes) {
    const { number, valence, arousal, landmarks } = frame;
    if (reason !== undefined) dropOrThrow(context, reason, { file: join(root, source) }, 'a face to align');
    else
      rows.push({
        dataset: 'afew-va',
        image,
        split,
        clip,
        frame: number,
        ...(crops === undefined ? { landmarks } : {}),
        valence,
        arousal,
      });
  }
  return rows;
}

/** Rows in the reference's order: clips as `splitAfewVa` orders them, frames by name. */
export async function* readAfewVa(options: AfewVaOptions, context: ReadContext): AsyncGenerator<FaceRow[]> {
  const { root, align, crops: cropFolder } = options;
  const folders = await findClips(root, context);
  const crops =
    align === 'none' || cropFolder === undefined
      ? undefined
      : await openCropFolder(cropFolder, { align, size: 'natural', margin: 0, format: 'png' });
  let done = 0;
  for (const { clip, split } of splitAfewVa([...folders.keys()])) {
    const folder = folders.get(clip) ?? '';
    const { frames } = await readClip(join(root, folder));
    yield await clipRows({ clip, split, folder, frames }, options, crops, context);
    context.onProgress(++done, folders.size);
  }
}
