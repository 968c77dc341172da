// Giving whole subjects or clips to the sides of a split.

import { DataError } from '../../files/index.js';
import { LegacyNumpyRandom, Random } from '../../random/index.js';
import { SPLITS, type Split } from '../face-row.js';
import type { FaceTable } from '../face-table.js';
import type { GroupSplit } from './recipe.js';

/** Rounding of shares that are not exact in binary, such as 0.8 + 0.1 + 0.1. */
const SHARE_TOLERANCE = 1e-9;

/**
 * Sides for groups: the sorted names are permuted, then cut at int(share × n) from the front, as the reference does; what
 * rounding leaves over goes to the last side that has a share.
 */
export function splitGroups(names: readonly string[], options: GroupSplit): Map<string, Split> {
  const { seed, permutation } = options;
  const sorted = [...names].sort();
  const n = sorted.length;
  const order =
    permutation === 'mien' ? Random.seeded(seed).permutation(n) : new LegacyNumpyRandom(seed).permutation(n);
  const sides = SPLITS.filter((split) => options[split] > 0);
  const result = new Map<string, Split>();
  let [at, share] = [0, 0];
  for (const side of sides) {
    share += options[side];
    const end = side === sides.at(-1) ? n : Math.floor(share * n + SHARE_TOLERANCE);
    for (; at < end; at++) result.set(sorted[order[at] as number] as string, side);
  }
  return result;
}

/**
 * The side of each row.
 * @param rows row numbers of `faces`
 * @throws DataError when the shares are not 1 together, or a row has no subject (or clip)
 */
export function splitRows(
  faces: FaceTable,
  rows: readonly number[],
  options: GroupSplit,
  file: string,
): (row: number) => Split {
  const total = SPLITS.reduce((sum, split) => sum + options[split], 0);
  if (Math.abs(total - 1) > SHARE_TOLERANCE)
    throw new DataError(
      { file },
      { found: `shares of the split that are ${total} together`, expected: '1: train + validation + test' },
    );
  const column = faces[options.by];
  const keyOf = (row: number): string => {
    const name = column.get(row);
    if (name === undefined)
      throw new DataError(
        { file, row: row + 1 },
        {
          found: `a face without a ${options.by}`,
          expected: `one, to split by ${options.by}`,
          hint: options.by === 'subject' ? 'Where the people are not known, split by clip' : undefined,
        },
      );
    return `${faces.dataset.get(row)}\0${name}`;
  };
  const sides = splitGroups([...new Set(rows.map(keyOf))], options);
  return (row) => sides.get(keyOf(row)) as Split;
}
