// Tables as text, row by row: CSV with a header line, or JSON Lines.

import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { type CsvError, parse } from 'csv-parse';
import { DataError, statIfThere } from '../../files/index.js';

/** A row of a table; values of CSV are texts, empty where a cell is. */
export interface TableRecord {
  /** Line of the file, from 1. */
  row: number;
  values: Readonly<Record<string, unknown>>;
}

async function* csvRecords(file: string): AsyncGenerator<TableRecord> {
  const parser = createReadStream(file).pipe(
    parse({
      bom: true,
      trim: true, // OpenFace puts a blank behind each comma
      columns: (header: string[]) => header.map((name) => name.trim()),
      skip_empty_lines: true,
      info: true,
    }),
  );
  try {
    for await (const { record, info } of parser as AsyncIterable<{
      record: Record<string, string>;
      info: { lines: number };
    }>)
      yield { row: info.lines, values: record };
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
    const { message, lines } = cause as CsvError & { lines?: number };
    throw new DataError(
      { file, row: lines },
      { found: `a line that is no CSV (${message})`, expected: 'as many cells as the header has', cause },
    );
  }
}

async function* jsonRecords(file: string): AsyncGenerator<TableRecord> {
  let row = 0;
  for await (const line of createInterface({
    input: createReadStream(file),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    row++;
    if (line.trim() === '') continue;
    const expected = 'a JSON object per line';
    let values: unknown;
    try {
      values = JSON.parse(line.replace(/^\ufeff/, ''));
    } catch (cause) {
      throw new DataError({ file, row }, { found: 'no JSON', expected, cause });
    }
    if (typeof values !== 'object' || values === null || Array.isArray(values))
      throw new DataError(
        { file, row },
        { found: Array.isArray(values) ? 'a list' : String(values), expected },
      );
    yield { row, values: values as Record<string, unknown> };
  }
}

/** @throws DataError when there is no such file, or a line is malformed */
export async function* readRecords(file: string): AsyncGenerator<TableRecord> {
  if (!(await statIfThere(file))?.isFile())
    throw new DataError({ file }, { found: 'no such file', expected: 'a table (.csv or .jsonl)' });
  yield* /\.(jsonl|ndjson)$/i.test(file) ? jsonRecords(file) : csvRecords(file);
}
