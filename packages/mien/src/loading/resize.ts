// Pillow's bilinear resize, exactly: a triangle filter, widened when shrinking so that nothing aliases, applied to rows,
// rounded to bytes, then to columns; coefficients are fixed-point numbers with 22 bits after the point (Pillow's
// Resample.c). Pictures made with Pillow, or trained on after it, come out the same to the last bit.

import type { RgbImage } from '../images/index.js';

const PRECISION_BITS = 22;
const HALF = 1 << (PRECISION_BITS - 1);

/** For each output position, where its input positions begin and their weights. */
interface Filter {
  /** Weights that each output has room for. */
  taps: number;
  /** [out] first input position. */
  starts: Int32Array;
  /** [out] number of input positions. */
  counts: Int32Array;
  /** [out, taps] fixed-point, each row's sum 2^22 but for rounding. */
  weights: Int32Array;
}

function triangleFilter(from: number, to: number): Filter {
  const scale = from / to;
  const support = Math.max(1, scale);
  const taps = Math.ceil(support) * 2 + 1;
  const filter: Filter = {
    taps,
    starts: new Int32Array(to),
    counts: new Int32Array(to),
    weights: new Int32Array(to * taps),
  };
  const weights = new Float64Array(taps);
  for (let out = 0; out < to; out++) {
    const centre = (out + 0.5) * scale;
    const start = Math.max(0, Math.trunc(centre - support + 0.5));
    const count = Math.min(from, Math.trunc(centre + support + 0.5)) - start;
    let sum = 0;
    for (let k = 0; k < count; k++) {
      const weight = Math.max(0, 1 - Math.abs((k + start - centre + 0.5) / support));
      weights[k] = weight;
      sum += weight;
    }
    for (let k = 0; k < count; k++)
      filter.weights[out * taps + k] = Math.trunc(
        0.5 + ((weights[k] as number) / sum) * (1 << PRECISION_BITS),
      );
    filter.starts[out] = start;
    filter.counts[out] = count;
  }
  return filter;
}

/** Data sets have few sizes; this many filters (some kB each) are remembered. */
const REMEMBERED = 256;
const filters = new Map<string, Filter>();

function filterFor(from: number, to: number): Filter {
  const key = `${from} ${to}`;
  let filter = filters.get(key);
  if (filter === undefined) {
    filter = triangleFilter(from, to);
    if (filters.size === REMEMBERED) filters.clear();
    filters.set(key, filter);
  }
  return filter;
}

/**
 * One pass along one direction: `outer` lines, each of positions `step` bytes apart.
 * Rows: lines are rows, step 3. Columns: lines are columns, step 3 × width.
 */
function pass(
  source: Uint8Array,
  target: Uint8Array,
  { taps, starts, counts, weights }: Filter,
  lines: number,
  step: number,
  sourceLine: number,
  targetLine: number,
): void {
  const outputs = starts.length;
  for (let line = 0; line < lines; line++) {
    for (let out = 0; out < outputs; out++) {
      let at = line * sourceLine + (starts[out] as number) * step;
      const first = out * taps;
      const end = first + (counts[out] as number);
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      for (let k = first; k < end; k++) {
        const weight = weights[k] as number;
        red += (source[at] as number) * weight;
        green += (source[at + 1] as number) * weight;
        blue += (source[at + 2] as number) * weight;
        at += step;
      }
      // Weights are positive with sum 2^22 but for rounding: only 255 can be passed, by one.
      const to = line * targetLine + out * step;
      target[to] = Math.min(255, red >> PRECISION_BITS);
      target[to + 1] = Math.min(255, green >> PRECISION_BITS);
      target[to + 2] = Math.min(255, blue >> PRECISION_BITS);
    }
  }
}

/** `Image.resize((width, height), BILINEAR)` of Pillow. A side that has its size already is not resampled. */
export function resize(image: RgbImage, width: number, height: number): RgbImage {
  let { data } = image;
  if (width !== image.width) {
    const wide = new Uint8Array(width * image.height * 3);
    pass(data, wide, filterFor(image.width, width), image.height, 3, image.width * 3, width * 3);
    data = wide;
  }
  if (height !== image.height) {
    const high = new Uint8Array(width * height * 3);
    pass(data, high, filterFor(image.height, height), width, width * 3, 3, 3);
    data = high;
  }
  return { width, height, data };
}

/**
 * torchvision's `Resize(edge)`: the shorter side becomes `edge`, the longer one keeps the shape, cut to an integer.
 */
export function resizeShorterEdge(image: RgbImage, edge: number): RgbImage {
  const { width, height } = image;
  const longer = (long: number, short: number) => Math.trunc((edge * long) / short);
  return width < height
    ? resize(image, edge, longer(height, width))
    : resize(image, longer(width, height), edge);
}
