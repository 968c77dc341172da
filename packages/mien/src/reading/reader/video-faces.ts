// The faces of one video, picture by picture: followed, smoothed over time, chosen, cut out.

import {
  createFaceTracker,
  createSmoother,
  FaceGeometryError,
  type SmoothingOptions,
  type TrackedFace,
} from '../../faces/index.js';
import type { RgbImage } from '../../images/index.js';
import type { FaceModels } from '../face-finder.js';
import type { InputMaker } from './inputs.js';
import { createLargest } from './largest.js';
import type { CutFace, LocatedFace } from './stages.js';
import type { FaceChoice, StageTimes } from './types.js';

export interface VideoFacesOptions {
  detectEvery: number;
  smoothing: SmoothingOptions | 'none';
  choice: FaceChoice;
}

/** A face that is lost for longer gets a new number when it comes back. */
export const LONGEST_GAP = 25;

/** Pictures of which the faces are known. */
export interface LocatedPicture {
  picture: RgbImage;
  faces: CutFace[];
  times: Pick<StageTimes, 'locate' | 'cut'>;
}

/**
 * Cuts faces out. One of which no crop can be made, since its landmarks lie wild, is none.
 * @param locate milliseconds that finding them took
 */
export function cutFaces(
  picture: RgbImage,
  faces: readonly LocatedFace[],
  makeInputs: InputMaker,
  locate: number,
): LocatedPicture {
  const start = performance.now();
  const cut = faces.flatMap((face) => {
    try {
      return [{ ...face, inputs: makeInputs(picture, face) }];
    } catch (error) {
      if (error instanceof FaceGeometryError) return [];
      throw error;
    }
  });
  return { picture, faces: cut, times: { locate, cut: performance.now() - start } };
}

export interface VideoFaces {
  /** Takes the next picture. @returns those, in their order, whose faces are known by now */
  push(picture: RgbImage): Promise<LocatedPicture[]>;
  /** @returns those that waited for later ones */
  end(): LocatedPicture[];
}

export function createVideoFaces(
  { detect, landmarks }: FaceModels,
  makeInputs: InputMaker,
  { detectEvery, smoothing, choice }: VideoFacesOptions,
): VideoFaces {
  const track = createFaceTracker(detect, landmarks, { every: detectEvery, longestGap: LONGEST_GAP });
  const smoother = createSmoother<TrackedFace>(smoothing === 'none' ? { radius: 0 } : smoothing);
  const largest = createLargest();
  const waiting: { picture: RgbImage; locate: number }[] = [];
  const next = (tracked: readonly TrackedFace[]): LocatedPicture => {
    const faces = tracked.map(({ id: face, ...rest }) => ({ face, ...rest }));
    const { picture, locate } = waiting.shift() as (typeof waiting)[number];
    return cutFaces(picture, choice === 'largest' ? largest(faces) : faces, makeInputs, locate);
  };
  return {
    async push(picture) {
      const start = performance.now();
      const ready = smoother.push(await track(picture));
      waiting.push({ picture, locate: performance.now() - start });
      return ready === undefined ? [] : [next(ready)];
    },
    end: () => smoother.end().map(next),
  };
}
