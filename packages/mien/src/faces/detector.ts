// Detectors: where in a picture faces are.

import type { RgbImage } from '../images/index.js';
import { type Detection, suppress } from './boxes.js';
import type { Affine, Size } from './geometry.js';
import { type FaceModel, type Floats, type Normalisation, outputOf } from './model-input.js';
import { boxInPicture, lookAt, viewsOf } from './views.js';

/** Finds faces, from the surest down. */
export type FaceDetector = (picture: RgbImage) => Promise<Detection[]>;

export interface DetectorOptions {
  /**
   * Width in pixels of the smallest faces that must be found. Without it the picture is looked at once, and in a picture
   * of 1920 × 1080 faces under some 110 pixels may be missed.
   */
  smallestFace?: number | undefined;
  /** Confidence from which on something is a face, 0 … 1. Default: 0.6. */
  leastScore?: number | undefined;
}

/** One kind of detector network. */
export interface DetectorKind {
  input: Size;
  inputName: string;
  normalisation: Normalisation;
  /** Width of the smallest faces that it finds reliably, in pixels of its input. */
  smallestFace: number;
  /** Detections in one view, unsuppressed, in picture coordinates. */
  decode(outputs: ReadonlyMap<string, Floats>, view: Affine, leastScore: number): Detection[];
}

/** Faces that overlap more are one. */
const SAME_FACE = 0.35;
const LEAST_SCORE = 0.6;

/** @param model the network of this kind, loaded */
export function createDetector(
  kind: DetectorKind,
  model: FaceModel,
  { smallestFace, leastScore = LEAST_SCORE }: DetectorOptions = {},
): FaceDetector {
  const scale = smallestFace === undefined ? Number.POSITIVE_INFINITY : smallestFace / kind.smallestFace;
  return async (picture) => {
    if (picture.width === 0 || picture.height === 0) return [];
    const found: Detection[] = [];
    for (const view of viewsOf(picture, kind.input, scale)) {
      const seen = lookAt(picture, view, kind.input, kind.normalisation);
      const outputs = await model.run({ [kind.inputName]: seen });
      found.push(...kind.decode(outputs, view, leastScore));
    }
    return suppress(found, SAME_FACE);
  };
}

/**
 * Ultra-Light-Fast-Generic-Face-Detector-1MB, RFB-320: 4420 boxes that the network itself has decoded, as corners in shares
 * of its input, and a score for "nothing" and for "face".
 */
export const RFB_320: DetectorKind = {
  input: { width: 320, height: 240 },
  inputName: 'input',
  normalisation: { mean: [127, 127, 127], scale: 1 / 128 },
  smallestFace: 18,
  decode(outputs, view, leastScore) {
    const [scores, boxes] = [outputOf(outputs, 'scores'), outputOf(outputs, 'boxes')];
    const { width, height } = this.input;
    const found: Detection[] = [];
    for (let i = 0; 2 * i < scores.length; i++) {
      const score = scores[2 * i + 1] as number;
      if (!(score >= leastScore)) continue;
      const [left, top, right, bottom] = boxes.subarray(4 * i, 4 * i + 4) as unknown as [
        number,
        number,
        number,
        number,
      ];
      found.push({
        box: boxInPicture(view, left * width, top * height, right * width, bottom * height),
        score,
      });
    }
    return found;
  },
};
