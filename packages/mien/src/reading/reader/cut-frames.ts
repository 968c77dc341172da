// Videos and pictures as frames whose faces are found and cut out, some frames at a time.

import { DataError } from '../../files/index.js';
import { inFlight } from '../../streams/index.js';
import type { VideoSource } from '../../video/index.js';
import type { FaceThread } from './face-thread.js';
import { frameOfPicture, framesOfVideo } from './sources.js';
import type { CutFace, CutFrame, DecodedFrame } from './stages.js';
import type { FaceChoice, ReadOptions, ReadPicturesOptions } from './types.js';
import type { LocatedPicture, VideoFacesOptions } from './video-faces.js';

/** Frames that the thread of faces has before it besides those that smoothing keeps. */
const BEFORE_IT = 3;
/** Pictures that are decoded, or wait for the thread of faces, at a time. */
const WAITING = 4;

/** Faces as they lie in the frame, whose picture may have been decoded smaller. */
function facesInFrame(
  { width, height }: DecodedFrame,
  { picture, faces }: LocatedPicture,
): readonly CutFace[] {
  const [x, y] = [width / picture.width, height / picture.height];
  if (x === 1 && y === 1) return faces;
  return faces.map(({ box, landmarks, ...face }) => ({
    ...face,
    box: { x: box.x * x, y: box.y * y, width: box.width * x, height: box.height * y },
    landmarks: landmarks.map((at, i) => at * (i % 2 === 0 ? x : y)),
  }));
}

/** Gives the picture out where it is asked for; else its memory may be used again. */
export function cutFrame(
  decoded: DecodedFrame,
  located: LocatedPicture,
  { pictures = false, times }: Pick<ReadOptions, 'pictures' | 'times'>,
): CutFrame {
  if (times !== undefined) {
    times.locate += located.times.locate;
    times.cut += located.times.cut;
  }
  const { source, frame, time, width, height, picture, release } = decoded;
  picture.data = located.picture.data; // the memory is back
  if (!pictures) release();
  const faces = facesInFrame(decoded, located);
  return { source, frame, time, width, height, faces, ...(pictures && { picture }) };
}

/** @throws VideoError after the frames that could be decoded; the signal's reason */
export async function* cutVideo(
  source: VideoSource,
  thread: FaceThread,
  read: ReadOptions,
  options: VideoFacesOptions,
): AsyncGenerator<CutFrame> {
  const { smoothing } = options;
  const { radius = 3, ahead: later = radius } = smoothing === 'none' ? { radius: 0 } : smoothing;
  const video = thread.openVideo(options);
  let failure: { error: unknown } | undefined;
  async function* frames(): AsyncGenerator<DecodedFrame> {
    try {
      yield* framesOfVideo(source, read); // which decodes ahead itself
    } catch (error) {
      failure = { error }; // told after the frames that are still on their way
    }
    video.end();
  }
  const isLive = typeof source !== 'string';
  const atATime = Math.min(radius, later) + (isLive ? 1 : BEFORE_IT);
  try {
    yield* inFlight(frames(), atATime, async (decoded) =>
      cutFrame(decoded, await video.locate(decoded.picture), read),
    );
    if (failure !== undefined) throw failure.error;
  } finally {
    video.drop();
  }
}

/** Pictures that do not open are told to `onProblem`, or with `strict` an error. */
export async function* cutPictures(
  files: Iterable<string> | AsyncIterable<string>,
  thread: FaceThread,
  choice: FaceChoice,
  read: ReadPicturesOptions,
): AsyncGenerator<CutFrame> {
  const { pictures = false, strict = false, signal, onProblem } = read;
  const results = inFlight(files, WAITING, async (file) => {
    signal?.throwIfAborted();
    try {
      const decoded = await frameOfPicture(file, { whole: pictures });
      return cutFrame(decoded, await thread.locate(decoded.picture, choice), read);
    } catch (error) {
      if (strict || !(error instanceof DataError)) throw error;
      return { source: file, message: error.message };
    }
  });
  for await (const result of results)
    if ('message' in result) onProblem?.(result);
    else yield result;
}
