// What a detector looks at: its input is small and of one size, pictures are of any. One look at the whole picture finds
// faces that are not small in it; looks at its parts find the others.

import type { RgbImage } from '../images/index.js';
import { type Affine, applyAffine, type Box, type Size } from './geometry.js';
import type { Floats, Normalisation } from './model-input.js';

/** Picture pixels per input pixel from one level of looks to the next finer one: detectors know faces of all sizes in between. */
const STEP = 4;
/** Share of a look that the next one beside it shows again, so that a face on the border is whole in one of them. */
const SHARED = 0.25;

/** A piece that is shorter by so little is as long. */
const ROUNDING = 1e-9;

/** Starts of equally long pieces that cover a length and share some of it. */
function startsOf(length: number, piece: number): number[] {
  if (piece >= length * (1 - ROUNDING)) return [(length - piece) / 2];
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

/** Along each axis, so many picture pixels are looked at for one of the input at most. */
const MOST_TAPS = 3;
const OUTSIDE = -1;

/** For each input pixel along an axis the picture pixels, `taps` of them spread over it; −1 outside. */
function tapsAlong(count: number, taps: number, step: number, start: number, limit: number): Int32Array {
  const places = new Int32Array(count * taps);
  for (let i = 0; i < places.length; i++) {
    const at = Math.floor(((i + 0.5) / taps) * step + start);
    places[i] = at >= 0 && at < limit ? at : OUTSIDE;
  }
  return places;
}

/**
 * What a network sees in a view: each input pixel the mean of a few picture pixels, which is all that finding a face
 * needs, and many times faster than a warp. Outside the picture is black.
 * @returns [1, 3, height, width]
 */
export function lookAt(
  picture: RgbImage,
  view: Affine,
  { width, height }: Size,
  { mean, scale }: Normalisation,
): Floats {
  const [step, , left, , , top] = view;
  const taps = Math.min(MOST_TAPS, Math.max(1, Math.ceil(step)));
  const columns = tapsAlong(width, taps, step, left, picture.width);
  const rows = tapsAlong(height, taps, step, top, picture.height);
  const plane = width * height;
  const data = new Float32Array(3 * plane);
  const [red, green, blue] = mean;
  const share = 1 / taps ** 2;
  const { data: bytes, width: stride } = picture;
  for (let y = 0, target = 0; y < height; y++)
    for (let x = 0; x < width; x++, target++) {
      let r = 0;
      let g = 0;
      let b = 0;
      for (let v = y * taps; v < (y + 1) * taps; v++) {
        const row = rows[v] as number;
        if (row === OUTSIDE) continue;
        for (let u = x * taps; u < (x + 1) * taps; u++) {
          const column = columns[u] as number;
          if (column === OUTSIDE) continue;
          const from = (row * stride + column) * 3;
          r += bytes[from] as number;
          g += bytes[from + 1] as number;
          b += bytes[from + 2] as number;
        }
      }
      data[target] = (r * share - red) * scale;
      data[plane + target] = (g * share - green) * scale;
      data[2 * plane + target] = (b * share - blue) * scale;
    }
  return { dims: [1, 3, height, width], data };
}
