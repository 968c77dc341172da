// JSON Lines: an object per line, in which any line may bring a key that those before it lack.

import { DataError, show } from './errors.js';
import type { Table, TableRow } from './tables.js';
import { readTextBlocks } from './text-blocks.js';

const EXPECTED = 'an object in JSON on one line, such as {"image": "1.jpg"}';

function parseLine(file: string, row: number, line: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    const found = `${show(line)}, which is no JSON (${(cause as Error).message})`;
    throw new DataError({ file, row }, { found, expected: EXPECTED, cause });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new DataError({ file, row }, { found: show(line), expected: EXPECTED });
}

async function* readObjects(
  file: string,
): AsyncGenerator<{ number: number; object: Record<string, unknown> }[]> {
  for await (const { text, firstLine } of readTextBlocks(file))
    yield text.split('\n').flatMap((line, i) => {
      const number = firstLine + i;
      return line.trim() === '' ? [] : [{ number, object: parseLine(file, number, line) }];
    });
}

/**
 * Reads the file twice: first for the names of its columns.
 * @param cellOf turns a value into a cell
 */
export async function readJsonLines(
  file: string,
  cellOf: (value: unknown) => string | undefined,
): Promise<Table> {
  const names = new Set<string>();
  for await (const rows of readObjects(file))
    for (const { object } of rows) for (const name of Object.keys(object)) names.add(name);
  if (names.size === 0) throw new DataError({ file }, { found: 'an empty file', expected: EXPECTED });
  const columns = [...names];
  return {
    file,
    columns,
    async *[Symbol.asyncIterator]() {
      for await (const rows of readObjects(file))
        yield rows.map(
          ({ number, object }): TableRow => ({ number, cells: columns.map((name) => cellOf(object[name])) }),
        );
    },
  };
}
