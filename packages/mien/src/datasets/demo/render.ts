// From a shot to the bytes of its picture.

import { drawFace } from '../../drawing/index.js';
import { decodeRgb, encodeJpeg } from '../../images/index.js';
import { photograph } from './camera.js';
import { affectOf } from './labels.js';
import type { Shot } from './stills.js';

/** The shot as vector drawing. Pupils widen with arousal. @param size pixels of a side */
export function drawShot({ identity, behaviour, scene }: Shot, size: number): string {
  const { units, flush } = behaviour;
  const pupil = 0.5 + 0.5 * affectOf(units, flush).arousal;
  const { pose, light, background, gaze, lopsided } = scene;
  return drawFace(
    { identity, actions: { units, flush, pupil, gaze, lopsided }, pose, light, background },
    { size },
  );
}

/** The shot as JPEG, taken by its camera. */
export async function renderShot(shot: Shot, size: number): Promise<Uint8Array> {
  const picture = await decodeRgb(Buffer.from(drawShot(shot, size)));
  return encodeJpeg(photograph(picture, shot.scene.camera, shot.seed), shot.scene.camera.quality);
}
