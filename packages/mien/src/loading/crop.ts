// The reference's crops: a square of a picture whose shorter side is a fifth longer than the square's.

import type { RgbImage } from '../images/index.js';

/** Where a square is cut out. */
export interface Crop {
  x: number;
  y: number;
  flip: boolean;
}

/** The shorter side that pictures are resized to before a square of `size` is cut: 134 for 112. */
export const paperEdge = (size: number): number => Math.trunc(1.2 * size);

/** Python's `round`: halves go to the even neighbour. */
function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}

export const centreCrop = ({ width, height }: RgbImage, size: number): Crop => ({
  x: roundHalfToEven((width - size) / 2),
  y: roundHalfToEven((height - size) / 2),
  flip: false,
});

/**
 * @param u three numbers in [0, 1): for x, for y, and for the flip, which happens below 0.5. The reference uses one number for
 * all three, drawn once per process.
 */
export const randomCrop = (
  { width, height }: RgbImage,
  size: number,
  [u, v, w]: readonly [number, number, number],
): Crop => ({
  x: Math.trunc((width - size) * u),
  y: Math.trunc((height - size) * v),
  flip: w < 0.5,
});

/**
 * Writes a square of a picture, channel by channel.
 * @param image at least `size` × `size`
 * @param table [3, 256] what each byte becomes
 * @param out [3, size, size] from `offset` on
 */
export function writeCrop(
  { width, data }: RgbImage,
  { x, y, flip }: Crop,
  size: number,
  table: ArrayLike<number>,
  out: Float32Array | Uint8Array,
  offset: number,
): void {
  const plane = size * size;
  const step = flip ? -3 : 3;
  let to = offset;
  for (let row = 0; row < size; row++) {
    let at = ((y + row) * width + x + (flip ? size - 1 : 0)) * 3;
    for (let column = 0; column < size; column++, at += step, to++) {
      out[to] = table[data[at] as number] as number;
      out[to + plane] = table[256 + (data[at + 1] as number)] as number;
      out[to + 2 * plane] = table[512 + (data[at + 2] as number)] as number;
    }
  }
}
