// Frames of a video with their faces: followed from frame to frame, then smoothed.

import {
  createFaceTracker,
  createSmoother,
  type SmoothingOptions,
  type TrackedFace,
} from '../../faces/index.js';
import type { FaceModels } from '../face-finder.js';
import type { DecodedFrame, LocatedFace, LocatedFrame } from './stages.js';

export interface LocateOptions {
  detectEvery: number;
  smoothing: SmoothingOptions | 'none';
}

/** A face that is lost for longer gets a new number when it comes back. */
export const LONGEST_GAP = 25;

const located = ({ id, box, landmarks, score }: TrackedFace): LocatedFace => ({
  face: id,
  box,
  landmarks,
  score,
});

/** The faces of one video's frames. Each frame waits for those that its smoothing looks ahead at. */
export async function* locateFaces(
  frames: AsyncIterable<DecodedFrame>,
  { detect, landmarks }: FaceModels,
  { detectEvery, smoothing }: LocateOptions,
): AsyncGenerator<LocatedFrame> {
  const track = createFaceTracker(detect, landmarks, { every: detectEvery, longestGap: LONGEST_GAP });
  if (smoothing === 'none') {
    for await (const decoded of frames) {
      const faces = await track(decoded.picture);
      yield { decoded, faces: faces.map(located) };
    }
    return;
  }
  const smoother = createSmoother<TrackedFace>(smoothing);
  const waiting: DecodedFrame[] = [];
  const next = (faces: readonly TrackedFace[]): LocatedFrame => ({
    decoded: waiting.shift() as DecodedFrame,
    faces: faces.map(located),
  });
  for await (const decoded of frames) {
    waiting.push(decoded);
    const ready = smoother.push(await track(decoded.picture));
    if (ready !== undefined) yield next(ready);
  }
  for (const ready of smoother.end()) yield next(ready);
}
