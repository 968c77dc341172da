// Counts pictures that do not open. A few among millions must not stop a training run, many mean that something is wrong.

import { DataError } from '../files/index.js';

export interface BrokenImage {
  /** Of the manifest, from 0. */
  row: number;
  path: string;
  reason: string;
}

export interface LoadingReport {
  /** Different pictures that were opened, or tried. */
  seen: number;
  /** Those that could not be, in the order in which they came up. */
  broken: readonly BrokenImage[];
}

/** Above this share of broken pictures loading stops, … */
const MOST_BROKEN = 0.01;
/** … but not before so many were seen. */
const ENOUGH_SEEN = 100;

export interface BrokenCounter {
  report(): LoadingReport;
  /** @param broken what is wrong with the picture, or undefined @returns false when the row was counted before */
  count(row: number, broken: BrokenImage | undefined): boolean;
  /** @throws DataError when too many are broken. @param last no more will come: few pictures are enough to tell */
  check(last: boolean): void;
}

/** @param file the manifest's; @param rows how many it has */
export function countBroken(file: string, rows: number): BrokenCounter {
  const counted = new Uint8Array(rows);
  const broken: BrokenImage[] = [];
  let seen = 0;
  return {
    report: () => ({ seen, broken }),
    count(row, one) {
      if (counted[row] === 1) return false;
      counted[row] = 1;
      seen++;
      if (one !== undefined) broken.push(one);
      return true;
    },
    check(last) {
      const first = broken[0];
      const all = last && broken.length === seen;
      const many = seen >= ENOUGH_SEEN && broken.length > MOST_BROKEN * seen;
      if (first === undefined || !(all || many)) return;
      throw new DataError(
        { file },
        {
          found: `${broken.length} broken pictures among the first ${seen} (${first.path}: ${first.reason})`,
          expected: `at most ${100 * MOST_BROKEN} %`,
          hint: 'Look at them with mien data check',
        },
      );
    },
  };
}
