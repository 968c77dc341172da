// What parity parts share: to read golden files, to run a reader on a golden folder, and to say how far two results are
// from each other.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FaceRow, type Reader, Tally } from '../datasets/index.js';
import { DataError, show } from '../files/index.js';
import { ABAW1 } from '../labels/index.js';
import type { ParityCase } from './index.js';

/** A JSON file of a golden folder. @throws DataError when it cannot be read */
export async function readGolden<T>(folder: string, path: string): Promise<T> {
  const file = join(folder, path);
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new DataError({ file }, { found: (cause as Error).message, expected: 'JSON', cause });
  }
}

/**
 * The error of a list is the number of elements that differ; lists of different lengths differ in all that one lacks.
 * Elements are compared as JSON, so keys must stand in the same order. The note names the first difference.
 */
export function compareLists(name: string, ours: readonly unknown[], golden: readonly unknown[]): ParityCase {
  let error = 0;
  let note = `${golden.length.toLocaleString('en')} equal`;
  for (let i = 0; i < Math.max(ours.length, golden.length); i++) {
    const [one, other] = [ours[i], golden[i]].map((value) => JSON.stringify(value) ?? 'nothing');
    if (one === other) continue;
    if (error++ === 0) note = `first difference at ${i}: ${show(one)} instead of ${show(other)}`;
  }
  return { name, error, tolerance: 0, note };
}

/** The largest absolute difference; NaN where the shapes differ or a number is missing. */
export function largestDifference(expected: readonly number[], found: readonly number[]): number {
  if (expected.length !== found.length) return Number.NaN;
  return expected.reduce((largest, value, i) => {
    const difference = Math.abs(value - (found[i] ?? Number.NaN));
    return difference > largest || Number.isNaN(difference) ? difference : largest;
  }, 0);
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
