// A face as it lies in the crops that data sets of faces come with, which is where none of the alignments lays it.

import type { RgbImage } from '../images/index.js';
import type { Face } from './crop.js';
import { composeAffine, FaceGeometryError } from './geometry.js';
import { fourPoints } from './landmarks.js';
import { levelSquare } from './level-eyes.js';
import { warp } from './warp.js';

/** Height of eyes and mouth in such crops, as shares; of a frontal face the eyes' centres are then 0.36 of the width apart. */
const EYES = 0.4;
const MOUTH = 0.79;
/** The square about eyes and mouth has them half its side apart. */
const MARGIN = 1 / (2 * (MOUTH - EYES)) - 1;
const SHIFT = (EYES + MOUTH) / 2 - 0.5;

/**
 * The eyes level, at 40 % of the crop's height, and the mouth at 79 %.
 * @param size side of the crop in pixels
 * @throws FaceGeometryError when the face has no landmarks, or they all lie in one place
 */
export function cropLikeDataSets(picture: RgbImage, { landmarks }: Face, size: number): RgbImage {
  if (landmarks === undefined) throw new FaceGeometryError('no landmarks');
  const { toPicture } = levelSquare(fourPoints(landmarks), MARGIN);
  const crop = composeAffine(toPicture, [1 / size, 0, 0, 0, 1 / size, -SHIFT]);
  return warp(picture, crop, { width: size, height: size }, 'bilinear');
}
