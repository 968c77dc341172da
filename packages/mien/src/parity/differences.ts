// What parity parts on data sets share: to run a reader on a golden folder, and to count what differs from its rows.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type FaceRow, type Reader, Tally } from '../datasets/index.js';
import { ABAW1 } from '../labels/index.js';

export async function readGolden<T>(folder: string, path: string): Promise<T> {
  return JSON.parse(await readFile(join(folder, path), 'utf8')) as T;
}

/** All rows of a reader, in schema `abaw1`. */
export async function rowsOf<Options>(read: Reader<Options>, options: Options): Promise<FaceRow[]> {
  const context = { schema: ABAW1, tally: new Tally(), onProgress: () => {}, strict: false };
  const rows: FaceRow[] = [];
  for await (const some of read(options, context)) rows.push(...some);
  return rows;
}

/** Runs `work` with a temporary folder that is removed afterwards. */
export async function* inTemporaryFolder<T>(work: (folder: string) => AsyncIterable<T>): AsyncGenerator<T> {
  const folder = await mkdtemp(join(tmpdir(), 'mien-parity-'));
  try {
    yield* work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** How many of the expected items are not found at their place; the note shows the first. */
export function countDifferences(
  expected: readonly unknown[],
  found: readonly unknown[],
): { error: number; note?: string } {
  let error = 0;
  let note: string | undefined;
  for (let i = 0; i < Math.max(expected.length, found.length); i++) {
    if (isDeepStrictEqual(expected[i], found[i])) continue;
    error++;
    note ??= `item ${i}: expected ${JSON.stringify(expected[i])}, found ${JSON.stringify(found[i])}`;
  }
  return note === undefined ? { error } : { error, note };
}

/** The largest absolute difference; NaN where the shapes differ or a number is missing. */
export function largestDifference(expected: readonly number[], found: readonly number[]): number {
  if (expected.length !== found.length) return Number.NaN;
  return expected.reduce((largest, value, i) => {
    const difference = Math.abs(value - (found[i] ?? Number.NaN));
    return difference > largest || Number.isNaN(difference) ? difference : largest;
  }, 0);
}
