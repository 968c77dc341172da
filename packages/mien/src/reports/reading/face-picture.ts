// Small pictures of faces, as a page holds them.

import { cropFace } from '../../faces/index.js';
import { encodeJpeg, type RgbImage } from '../../images/index.js';
import type { FaceReading } from '../../reading/index.js';

/** Pixels of a side; shown smaller, so that it is sharp on screens of double density. */
const SIDE = 96;
const QUALITY = 80;

/** The face with some of what is around it, level or not; undefined where no crop can be made of its box. */
export function facePicture(picture: RgbImage | undefined, { box }: FaceReading): RgbImage | undefined {
  if (picture === undefined || !(box.width > 0) || !(box.height > 0)) return undefined;
  return cropFace(picture, { box }, { align: 'box', size: SIDE, margin: 0.3 });
}

export const dataUri = async (picture: RgbImage): Promise<string> =>
  `data:image/jpeg;base64,${Buffer.from(await encodeJpeg(picture, QUALITY)).toString('base64')}`;
