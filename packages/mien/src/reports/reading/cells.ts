// What is drawn of a face between two times: not more cells than there are columns of pixels. Pure: also in the page's own
// script.

import { indexAbove, type RowLayout, shareOf, signedOf, type Track, type Video } from './page-data.js';

/** Neighbouring bins as one; numbers that are not known are NaN. */
export interface Cell {
  /** Seconds. */
  from: number;
  to: number;
  /** First and last bin. */
  first: number;
  last: number;
  /** Mean, lowest, highest. */
  valence: readonly [number, number, number];
  arousal: readonly [number, number, number];
  /** Index of the most frequent expression; −1: none. */
  winner: number;
  /** Mean probability of each expression. */
  expressions: readonly number[];
  /** Of each unit the mean probability, and the share of the time in which it is present. */
  units: readonly number[];
  present: readonly number[];
}

/** Mean of what is known. */
function mean(values: readonly number[]): number {
  const known = values.filter((value) => !Number.isNaN(value));
  return known.length === 0 ? Number.NaN : known.reduce((sum, value) => sum + value, 0) / known.length;
}

function mostFrequent(winners: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const winner of winners) if (winner >= 0) counts.set(winner, (counts.get(winner) ?? 0) + 1);
  let [best, most] = [-1, 0];
  for (const [winner, count] of counts) if (count > most) [best, most] = [winner, count];
  return best;
}

const NO_EXPRESSION = 255;

/** @param rows of the track: `first` … `end` − 1 */
export function cellOf({ times }: Video, track: Track, layout: RowLayout, first: number, end: number): Cell {
  const rows = Array.from({ length: end - first }, (_, k) => (first + k) * layout.bytes);
  const at = (offset: number) => rows.map((row) => track.rows[row + offset] ?? 255);
  const extremes = (offset: number): [number, number, number] => {
    const [lows, highs] = [at(offset + 1).map(signedOf), at(offset + 2).map(signedOf)];
    const known = (values: number[]) => values.filter((value) => !Number.isNaN(value));
    return [
      mean(at(offset).map(signedOf)),
      known(lows).length === 0 ? Number.NaN : Math.min(...known(lows)),
      known(highs).length === 0 ? Number.NaN : Math.max(...known(highs)),
    ];
  };
  const unknown = [Number.NaN, Number.NaN, Number.NaN] as const;
  const hasAffect = layout.expressions > layout.affect;
  const expressions = Math.max(0, layout.units - layout.expressions - 1);
  const units = (layout.bytes - layout.units) / 2;
  const [firstBin, lastBin] = [track.bins[first] ?? 0, track.bins[end - 1] ?? 0];
  return {
    from: times[firstBin] ?? 0,
    to: times[lastBin + 1] ?? 0,
    first: firstBin,
    last: lastBin,
    valence: hasAffect ? extremes(layout.affect) : unknown,
    arousal: hasAffect ? extremes(layout.affect + 3) : unknown,
    winner:
      expressions === 0
        ? -1
        : mostFrequent(at(layout.expressions).map((byte) => (byte === NO_EXPRESSION ? -1 : byte))),
    expressions: Array.from({ length: expressions }, (_, k) =>
      mean(at(layout.expressions + 1 + k).map(shareOf)),
    ),
    units: Array.from({ length: units }, (_, k) => mean(at(layout.units + 2 * k).map(shareOf))),
    present: Array.from({ length: units }, (_, k) => mean(at(layout.units + 2 * k + 1).map(shareOf))),
  };
}

/**
 * @param from seconds
 * @param to seconds
 * @returns in the order of time: each bin that can be seen, or one cell for the bins of each column where they are more
 */
export function cellsBetween(
  video: Video,
  track: Track,
  layout: RowLayout,
  { from, to, columns }: { from: number; to: number; columns: number },
): Cell[] {
  const { times } = video;
  const firstBin = Math.max(0, indexAbove(times, from) - 1);
  const endBin = indexAbove(times, to);
  const [first, end] = [indexAbove(track.bins, firstBin - 1), indexAbove(track.bins, endBin)];
  const crowded = endBin - firstBin > columns;
  const columnOf = (row: number) => {
    const bin = track.bins[row] ?? 0;
    return crowded ? Math.floor((((times[bin] ?? 0) - from) / (to - from)) * columns) : bin;
  };
  const cells: Cell[] = [];
  for (let start = first; start < end; ) {
    const column = columnOf(start);
    let stop = start + 1;
    while (stop < end && columnOf(stop) === column) stop++;
    cells.push(cellOf(video, track, layout, start, stop));
    start = stop;
  }
  return cells;
}
