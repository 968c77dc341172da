// Faces of pictures and videos that nobody marked: asks a finder, frame by frame, and keeps what it found per picture or
// video beside the crops, so that a killed run does not ask again.

import { readFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import * as z from 'zod';
import { type FaceFinder, smoothFrames } from '../../faces/index.js';
import { DataError, statIfThere, writeWhole } from '../../files/index.js';
import { decodeRgb } from '../../images/index.js';
import { inFlight } from '../../streams/index.js';
import { readVideo, VideoError } from '../../video/index.js';
import { FaceTable } from '../face-table.js';
import { dropOrThrow, type ReadContext } from '../import.js';
import type { CropInput } from './input.js';
import { type SourceFiles, withoutExtension } from './sources.js';

/** In the folder of crops: what was found, a file per picture or video. */
const FOUND = '.faces';

const FACE = z.object({
  box: z.object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() }).optional(),
  landmarks: z.array(z.number()).readonly().optional(),
  score: z.number().optional(),
  id: z.number().optional(),
});
const FACES_OF_SOURCE = z.object({
  /** Per frame (a picture has one), best first as the finder gives them. */
  frames: z.array(z.array(FACE)),
  /** The video ended in an error. */
  damaged: z.boolean(),
});
type FacesOfSource = z.infer<typeof FACES_OF_SOURCE>;

/** Finders of faces: one for all pictures, and a new one for each video, that may follow faces from frame to frame. */
export interface FaceFinders {
  ofPictures: FaceFinder;
  ofVideo: () => FaceFinder;
}

async function askOfPicture(file: string, finder: FaceFinder): Promise<FacesOfSource | undefined> {
  const picture = await decodeRgb(file).catch(() => undefined);
  return picture && { frames: [[...(await finder(picture))]], damaged: false };
}

async function askOfVideo(file: string, finder: FaceFinder): Promise<FacesOfSource | undefined> {
  const frames: FacesOfSource['frames'] = [];
  let damaged = false;
  try {
    for await (const { picture, release } of readVideo(file)) {
      frames.push([...(await finder(picture))]);
      release();
    }
  } catch (error) {
    if (!(error instanceof VideoError)) throw error;
    if (frames.length === 0) return undefined;
    damaged = true;
  }
  return { frames: smoothFrames(frames), damaged };
}

async function findIn(file: string, video: boolean, note: string, finders: FaceFinders) {
  if ((await statIfThere(note)) === undefined) {
    const found = await (video
      ? askOfVideo(file, finders.ofVideo())
      : askOfPicture(file, finders.ofPictures));
    if (found !== undefined) writeWhole(note, JSON.stringify(found));
    return found;
  }
  try {
    return FACES_OF_SOURCE.parse(JSON.parse(await readFile(note, 'utf8')));
  } catch (cause) {
    const words = { found: 'something else', expected: 'the faces found before', hint: 'Delete this file' };
    throw new DataError({ file: note }, { ...words, cause });
  }
}

export interface DetectOptions {
  dataset: string;
  /** Folder of the crops, which exists. */
  folder: string;
  context: ReadContext;
  jobs: number;
  /** Part of the pictures and videos. */
  shard: { index: number; count: number };
}

/** A row per face, pictures first, then videos. A video's crops lie in a folder of its name, as a clip. */
export async function detectFaces(
  sources: SourceFiles,
  finders: FaceFinders,
  options: DetectOptions,
): Promise<CropInput> {
  const { dataset, folder, context, jobs, shard } = options;
  const faces = new FaceTable(context.schema);
  const faceNumbers: number[] = [];
  const own = `${relative(resolve(sources.root), resolve(folder))}/`; // crops may lie beside what they are made of
  const all = [
    ...sources.pictures.map((path) => ({ path, video: false })),
    ...sources.videos.map((path) => ({ path, video: true })),
  ]
    .filter(({ path }) => !path.startsWith(own))
    .filter((_, i) => i % shard.count === shard.index);
  const finding = inFlight(all, jobs, async ({ path, video }) => {
    const file = join(sources.root, path);
    return {
      path,
      video,
      file,
      found: await findIn(file, video, join(folder, FOUND, `${path}.json`), finders),
    };
  });
  let done = 0;
  for await (const { path, video, file, found } of finding) {
    context.onProgress(++done, all.length);
    if (found === undefined) {
      dropOrThrow(context, `a ${video ? 'video' : 'picture'} that cannot be decoded`, { file }, 'faces');
      continue;
    }
    if (found.damaged) context.tally.note('a video that is damaged towards its end', file);
    const without = found.frames.filter((frame) => frame.length === 0).length;
    if (without > 0) context.tally.drop('no face found', file, without);
    found.frames.forEach((inFrame, frame) => {
      inFrame.forEach(({ box, landmarks, id }, place) => {
        const where = video ? { video: path, frame, clip: withoutExtension(path) } : { image: path };
        faces.push({ dataset, ...where, box, landmarks });
        faceNumbers.push(id ?? place);
      });
    });
  }
  return { faces, roots: new Map([[dataset, resolve(sources.root)]]), history: [], faceNumbers };
}
