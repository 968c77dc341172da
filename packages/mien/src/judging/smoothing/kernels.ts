// Smoothing of one sequence of numbers whose frames may have gaps: windows are measured in frames, not in numbers at hand.

/** @param frames strictly ascending [m] @param width in frames @returns [m] */
export type Kernel = (values: Float64Array, frames: Int32Array, width: number) => Float64Array;

/** Calls `each` with the numbers `from` … `to` − 1 whose frames are at most (width − 1) / 2 away from number i's. */
function eachWindow(
  frames: Int32Array,
  width: number,
  each: (i: number, from: number, to: number) => void,
): void {
  const reach = (width - 1) / 2;
  let [from, to] = [0, 0];
  for (let i = 0; i < frames.length; i++) {
    const frame = frames[i] as number;
    while ((frames[from] as number) < frame - reach) from++;
    while (to < frames.length && (frames[to] as number) <= frame + reach) to++;
    each(i, from, to);
  }
}

/** The mean of the window. */
export const box: Kernel = (values, frames, width) => {
  const sums = new Float64Array(values.length + 1);
  for (let i = 0; i < values.length; i++) sums[i + 1] = (sums[i] as number) + (values[i] as number);
  const result = new Float64Array(values.length);
  eachWindow(frames, width, (i, from, to) => {
    result[i] = ((sums[to] as number) - (sums[from] as number)) / (to - from);
  });
  return result;
};

/** The median of the window; of an even number the mean of the middle two. The window is kept sorted as it moves. */
export const median: Kernel = (values, frames, width) => {
  const sorted = new Float64Array(values.length);
  let size = 0;
  const placeOf = (value: number) => {
    let [low, high] = [0, size];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sorted[middle] as number) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const result = new Float64Array(values.length);
  let [oldest, next] = [0, 0];
  eachWindow(frames, width, (i, from, to) => {
    for (; next < to; next++) {
      const place = placeOf(values[next] as number);
      sorted.copyWithin(place + 1, place, size++);
      sorted[place] = values[next] as number;
    }
    for (; oldest < from; oldest++) {
      const place = placeOf(values[oldest] as number);
      sorted.copyWithin(place, place + 1, size--);
    }
    result[i] = ((sorted[(size - 1) >> 1] as number) + (sorted[size >> 1] as number)) / 2;
  });
  return result;
};

/**
 * Weights (1 − α)^|distance in frames| with α = 2 / (width + 1), over all numbers before and after: what an exponential
 * average gives that is run forward and then backward over an endless sequence, so that nothing lags behind. Weights are
 * divided by their sum, which takes care of ends and gaps.
 */
export const exponential: Kernel = (values, frames, width) => {
  const decay = 1 - 2 / (width + 1);
  const [sums, weights] = [new Float64Array(values.length), new Float64Array(values.length)];
  const run = (start: number, step: 1 | -1) => {
    let [sum, weight, before] = [0, 0, frames[start] as number];
    for (let i = start; i >= 0 && i < values.length; i += step) {
      const faded = decay ** Math.abs((frames[i] as number) - before);
      before = frames[i] as number;
      // What came before; the number itself is added once, below.
      sum *= faded;
      weight *= faded;
      (sums[i] as number) += sum;
      (weights[i] as number) += weight;
      sum += values[i] as number;
      weight += 1;
    }
  };
  run(0, 1);
  run(values.length - 1, -1);
  return values.map((value, i) => (value + (sums[i] as number)) / (1 + (weights[i] as number)));
};
