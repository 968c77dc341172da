// What a detector looks at: its input is small and of one size, pictures are of any. One look at the whole picture finds
// faces that are not small in it; looks at its parts find the others.

import { type Affine, applyAffine, type Box, type Size } from './geometry.js';

/** Picture pixels per input pixel from one level of looks to the next finer one: detectors know faces of all sizes in between. */
const STEP = 4;
/** Share of a look that the next one beside it shows again, so that a face on the border is whole in one of them. */
const SHARED = 0.25;

/** Starts of equally long pieces that cover a length and share some of it. */
function startsOf(length: number, piece: number): number[] {
  if (piece >= length) return [(length - piece) / 2];
  const count = Math.ceil((length - piece * SHARED) / (piece * (1 - SHARED)));
  return Array.from({ length: count }, (_, i) => (i * (length - piece)) / Math.max(1, count - 1));
}

/**
 * Maps from the detector's input to the picture, each without turning or distorting: first one that shows the whole
 * picture, in its middle and with black around it; then parts at finer and finer scale.
 * @param scale picture pixels per input pixel that the finest looks must not exceed; infinite for the whole picture alone
 */
export function viewsOf(picture: Size, input: Size, scale: number): Affine[] {
  const whole = Math.max(picture.width / input.width, picture.height / input.height);
  const levels = Math.max(0, Math.ceil(Math.log(whole / scale) / Math.log(STEP)));
  const views: Affine[] = [];
  for (let level = 0; level <= levels; level++) {
    const step = levels === 0 ? whole : whole * (Math.min(whole, scale) / whole) ** (level / levels);
    for (const top of startsOf(picture.height, input.height * step))
      for (const left of startsOf(picture.width, input.width * step))
        views.push([step, 0, left, 0, step, top]);
  }
  return views;
}

/** A box of the input as one of the picture. */
export function boxInPicture(view: Affine, left: number, top: number, right: number, bottom: number): Box {
  const start = applyAffine(view, { x: left, y: top });
  const end = applyAffine(view, { x: right, y: bottom });
  return { x: start.x, y: start.y, width: end.x - start.x, height: end.y - start.y };
}
