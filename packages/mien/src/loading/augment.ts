// Applies what was drawn to a picture: one pass for all geometry, one for all colour, which also normalises.

import type { RgbImage } from '../images/index.js';
import type { AugmentationDraw } from './augmentation.js';
import { type ColourMatrix, colourMatrix } from './colour.js';
import type { Normalization } from './normalization.js';
import { type Affine, addNoise, blur, halved, type Pixels, packed, roomFor, warp } from './pixels.js';

/** Source pixels an output pixel may span before the source is halved, so that bilinear sampling skips nothing it can see. */
const MOST_SHRINKING = 1.5;

/** Positions in a picture are 16-bit fixed-point numbers in 32-bit integers, with room for what lies outside. */
const LONGEST_SIDE = 2 ** 14;
/** Larger pictures' copies are not kept for the next one. */
const KEPT_PIXELS = 2 ** 20;

/** The part of a picture that was drawn, as a map from the output square. */
function viewOf(
  { width, height }: { width: number; height: number },
  draw: AugmentationDraw,
  size: number,
): Affine {
  const area = draw.area * width * height;
  const viewWidth = Math.min(width, Math.sqrt(area * draw.aspect));
  const viewHeight = Math.min(height, Math.sqrt(area / draw.aspect));
  const centreX = viewWidth / 2 + draw.x * (width - viewWidth);
  const centreY = viewHeight / 2 + draw.y * (height - viewHeight);
  const scaleX = ((draw.flip ? -1 : 1) * viewWidth) / size;
  const scaleY = viewHeight / size;
  const [cosine, sine] = [Math.cos(draw.angle), Math.sin(draw.angle)];
  const map = { xx: cosine * scaleX, xy: -sine * scaleY, yx: sine * scaleX, yy: cosine * scaleY };
  const half = size / 2;
  return {
    ...map,
    x0: centreX - (map.xx + map.xy) * half,
    y0: centreY - (map.yx + map.yy) * half,
  };
}

const scaled = (map: Affine, factor: number): Affine => ({
  xx: map.xx * factor,
  xy: map.xy * factor,
  x0: map.x0 * factor,
  yx: map.yx * factor,
  yy: map.yy * factor,
  y0: map.y0 * factor,
});

/** `warp` without aliasing: the source is halved while the map shrinks too much. */
function warpSmoothly(source: Pixels, map: Affine, size: number, out: Int32Array): void {
  let pixels = source;
  let view = map;
  const shrinking = () => Math.min(Math.hypot(view.xx, view.yx), Math.hypot(view.xy, view.yy));
  while (shrinking() > MOST_SHRINKING && pixels.width > 1 && pixels.height > 1) {
    pixels = halved(pixels);
    view = scaled(view, 0.5);
  }
  warp(pixels, view, size, out);
}

/**
 * What a channel's 0 … 255 become on the way out, three numbers each. Typed arrays, here and below: numbers out of them stay
 * unboxed in the loops over pixels.
 */
interface Range {
  gain: Float64Array;
  shift: Float64Array;
  low: Float64Array;
  high: Float64Array;
  /** The mean colour. */
  fill: Float64Array;
}

function outputRange({ mean, std, scale }: Normalization, bytes: boolean): Range {
  const channels = (value: (mean: number, std: number) => number) =>
    Float64Array.from(mean, (one, channel) => value(one, std[channel] as number));
  if (bytes)
    return {
      gain: channels(() => 1),
      shift: channels(() => 0.5), // a Uint8Array cuts what it is given to an integer
      low: channels(() => 0),
      high: channels(() => 255),
      fill: channels((one) => Math.round((one / scale) * 255)),
    };
  return {
    gain: channels((_, deviation) => scale / 255 / deviation),
    shift: channels((one, deviation) => -one / deviation),
    low: channels((one, deviation) => -one / deviation),
    high: channels((one, deviation) => (scale - one) / deviation),
    fill: channels(() => 0),
  };
}

function writeColours(
  pixels: Int32Array,
  count: number,
  matrix: ColourMatrix,
  { gain, shift, low, high }: Range,
  out: Float32Array | Uint8Array,
  offset: number,
): void {
  const weights = Float64Array.from(matrix, (weight, i) => weight * (gain[i >> 2] as number));
  for (let channel = 0; channel < 3; channel++) {
    const red = weights[channel * 4] as number;
    const green = weights[channel * 4 + 1] as number;
    const blue = weights[channel * 4 + 2] as number;
    const constant = (weights[channel * 4 + 3] as number) + (shift[channel] as number);
    const least = low[channel] as number;
    const most = high[channel] as number;
    const start = offset + channel * count;
    for (let i = 0; i < count; i++) {
      const pixel = pixels[i] as number;
      let value = red * (pixel & 255) + green * ((pixel >>> 8) & 255) + blue * (pixel >>> 16) + constant;
      if (value < least) value = least;
      else if (value > most) value = most;
      out[start + i] = value;
    }
  }
}

function fillRectangle(
  { x, y, width, height }: { x: number; y: number; width: number; height: number },
  fill: Float64Array,
  size: number,
  out: Float32Array | Uint8Array,
  offset: number,
): void {
  const [left, right] = [Math.round(x * size), Math.round((x + width) * size)];
  const [top, bottom] = [Math.round(y * size), Math.round((y + height) * size)];
  for (let channel = 0; channel < 3; channel++)
    for (let row = top; row < bottom; row++) {
      const line = offset + (channel * size + row) * size;
      out.fill(fill[channel] as number, line + left, line + right);
    }
}

/** Writes an augmented picture. @param out [3, size, size] from `offset` on */
export type Augmenter = (
  image: RgbImage,
  draw: AugmentationDraw,
  out: Float32Array | Uint8Array,
  offset: number,
) => void;

/**
 * @param size edge of the output square
 * @param bytes the output holds bytes 0 … 255 instead of normalised values
 */
export function createAugmenter(size: number, normalization: Normalization, bytes: boolean): Augmenter {
  const range = outputRange(normalization, bytes);
  const square = new Int32Array(size * size);
  let source: Int32Array | undefined;
  let small: Int32Array | undefined;
  return (image, draw, out, offset) => {
    if (Math.max(image.width, image.height) > LONGEST_SIDE)
      throw new Error(
        `${image.width} × ${image.height} pixels; sides of up to ${LONGEST_SIDE} can be augmented`,
      );
    const pixels = packed(image, source);
    source = pixels.data.length <= KEPT_PIXELS ? pixels.data : undefined;
    const view = viewOf(image, draw, size);
    const { lowEdge = size } = draw;
    if (lowEdge < size) {
      small = roomFor(lowEdge, lowEdge, small);
      warpSmoothly(pixels, viewOf(image, draw, lowEdge), lowEdge, small);
      const step = lowEdge / size;
      const enlarge = { xx: step, xy: 0, x0: 0, yx: 0, yy: step, y0: 0 };
      warp({ width: lowEdge, height: lowEdge, data: small }, enlarge, size, square);
    } else warpSmoothly(pixels, view, size, square);
    if (draw.blur !== undefined) blur(square, size, Math.round(2 * draw.blur ** 2));
    if (draw.noise !== undefined) addNoise(square, size * size, draw.noise.deviation, draw.noise.seed);
    writeColours(square, size * size, colourMatrix(draw), range, out, offset);
    if (draw.cutout !== undefined) fillRectangle(draw.cutout, range.fill, size, out, offset);
  };
}
