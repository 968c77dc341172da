import { type Affine, invertAffine, type Point } from 'mien/faces';
import type { RgbImage } from 'mien/images';

/**
 * A smooth painting that is defined at every point, seen through `toPainting` and sampled at pixel centres: what a warp
 * should give can be computed without a warp.
 */
export function pictureOf(width: number, height: number, toPainting: Affine = [1, 0, 0, 0, 1, 0]): RgbImage {
  const [a, b, c, d, e, f] = toPainting;
  const data = new Uint8Array(width * height * 3);
  for (let row = 0, at = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      const x = a * (column + 0.5) + b * (row + 0.5) + c;
      const y = d * (column + 0.5) + e * (row + 0.5) + f;
      data[at++] = 128.5 + 100 * Math.sin(x / 17) * Math.cos(y / 23);
      data[at++] = 128.5 + 100 * Math.cos(x / 29 + y / 19);
      data[at++] = 128.5 + 80 * Math.sin((x - y) / 31);
    }
  return { width, height, data };
}

/** Mean absolute difference of two pictures of one size. */
export function meanDifference(one: RgbImage, other: RgbImage): number {
  let sum = 0;
  for (let i = 0; i < one.data.length; i++) sum += Math.abs((one.data[i] ?? 0) - (other.data[i] ?? 0));
  return one.data.length === other.data.length ? sum / one.data.length : Number.NaN;
}

export const moved = ([a, b, c, d, e, f]: Affine, points: readonly Point[]): Point[] =>
  points.map(({ x, y }) => ({ x: a * x + b * y + c, y: d * x + e * y + f }));

export const flat = (points: readonly Point[]): number[] => points.flatMap(({ x, y }) => [x, y]);

export { invertAffine };
