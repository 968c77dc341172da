// A run's losses prepared for drawing: as few points as a figure can show, and a median of what lies around each.

/** One value of a step; NaN where it is not finite, which leaves a gap in a line. */
export interface Point {
  x: number;
  y: number;
}

/** A measurement at steps that rise. */
export interface Series {
  x: Float64Array;
  y: Float64Array;
}

/** So many ranges of equal length, from 0 to `count`; fewer where there are not as many. */
function ranges(count: number, columns: number): [number, number][] {
  const some = Math.min(count, columns);
  const start = (k: number) => Math.floor((k * count) / some);
  return Array.from({ length: some }, (_, k) => [start(k), start(k + 1)]);
}

const pointAt = ({ x, y }: Series, i: number): Point => ({ x: x[i] as number, y: y[i] as number });

/** A line that looks the same in a figure of so many columns: of each column the lowest and the highest point. */
export function thinned(series: Series, columns: number): Point[] {
  const { y } = series;
  if (y.length <= 2 * columns) return Array.from(y, (_, i) => pointAt(series, i));
  return ranges(y.length, columns).flatMap(([from, to]) => {
    let [low, high] = [from, from];
    for (let i = from + 1; i < to; i++) {
      const value = y[i] as number;
      if (value < (y[low] as number) || Number.isNaN(y[low])) low = i;
      if (value > (y[high] as number) || Number.isNaN(y[high])) high = i;
    }
    const kept = low === high ? [low] : [Math.min(low, high), Math.max(low, high)];
    return kept.map((i) => pointAt(series, i));
  });
}

/** Enough values to tell where a share of them lies, as exactly as a figure shows it. */
const LOOKED_AT = 1000;

/** Below which value a share of those that are finite lies. @param share 0 … 1 @returns NaN where none is */
export function quantile(values: Float64Array, share: number): number {
  const stride = Math.ceil(values.length / LOOKED_AT);
  const sorted = values.filter((value, i) => i % stride === 0 && Number.isFinite(value)).sort();
  return sorted[Math.round(share * (sorted.length - 1))] ?? Number.NaN;
}

/**
 * Median of the values around a step: a single wild one does not bend it. At the ends the window is cut off.
 * @param reach values to each side @param columns of the figure: as many points, evenly spread, and the last one
 */
export function runningMedian({ x, y }: Series, reach: number, columns: number): Point[] {
  const places = new Set([...ranges(y.length, columns).map(([from]) => from), y.length - 1]);
  return [...places].map((i) => ({
    x: x[i] as number,
    y: quantile(y.subarray(Math.max(0, i - reach), i + reach + 1), 0.5),
  }));
}
