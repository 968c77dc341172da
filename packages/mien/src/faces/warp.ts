// One affine warp for every kind of crop: for each pixel of the crop, what the picture shows there; black outside.

import type { RgbImage } from '../images/index.js';
import { type Affine, composeAffine, type Size } from './geometry.js';

/**
 * `nearest` takes the pixel that a crop pixel's centre falls into; `bilinear` interpolates, and averages when shrinking; `quick`
 * interpolates between pixels of the picture, or of a smaller one that lies nearest to the crop's scale, which is up to four times
 * as fast as averaging, and all that landmark networks need.
 */
export type Sampling = 'nearest' | 'bilinear' | 'quick';

/**
 * @param toPicture from the crop's coordinates to the picture's
 * @param size of the crop, whole pixels
 */
export function warp(picture: RgbImage, toPicture: Affine, size: Size, sampling: Sampling): RgbImage {
  if (sampling === 'nearest') return warpNearest(picture, toPicture, size);
  return sampling === 'quick' ? warpQuick(picture, toPicture, size) : warpBilinear(picture, toPicture, size);
}

function warpNearest(picture: RgbImage, [a, b, c, d, e, f]: Affine, { width, height }: Size): RgbImage {
  const crop = new Uint8Array(width * height * 3);
  for (let row = 0, target = 0; row < height; row++)
    for (let column = 0; column < width; column++, target += 3) {
      const x = Math.floor(a * (column + 0.5) + b * (row + 0.5) + c);
      const y = Math.floor(d * (column + 0.5) + e * (row + 0.5) + f);
      if (x < 0 || y < 0 || x >= picture.width || y >= picture.height) continue;
      const source = (y * picture.width + x) * 3;
      crop[target] = picture.data[source] as number;
      crop[target + 1] = picture.data[source + 1] as number;
      crop[target + 2] = picture.data[source + 2] as number;
    }
  return { width, height, data: crop };
}

/** Picture pixels per crop pixel, along the crop's rows and columns. */
const strides = ([a, b, , d, e]: Affine) => [Math.hypot(a, d), Math.hypot(b, e)] as const;

/** Above this many picture pixels per crop pixel the picture is first halved; below, the crop pixel is sampled several times. */
const MOST_SAMPLES = 2;
/** A stride of 1 that rounding made a little more. */
const ONE = 1 + 1e-6;

/** The picture halved as long as the crop takes more than so many of its pixels for one of its own. */
function nearestScale(picture: RgbImage, toPicture: Affine, size: Size, most: number): [RgbImage, Affine] {
  let [source, map] = [picture, toPicture];
  while (Math.min(...strides(map)) > most) [source, map] = halved(source, map, size);
  return [source, map];
}

function warpQuick(picture: RgbImage, toPicture: Affine, size: Size): RgbImage {
  const [source, map] = nearestScale(picture, toPicture, size, Math.SQRT2);
  return sampled(source, map, size, 1, 1);
}

function warpBilinear(picture: RgbImage, toPicture: Affine, size: Size): RgbImage {
  const [source, map] = nearestScale(picture, toPicture, size, MOST_SAMPLES);
  const [across, down] = strides(map);
  const samplesAcross = Math.max(1, Math.ceil(across / ONE));
  const samplesDown = Math.max(1, Math.ceil(down / ONE));
  return sampled(source, map, size, samplesAcross, samplesDown);
}

/**
 * The part of the picture that the crop shows at half its size, each pixel the mean of four. An odd last row or column,
 * less than half a crop pixel here, is left out.
 */
function halved(picture: RgbImage, map: Affine, { width, height }: Size): [RgbImage, Affine] {
  const [a, b, c, d, e, f] = map;
  const range = (x: number, y: number, start: number, limit: number) => {
    const corners = [start, start + x * width, start + y * height, start + x * width + y * height];
    const low = Math.floor(Math.min(...corners) / 2) - 1;
    const high = Math.ceil(Math.max(...corners) / 2) + 1;
    return [Math.max(0, low), Math.min(limit >> 1, high)] as const;
  };
  const [left, right] = range(a, b, c, picture.width);
  const [top, bottom] = range(d, e, f, picture.height);
  const half = { width: Math.max(0, right - left), height: Math.max(0, bottom - top) };
  const data = new Uint8Array(half.width * half.height * 3);
  const from = picture.data;
  for (let row = 0, target = 0; row < half.height; row++) {
    let upper = ((top + row) * 2 * picture.width + left * 2) * 3;
    let lower = upper + picture.width * 3;
    for (let column = 0; column < half.width; column++, upper += 3, lower += 3)
      for (let k = 0; k < 3; k++, upper++, lower++) {
        const above = (from[upper] as number) + (from[upper + 3] as number);
        const below = (from[lower] as number) + (from[lower + 3] as number);
        data[target++] = (above + below + 2) >> 2;
      }
  }
  return [{ ...half, data }, composeAffine([0.5, 0, -left, 0, 0.5, -top], map)];
}

/** Bits of a bilinear weight along one axis: the products of four weights with a byte stay below 2^31. */
const WEIGHT_BITS = 11;
/** A sample keeps this many bits below a byte's, so that the mean of several is rounded once. */
const SAMPLE_BITS = 8;
const DROP_BITS = 2 * WEIGHT_BITS - SAMPLE_BITS;

/** Each crop pixel is the mean of `across` × `down` bilinear samples, spread evenly over it. */
function sampled(picture: RgbImage, map: Affine, size: Size, across: number, down: number): RgbImage {
  const [a, b, c, d, e, f] = map;
  const { width, height } = size;
  const crop = new Uint8Array(width * height * 3);
  const sums = new Int32Array(width * 3);
  const scale = 1 / ((across * down) << SAMPLE_BITS);
  for (let row = 0, target = 0; row < height; row++, target += sums.length) {
    sums.fill(0);
    for (let v = 0; v < down; v++)
      for (let u = 0; u < across; u++) {
        const [s, t] = [(u + 0.5) / across, row + (v + 0.5) / down];
        addLine(picture, a * s + b * t + c - 0.5, d * s + e * t + f - 0.5, a, d, sums);
      }
    for (let i = 0; i < sums.length; i++) crop[target + i] = (sums[i] as number) * scale + 0.5;
  }
  return { width, height, data: crop };
}

/** Columns, from the first to before the last of `count`, for which 0 ≤ origin + step·column < limit. */
function inside(origin: number, step: number, limit: number, count: number): readonly [number, number] {
  if (step === 0) return origin >= 0 && origin < limit ? [0, count] : [0, 0];
  const [one, other] = [-origin / step, (limit - origin) / step];
  // A column at each end is left out, for what rounding does there.
  const first = Math.max(0, Math.ceil(Math.min(one, other)) + 1);
  return [first, Math.min(count, Math.floor(Math.max(one, other)) - 1)];
}

/**
 * Adds bilinear samples along a line of the picture to `sums` [columns, 3], with `SAMPLE_BITS` bits below a byte's.
 * The line starts at (x, y), where 0 is the centre of the first pixel, and goes on by (stepX, stepY).
 */
function addLine(picture: RgbImage, x: number, y: number, stepX: number, stepY: number, sums: Int32Array) {
  const { data, width, height } = picture;
  const columns = sums.length / 3;
  const [startX, endX] = inside(x, stepX, width - 1, columns);
  const [startY, endY] = inside(y, stepY, height - 1, columns);
  const start = Math.min(columns, Math.max(startX, startY));
  const end = Math.max(start, Math.min(endX, endY));
  const stride = width * 3;
  for (let column = start; column < end; column++) {
    const px = x + stepX * column;
    const py = y + stepY * column;
    const left = px | 0;
    const top = py | 0;
    const fx = ((px - left) * (1 << WEIGHT_BITS)) | 0;
    const fy = ((py - top) * (1 << WEIGHT_BITS)) | 0;
    const w11 = fx * fy;
    const w10 = (fx << WEIGHT_BITS) - w11;
    const w01 = (fy << WEIGHT_BITS) - w11;
    const w00 = (1 << (2 * WEIGHT_BITS)) - w11 - w10 - w01;
    const at = top * stride + left * 3;
    const below = at + stride;
    for (let k = 0; k < 3; k++) {
      const upper = w00 * (data[at + k] as number) + w10 * (data[at + 3 + k] as number);
      const lower = w01 * (data[below + k] as number) + w11 * (data[below + 3 + k] as number);
      sums[column * 3 + k] = (sums[column * 3 + k] as number) + ((upper + lower) >> DROP_BITS);
    }
  }
  addOutline(picture, x, y, stepX, stepY, sums, 0, start);
  addOutline(picture, x, y, stepX, stepY, sums, end, columns);
}

/** The same for samples that may need pixels outside: within the outermost pixels these repeat, beyond all is black. */
function addOutline(
  { data, width, height }: RgbImage,
  x: number,
  y: number,
  stepX: number,
  stepY: number,
  sums: Int32Array,
  start: number,
  end: number,
) {
  for (let column = start; column < end; column++) {
    const px = x + stepX * column;
    const py = y + stepY * column;
    if (px < -0.5 || py < -0.5 || px >= width - 0.5 || py >= height - 0.5) continue;
    const [left, top] = [Math.floor(px), Math.floor(py)];
    for (const [dx, dy] of CORNERS) {
      const weight = (1 - Math.abs(px - left - dx)) * (1 - Math.abs(py - top - dy)) * (1 << SAMPLE_BITS);
      const cx = Math.min(width - 1, Math.max(0, left + dx));
      const cy = Math.min(height - 1, Math.max(0, top + dy));
      const at = (cy * width + cx) * 3;
      for (let k = 0; k < 3; k++)
        sums[column * 3 + k] =
          (sums[column * 3 + k] as number) + Math.round(weight * (data[at + k] as number));
    }
  }
}

const CORNERS = [
  [0, 0],
  [1, 0],
  [0, 1],
  [1, 1],
] as const;

/** The rectangle from whole-pixel (left, top) to before (right, bottom), as it is; black where it leaves the picture. */
export function cutOut(
  picture: RgbImage,
  [left, top, right, bottom]: readonly [number, number, number, number],
): RgbImage {
  const [width, height] = [right - left, bottom - top];
  const data = new Uint8Array(width * height * 3);
  const [from, to] = [Math.max(0, left), Math.min(picture.width, right)];
  for (let y = Math.max(0, top); y < Math.min(picture.height, bottom) && from < to; y++) {
    const start = y * picture.width;
    const row = picture.data.subarray((start + from) * 3, (start + to) * 3);
    data.set(row, ((y - top) * width + from - left) * 3);
  }
  return { width, height, data };
}
