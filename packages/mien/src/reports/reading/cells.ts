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

const UNKNOWN = 255;

function mostFrequent(winners: Uint8Array, count: number): number {
  const counts = new Array<number>(count).fill(0);
  for (const winner of winners) if (winner < count) (counts[winner] as number)++;
  const most = Math.max(0, ...counts);
  return most === 0 ? -1 : counts.indexOf(most);
}

/** @param first row of the track @param end row after the last one */
export function cellOf({ times }: Video, track: Track, layout: RowLayout, first: number, end: number): Cell {
  const { rows, bins } = track;
  const { bytes } = layout;
  /** Of what is known; a byte's meaning is linear, so the mean byte means the mean. */
  const mean = (offset: number, meaning: (byte: number) => number): number => {
    let [sum, known] = [0, 0];
    for (let at = first * bytes + offset; at < end * bytes; at += bytes) {
      const byte = rows[at] as number;
      if (byte === UNKNOWN) continue;
      sum += byte;
      known++;
    }
    return known === 0 ? Number.NaN : meaning(sum / known);
  };
  const extreme = (offset: number, sign: 1 | -1): number => {
    let most = Number.NEGATIVE_INFINITY;
    for (let at = first * bytes + offset; at < end * bytes; at += bytes) {
      const byte = rows[at] as number;
      if (byte !== UNKNOWN && sign * byte > most) most = sign * byte;
    }
    return Number.isFinite(most) ? signedOf(sign * most) : Number.NaN;
  };
  const affect = (offset: number): Cell['valence'] =>
    layout.expressions > layout.affect
      ? [mean(offset, signedOf), extreme(offset + 1, -1), extreme(offset + 2, 1)]
      : [Number.NaN, Number.NaN, Number.NaN];
  const means = (offset: number, count: number, step: number): number[] =>
    Array.from({ length: count }, (_, k) => mean(offset + step * k, shareOf));
  const expressions = Math.max(0, layout.units - layout.expressions - 1);
  const units = (bytes - layout.units) / 2;
  const winners = Uint8Array.from(
    { length: expressions === 0 ? 0 : end - first },
    (_, k) => rows[(first + k) * bytes + layout.expressions] as number,
  );
  const [firstBin, lastBin] = [bins[first] ?? 0, bins[end - 1] ?? 0];
  return {
    from: times[firstBin] ?? 0,
    to: times[lastBin + 1] ?? 0,
    first: firstBin,
    last: lastBin,
    valence: affect(layout.affect),
    arousal: affect(layout.affect + 3),
    winner: mostFrequent(winners, expressions),
    expressions: means(layout.expressions + 1, expressions, 1),
    units: means(layout.units, units, 2),
    present: means(layout.units + 1, units, 2),
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
