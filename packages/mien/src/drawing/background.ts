// What stands behind the face: a plain colour, a gradient, or shapes out of focus.

import { SIDE } from './head.js';
import type { Canvas, Point } from './svg.js';

export interface FaceBackground {
  colour?: string;
  /** A second colour at the lower edge. */
  to?: string;
  /** Shapes out of focus; lengths in picture sides. */
  blobs?: readonly { at: Point; radius: number; colour: string }[];
}

export function drawBackground(canvas: Canvas, { colour = '#d8dde0', to, blobs = [] }: FaceBackground): void {
  const fill =
    to === undefined
      ? colour
      : canvas.linear(
          [0, 0],
          [SIDE * 0.3, SIDE],
          [
            [0, colour],
            [1, to],
          ],
        );
  canvas.path(`M0 0H${SIDE}V${SIDE}H0Z`, { fill });
  for (const { at, radius, colour: shape } of blobs)
    canvas.spot([at[0] * SIDE, at[1] * SIDE], radius * SIDE, radius * SIDE, shape, 0.9);
}
