// The thread that finds faces and cuts them out, as that takes longer than all else: `face-thread.ts` is its other side.

import { parentPort, workerData } from 'node:worker_threads';
import { createFaceFinder } from '../../faces/index.js';
import type { RgbImage } from '../../images/index.js';
import type { ModelInfo } from '../../models/index.js';
import { type FaceModelOptions, openFaceModels } from '../face-finder.js';
import { atWork } from './exit-guard.js';
import { createInputMaker } from './inputs.js';
import type { LocatedFace } from './stages.js';
import type { FaceChoice } from './types.js';
import {
  createVideoFaces,
  cutFaces,
  type LocatedPicture,
  type VideoFaces,
  type VideoFacesOptions,
} from './video-faces.js';

export interface FaceWorkerData {
  faceModels: FaceModelOptions;
  /** A model's description for each kind of input. */
  kinds: readonly ModelInfo[];
  /** Of `exit-guard.ts`. */
  guard: Int32Array;
}

/** Pictures go to and fro with their memory: nothing is copied. */
export type FaceRequest =
  | { kind: 'picture'; video: number; picture: RgbImage; choice: FaceChoice }
  | { kind: 'begin'; video: number; options: VideoFacesOptions }
  | { kind: 'frame'; video: number; picture: RgbImage }
  | { kind: 'end'; video: number }
  | { kind: 'drop'; video: number }
  | { kind: 'close' };

/** One for each request but the last: of the picture or video with this number what is known now, in order; or what went wrong. */
export type FaceReply = { video: number; located: LocatedPicture[] } | { video: number; error: unknown };

const { faceModels, kinds, guard } = workerData as FaceWorkerData;
const models = await atWork(guard, () => openFaceModels(faceModels));
const find = createFaceFinder(models.detect, models.landmarks);
const makeInputs = createInputMaker(kinds);
const videos = new Map<number, VideoFaces>();

const areaOf = ({ box: { width, height } }: LocatedFace) => width * height;

/** Faces of a single picture, from the largest down. */
async function locate(picture: RgbImage, choice: FaceChoice): Promise<LocatedPicture> {
  const start = performance.now();
  const faces: LocatedFace[] = [];
  for (const { box, landmarks, score = 0 } of await find(picture))
    if (box !== undefined && landmarks !== undefined) faces.push({ face: 0, box, landmarks, score });
  faces.sort((one, other) => areaOf(other) - areaOf(one));
  const chosen = choice === 'largest' ? faces.slice(0, 1) : faces;
  return cutFaces(
    picture,
    chosen.map((face, i) => ({ ...face, face: i })),
    makeInputs,
    performance.now() - start,
  );
}

async function serve(request: Exclude<FaceRequest, { kind: 'close' }>): Promise<LocatedPicture[]> {
  const { video } = request;
  if (request.kind === 'picture') return [await locate(request.picture, request.choice)];
  if (request.kind === 'begin') videos.set(video, createVideoFaces(models, makeInputs, request.options));
  const faces = videos.get(video);
  if (request.kind === 'drop') videos.delete(video);
  else if (request.kind === 'frame') return (await faces?.push(request.picture)) ?? [];
  else if (request.kind === 'end') return faces?.end() ?? [];
  return [];
}

const memoryOf = (located: readonly LocatedPicture[]) =>
  located.flatMap(({ picture, faces }) => [picture, ...faces.flatMap(({ inputs }) => inputs)]);

let served = Promise.resolve();
let closing = false;
parentPort?.on('message', (request: FaceRequest) => {
  if (request.kind === 'close') {
    closing = true;
    served = served.then(() => models.close()).finally(() => parentPort?.close());
    return;
  }
  const { video } = request;
  served = served.then(async () => {
    if (closing) return;
    try {
      const located = await atWork(guard, () => serve(request));
      const memory = memoryOf(located).map((one) => ('data' in one ? one.data : one).buffer as ArrayBuffer);
      parentPort?.postMessage({ video, located }, memory);
    } catch (error) {
      parentPort?.postMessage({ video, error });
    }
  });
});
