// Pixels packed in 32-bit integers (red in the lowest byte, then green, then blue), so that one load brings three channels
// and one multiplication weighs two of them: red and blue share a word, 16 bits apart. Geometry for augmentation; its
// results are within one of exact arithmetic, and the same on every machine.

import type { RgbImage } from '../images/index.js';

export interface Pixels {
  width: number;
  height: number;
  /** [height, width], and room for one row and one pixel more, which mean nothing: `warp` reads them with weight 0. */
  data: Int32Array;
}

const RED_BLUE = 0xff00ff;
const GREEN = 0xff00;

/** Room for a picture: `target` where it is large enough. */
export function roomFor(width: number, height: number, target?: Int32Array): Int32Array {
  const length = width * (height + 1) + 1;
  return target !== undefined && target.length >= length ? target : new Int32Array(length);
}

/** @param target reused where large enough */
export function packed({ width, height, data }: RgbImage, target?: Int32Array): Pixels {
  const length = width * height;
  const result = roomFor(width, height, target);
  for (let pixel = 0, at = 0; pixel < length; pixel++, at += 3)
    result[pixel] = (data[at] as number) | ((data[at + 1] as number) << 8) | ((data[at + 2] as number) << 16);
  return { width, height, data: result };
}

/** Half as wide and high, each pixel the mean of four; an odd last row or column is left out. */
export function halved({ width, height, data }: Pixels): Pixels {
  const half = { width: width >> 1, height: height >> 1 };
  const result = roomFor(half.width, half.height);
  let to = 0;
  for (let y = 0; y < half.height; y++) {
    let at = 2 * y * width;
    for (let x = 0; x < half.width; x++, at += 2, to++) {
      const a = data[at] as number;
      const b = data[at + 1] as number;
      const c = data[at + width] as number;
      const d = data[at + width + 1] as number;
      const redBlue = (a & RED_BLUE) + (b & RED_BLUE) + (c & RED_BLUE) + (d & RED_BLUE) + 0x20002;
      const green = (a & GREEN) + (b & GREEN) + (c & GREEN) + (d & GREEN) + 0x200;
      result[to] = ((redBlue >>> 2) & RED_BLUE) | ((green >>> 2) & GREEN);
    }
  }
  return { ...half, data: result };
}

/**
 * Where an output square lies in a picture: the source position of an output position (x, y), both measured from the top
 * left corner with pixel centres at halves, is (xx·x + xy·y + x0, yx·x + yy·y + y0).
 */
export interface Affine {
  xx: number;
  xy: number;
  x0: number;
  yx: number;
  yy: number;
  y0: number;
}

const ONE = 1 << 16;

/**
 * Samples a square out of a picture, bilinearly; outside, the picture goes on as its edge.
 * @param out [size, size], or longer
 */
export function warp({ width, height, data }: Pixels, map: Affine, size: number, out: Int32Array): void {
  const { imul } = Math; // it and `| 0` keep the arithmetic in 32-bit integers, which is a quarter quicker
  const fixed = (value: number) => Math.round(value * ONE);
  const stepX = fixed(map.xx);
  const stepY = fixed(map.yx);
  const lastX = (width - 1) * ONE;
  const lastY = (height - 1) * ONE;
  let to = 0;
  for (let row = 0; row < size; row++) {
    // From centres of pixels to their indexes: half a pixel back.
    let sourceX = fixed(map.xx * 0.5 + map.xy * (row + 0.5) + map.x0 - 0.5);
    let sourceY = fixed(map.yx * 0.5 + map.yy * (row + 0.5) + map.y0 - 0.5);
    for (let column = 0; column < size; column++) {
      let x = sourceX;
      let y = sourceY;
      if (x < 0) x = 0;
      else if (x > lastX) x = lastX;
      if (y < 0) y = 0;
      else if (y > lastY) y = lastY;
      const at = (imul(y >> 16, width) + (x >> 16)) | 0;
      const below = (at + width) | 0;
      const a = data[at] as number;
      const b = data[at + 1] as number;
      const c = data[below] as number;
      const d = data[below + 1] as number;
      x = (x >> 8) & 255;
      y = (y >> 8) & 255;
      const wd = imul(x, y) >> 8;
      const wb = x - wd;
      const wc = y - wd;
      const wa = 256 - x - wc;
      const redBlue =
        ((imul(a & RED_BLUE, wa) + imul(b & RED_BLUE, wb)) | 0) +
        ((imul(c & RED_BLUE, wc) + imul(d & RED_BLUE, wd) + 0x800080) | 0);
      const green =
        imul((a >>> 8) & 255, wa) +
        imul((b >>> 8) & 255, wb) +
        imul((c >>> 8) & 255, wc) +
        imul((d >>> 8) & 255, wd);
      out[to++] = ((redBlue >>> 8) & RED_BLUE) | ((green + 128) & GREEN);
      sourceX = (sourceX + stepX) | 0;
      sourceY = (sourceY + stepY) | 0;
    }
  }
}

/** Blurs a square in place with the binomial kernel 1 2 1 along rows and columns, `passes` times: variance 0.5 each. */
export function blur(pixels: Int32Array, size: number, passes: number): void {
  for (let pass = 0; pass < passes; pass++)
    for (let line = 0; line < size; line++) {
      blurLine(pixels, line * size, 1, size);
      blurLine(pixels, line, size, size);
    }
}

function blurLine(pixels: Int32Array, start: number, step: number, length: number): void {
  let before = pixels[start] as number;
  let here = before;
  for (let i = 0, at = start; i < length; i++, at += step) {
    const next = i + 1 < length ? (pixels[at + step] as number) : here;
    const redBlue = (before & RED_BLUE) + 2 * (here & RED_BLUE) + (next & RED_BLUE) + 0x20002;
    const green = (before & GREEN) + 2 * (here & GREEN) + (next & GREEN) + 0x200;
    pixels[at] = ((redBlue >>> 2) & RED_BLUE) | ((green >>> 2) & GREEN);
    before = here;
    here = next;
  }
}

/**
 * Adds noise, independent for each pixel and channel, uniform with this standard deviation.
 * @param seed any 32 bits; the noise is a function of it
 */
export function addNoise(pixels: Int32Array, length: number, deviation: number, seed: number): void {
  const amplitude = Math.round(deviation * Math.sqrt(12)); // a uniform variable of width w has variance w²/12
  let state = seed | 1;
  const noisy = (byte: number, random: number) => {
    return Math.max(0, Math.min(255, byte + ((((random & 255) - 128) * amplitude) >> 8)));
  };
  for (let i = 0; i < length; i++) {
    state ^= state << 13; // xorshift32 (Marsaglia 2003)
    state ^= state >>> 17;
    state ^= state << 5;
    const pixel = pixels[i] as number;
    pixels[i] =
      noisy(pixel & 255, state) |
      (noisy((pixel >>> 8) & 255, state >>> 8) << 8) |
      (noisy((pixel >>> 16) & 255, state >>> 16) << 16);
  }
}
