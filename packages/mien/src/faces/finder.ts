// The seam for detectors: crops are made from landmarks wherever these come from.

import type { RgbImage } from '../images/index.js';
import type { Face } from './crop.js';

/** A face that was found in a picture. */
export interface FoundFace extends Face {
  /** The detector's confidence, 0 … 1. */
  score?: number | undefined;
  /** In a video: the number of its track, which no other face has. */
  id?: number | undefined;
}

/**
 * Finds the faces in a picture, in an order that depends on the picture alone (say, from the most certain down). The
 * picture's memory is used again for the next frame once the promise is settled.
 */
export type FaceFinder = (picture: RgbImage) => Promise<readonly FoundFace[]>;
