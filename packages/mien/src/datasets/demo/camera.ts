// What a camera does to a clean picture: out of focus, exposure, white balance, sensor noise.

import type { RgbImage } from '../../images/index.js';

export interface Camera {
  /** 0 sharp … 1: the share of a pixel's light that goes to its two neighbours, in each direction, is two thirds. */
  blur: number;
  gain: number;
  gamma: number;
  /** −1 … 1: red up and blue down by this share. */
  warmth: number;
  /** Standard deviation in 8-bit steps. */
  noise: number;
  /** Of the JPEG file, 1 … 100. */
  quality: number;
}

/** Changes the picture in place. @param seed of the noise, 32 bits */
export function photograph(image: RgbImage, camera: Camera, seed: number): RgbImage {
  if (camera.blur > 0) soften(image, camera.blur / 3);
  const tables = [1 + camera.warmth, 1, 1 - camera.warmth].map((balance) => exposure(camera, balance));
  addNoise(image, tables, camera.noise, seed);
  return image;
}

/** A [share, 1 − 2·share, share] filter along rows, then along columns. */
function soften({ data, width, height }: RgbImage, share: number): void {
  const pass = (count: number, length: number, start: (line: number) => number, step: number) => {
    for (let line = 0; line < count; line++)
      for (let channel = 0; channel < 3; channel++) {
        let at = start(line) + channel;
        let before = data[at] as number;
        for (let i = 0; i < length; i++, at += step) {
          const here = data[at] as number;
          const after = i + 1 < length ? (data[at + step] as number) : here;
          data[at] = Math.round(here + share * (before + after - 2 * here));
          before = here;
        }
      }
  };
  pass(height, width, (row) => row * width * 3, 3);
  pass(width, height, (column) => column * 3, width * 3);
}

function exposure({ gain, gamma }: Camera, balance: number): Float64Array {
  return Float64Array.from({ length: 256 }, (_, value) => 255 * gain * balance * (value / 255) ** gamma);
}

/** Noise is the sum of two uniform draws of xorshift32 (Marsaglia 2003): near enough to normal, and fast. */
function addNoise(
  { data }: RgbImage,
  tables: readonly Float64Array[],
  deviation: number,
  seed: number,
): void {
  let state = seed | 1;
  const scale = (deviation * Math.sqrt(6)) / 65_536;
  for (let i = 0; i < data.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const noise = ((state & 0xffff) + (state >>> 16) - 65_535) * scale;
    const value = ((tables[i % 3] as Float64Array)[data[i] as number] as number) + noise;
    data[i] = value < 0 ? 0 : value > 255 ? 255 : Math.round(value);
  }
}
