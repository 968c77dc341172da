// Comparing lists whose every element must be the same.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError, show } from '../files/index.js';
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
