// Lists of test videos, one name per line, a list per task; and of lengths, where they are known.

import * as z from 'zod';
import { DataError, parseNumber, readTextLines, show } from '../../files/index.js';
import type { Task } from '../../labels/index.js';
import type { ManifestStep } from '../manifest.js';

const LIST = z.object({ file: z.string(), videos: z.array(z.string()) });

/** Videos in the order of the list. */
export type TestList = z.infer<typeof LIST>;

export type TestLists = Partial<Record<Task, TestList>>;

export const TEST_COMMAND = 'import aff-wild2-test';

/** @throws DataError when the list is empty, names a video twice, or has what can be no name */
export async function readTestList(file: string): Promise<TestList> {
  const { lines } = await readTextLines(file);
  const seen = new Map<string, number>();
  lines.forEach((line, i) => {
    const name = line.trim();
    if (name === '') return;
    const before = seen.get(name);
    if (before !== undefined)
      throw new DataError(
        { file, row: i + 1 },
        { found: `${name} for the second time`, expected: `each video once; the first is line ${before}` },
      );
    if (/[/\\,]/.test(name))
      throw new DataError({ file, row: i + 1 }, { found: show(line), expected: 'the name of a video' });
    seen.set(name, i + 1);
  });
  if (seen.size === 0)
    throw new DataError({ file }, { found: 'no names', expected: 'the name of a video per line' });
  return { file, videos: [...seen.keys()] };
}

/** Lines `VIDEO,FRAMES`. @throws DataError for other lines */
export async function readLengths(file: string): Promise<Map<string, number>> {
  const { lines } = await readTextLines(file);
  const lengths = new Map<string, number>();
  lines.forEach((line, i) => {
    if (line.trim() === '') return;
    const place = { file, row: i + 1 };
    const [name = '', frames, ...more] = line.split(',').map((cell) => cell.trim());
    if (frames === undefined || more.length > 0 || name === '')
      throw new DataError(place, { found: show(line), expected: 'VIDEO,FRAMES' });
    if (lengths.has(name))
      throw new DataError(place, { found: `${name} for the second time`, expected: 'each video once' });
    const range = { min: 1, max: 0x7fff_ffff, integer: true };
    lengths.set(name, parseNumber(frames, { ...place, column: 'frames' }, range));
  });
  return lengths;
}

/**
 * Which test videos each task's list named, from a manifest's history; undefined where none were imported. A challenge
 * wants results for these, in this order; the frames of a video are the rows with `clip` = its name and `split` = test.
 */
export function testListsOf(history: readonly ManifestStep[]): TestLists | undefined {
  const step = history.findLast(({ command }) => command === TEST_COMMAND);
  const lists = z.object({ AU: LIST, EXPR: LIST, VA: LIST }).partial().safeParse(step?.options.lists);
  return step === undefined ? undefined : (lists.data as TestLists | undefined);
}
