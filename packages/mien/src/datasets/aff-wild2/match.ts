// Which label belongs to which crop. Labels have a line per video frame, crops exist only where a face was found.

import { DataError } from '../../files/index.js';
import type { Crops } from './crops.js';

export interface MatchedFrame<L> {
  /** Of the video, from 0. */
  frame: number;
  /** File name of the crop. */
  name: string;
  /** undefined where nothing is known of the frame. */
  label: L | undefined;
}

/**
 * Pairs crop number n with the label of frame n − 1. Labels without a crop are not used.
 * @param labels one per video frame
 * @param file where they come from
 * @throws DataError when a crop's number is beyond the labels: crops and labels are not of the same video
 */
export function matchFrames<L>(
  { folder, numbers, name }: Crops,
  labels: readonly (L | undefined)[],
  file: string,
): MatchedFrame<L>[] {
  const last = numbers[numbers.length - 1] ?? 0;
  if (last > labels.length)
    throw new DataError(
      { file },
      {
        found: `${labels.length} label lines`,
        expected: `at least ${last}, because of the crop ${folder}/${name(numbers.length - 1)}`,
        hint: 'Labels and crops are not of the same video or release',
      },
    );
  return Array.from(numbers, (number, i) => ({
    frame: number - 1,
    name: name(i),
    label: labels[number - 1],
  }));
}
