// Tables as users have them: CSV, TSV, JSON Lines and Parquet, read row by row in one form.

import { extname } from 'node:path';
import { readDelimited } from './delimited.js';
import { DataError } from './errors.js';
import { readJsonLines } from './json-lines.js';
import { openParquet } from './parquet.js';

export interface TableRow {
  /** The line that the row begins on, from 1; of a Parquet file the row, from 1. */
  readonly number: number;
  /**
   * One per column, as text: numbers in their shortest form, truth values as `true` and `false`, JSON objects and lists
   * as JSON. undefined where the file has no value; an empty cell of a text table is `''`.
   */
  readonly cells: readonly (string | undefined)[];
}

/** Batches of rows, in the file's order; can be iterated several times. */
export interface Table extends AsyncIterable<TableRow[]> {
  readonly file: string;
  /** In the file's order; of JSON Lines, in order of first appearance. Distinct, but for unnamed ones (`''`). */
  readonly columns: readonly string[];
}

export interface TableOptions {
  /** By default told by the file's extension. */
  format?: TableFormat;
  /** Of CSV; one character. By default a comma. */
  delimiter?: string;
  /** Names of the columns of a text table without a header line; a first line that repeats them is passed over. */
  columns?: readonly string[];
}

export const TABLE_FORMATS = ['csv', 'tsv', 'jsonl', 'parquet'] as const;
export type TableFormat = (typeof TABLE_FORMATS)[number];

const EXTENSIONS: Readonly<Record<string, TableFormat>> = {
  '.csv': 'csv',
  '.tsv': 'tsv',
  '.tab': 'tsv',
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.parquet': 'parquet',
};

function formatOf(file: string): TableFormat {
  const extension = extname(file).toLowerCase();
  const format = EXTENSIONS[extension];
  if (format !== undefined) return format;
  throw new DataError(
    { file },
    {
      found: extension === '' ? 'a name without extension' : `a ${extension} file`,
      expected: `a table: ${Object.keys(EXTENSIONS).join(', ')}`,
      hint: extension.startsWith('.xls') ? 'Save the sheet as CSV' : undefined,
    },
  );
}

/** @returns undefined for a missing value */
export function cellOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

async function readParquetTable(file: string): Promise<Table> {
  const { columns, chunks } = await openParquet(file);
  return {
    file,
    columns,
    async *[Symbol.asyncIterator]() {
      for await (const { columns: values, rows, start } of chunks(columns)) {
        const arrays = columns.map((name) => values.get(name) ?? []);
        yield Array.from({ length: rows }, (_, i) => ({
          number: start + i + 1,
          cells: arrays.map((array) => cellOf(array[i])),
        }));
      }
    },
  };
}

/**
 * Opens a table: its columns are known at once, its rows come in batches when it is iterated.
 * @throws DataError, here or while rows are read, naming the row: text that is no UTF-8, a wrong number of cells, a
 *   column twice, a quote that is not closed, broken JSON, a damaged Parquet file, an empty file
 */
export async function readTable(file: string, options: TableOptions = {}): Promise<Table> {
  const { format = formatOf(file), delimiter = ',', columns } = options;
  if (format === 'parquet') return readParquetTable(file);
  if (format === 'jsonl') return readJsonLines(file, cellOf);
  return readDelimited(file, { delimiter: format === 'tsv' ? '\t' : delimiter, columns });
}
