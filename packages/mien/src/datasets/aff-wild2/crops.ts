// The crops of one video: a picture per frame in which a face was found, named by the number of the frame from 1.

import { join } from 'node:path';
import { DataError, listFolder, statIfThere } from '../../files/index.js';
import type { Tally } from '../tally.js';

/** `00001.jpg` (the organisers), `     1.jpg` (MTCNN scripts pad with blanks), `frame_det_00_000001.bmp` (OpenFace). */
const CROP_NAME = /^(?: *|frame_det_00_)(\d+)\.(?:jpe?g|png|bmp)$/i;

export interface Crops {
  folder: string;
  /** Of the frames, from 1, ascending; at least one. */
  numbers: ArrayLike<number> & Iterable<number>;
  /** The file name of crop i. */
  name(i: number): string;
}

/** As the organisers name crop n. */
export const standardName = (number: number): string => `${String(number).padStart(5, '0')}.jpg`;

/** Names are only remembered where they are not the standard ones: there are millions of crops. */
function cropsOf(folder: string, found: readonly { number: number; name: string }[]): Crops {
  const numbers = Int32Array.from(found, ({ number }) => number);
  if (found.every(({ number, name }) => name === standardName(number)))
    return { folder, numbers, name: (i) => standardName(numbers[i] as number) };
  const names = found.map(({ name }) => name);
  return { folder, numbers, name: (i) => names[i] as string };
}

/** The number of the frame from 1, or undefined where the name is not that of a crop. */
export function cropNumber(name: string): number | undefined {
  const digits = CROP_NAME.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/**
 * Lists the crops of a video without opening them.
 * @returns undefined when there are none, or no such folder
 * @throws DataError when two crops have the same number, or one has the number 0
 */
export async function listCrops(folder: string, tally: Tally): Promise<Crops | undefined> {
  if ((await statIfThere(folder)) === undefined) return undefined;
  const { files, folders, unusable } = await listFolder(folder);
  for (const name of [...unusable, ...folders]) tally.note('no crops: passed over', join(folder, name));
  const found: { number: number; name: string }[] = [];
  let ascending = true;
  for (const name of files) {
    const number = cropNumber(name);
    if (number === undefined) tally.note('no crops: passed over', join(folder, name));
    else {
      if (number === 0)
        throw new DataError(
          { file: join(folder, name) },
          { found: 'a crop with the number 0', expected: 'numbers from 1: 00001.jpg is the first frame' },
        );
      ascending &&= found.length === 0 || (found.at(-1)?.number ?? 0) < number;
      found.push({ number, name });
    }
  }
  if (found.length === 0) return undefined;
  if (!ascending) found.sort((a, b) => a.number - b.number);
  found.forEach(({ number, name }, i) => {
    const before = found[i - 1];
    if (before?.number === number)
      throw new DataError(
        { file: join(folder, name) },
        {
          found: `a second crop of frame ${number}, beside ${before.name}`,
          expected: 'one picture per frame',
          hint: 'Remove the wrong one',
        },
      );
  });
  return cropsOf(folder, found);
}
