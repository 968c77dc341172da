// Tables of readings, written as a stream: memory does not grow with the video's length, and a file appears whole or not at all.

import { extname } from 'node:path';
import { createParquet, DataError, OutputFile, ROW_GROUP, writeWhole } from '../../files/index.js';
import type { FrameReading } from '../frames.js';
import {
  type ReadingCell,
  type ReadingColumn,
  type ReadingColumnOptions,
  readingColumns,
} from './columns.js';
import type { Provenance } from './provenance.js';

export const READING_FORMATS = ['csv', 'parquet', 'jsonl'] as const;
export type ReadingFormat = (typeof READING_FORMATS)[number];

export interface ReadingTableOptions extends ReadingColumnOptions {
  /** Default: by the file's ending. */
  format?: ReadingFormat;
  /** Kept in a Parquet file's own metadata; of other formats in a file beside the table, `TABLE.json`. */
  provenance?: Provenance;
}

export interface ReadingTable {
  /** Adds a row for each face, or one that says that there is none. @throws DataError when it cannot be written */
  write(frame: FrameReading): void;
  /** Gives the table its name, over an older one. */
  close(): void;
  /** Leaves no trace. */
  abort(): void;
}

/** The format that a file's ending says, or undefined. */
export function readingFormatOf(file: string): ReadingFormat | undefined {
  const ending = extname(file).slice(1).toLowerCase();
  return READING_FORMATS.find((format) => format === ending);
}

type Row = readonly ReadingCell[];

/** What a format does with rows. */
interface RowWriter {
  write(row: Row): void;
  close(): void;
  abort(): void;
}

/** Characters that are collected before they are written. */
const PORTION = 1 << 16;

function createText(file: string, head: string, lineOf: (row: Row) => string): RowWriter {
  const output = new OutputFile(file);
  const encoder = new TextEncoder();
  let text = head;
  const flush = () => {
    output.write(encoder.encode(text));
    text = '';
  };
  return {
    write(row) {
      text += `${lineOf(row)}\n`;
      if (text.length >= PORTION) flush();
    },
    close() {
      flush();
      output.commit();
    },
    abort: () => output.discard(),
  };
}

/** As RFC 4180 has it: quotes where they are needed, and doubled. */
function csvCell(cell: ReadingCell): string {
  const text = cell === undefined ? '' : typeof cell === 'object' ? JSON.stringify(cell) : String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const createCsv = (file: string, columns: readonly ReadingColumn[]): RowWriter =>
  createText(file, `${columns.map(({ name }) => csvCell(name)).join()}\n`, (row) => row.map(csvCell).join());

/** Every line has every key; null is missing. */
const createJsonLines = (file: string, columns: readonly ReadingColumn[]): RowWriter =>
  createText(file, '', (row) =>
    JSON.stringify(Object.fromEntries(columns.map(({ name }, i) => [name, row[i] ?? null]))),
  );

function createParquetRows(
  file: string,
  columns: readonly ReadingColumn[],
  provenance: Provenance | undefined,
): RowWriter {
  const output = createParquet(file, columns, {
    'mien.columns': JSON.stringify(Object.fromEntries(columns.map(({ name, meaning }) => [name, meaning]))),
    ...(provenance && { 'mien.reading': JSON.stringify(provenance) }),
  });
  let rows: Row[] = [];
  const flush = () => {
    if (rows.length === 0) return;
    output.write(
      columns.map((_, i) =>
        rows.map((row) => {
          const cell = row[i] ?? null;
          return typeof cell === 'object' && cell !== null ? JSON.stringify(cell) : cell;
        }),
      ),
    );
    rows = [];
  };
  return {
    write(row) {
      rows.push(row);
      if (rows.length === ROW_GROUP) flush();
    },
    close() {
      flush();
      output.commit();
    },
    abort: () => output.discard(),
  };
}

/** @throws DataError for another ending */
function formatFor(file: string): ReadingFormat {
  const format = readingFormatOf(file);
  if (format !== undefined) return format;
  throw new DataError(
    { file },
    {
      found: extname(file) === '' ? 'a name without ending' : `the ending ${extname(file)}`,
      expected: READING_FORMATS.map((one) => `.${one}`).join(', '),
    },
  );
}

/**
 * Begins a table of readings.
 * @throws DataError when it cannot be written, or its format cannot be told
 */
export function openReadingTable(file: string, options: ReadingTableOptions): ReadingTable {
  const { format = formatFor(file), provenance } = options;
  const columns = readingColumns(options);
  const rows =
    format === 'parquet'
      ? createParquetRows(file, columns, provenance)
      : { csv: createCsv, jsonl: createJsonLines }[format](file, columns);
  return {
    write(frame) {
      if (frame.faces.length === 0) rows.write(columns.map(({ cell }) => cell(frame, undefined)));
      for (const face of frame.faces) rows.write(columns.map(({ cell }) => cell(frame, face)));
    },
    close() {
      rows.close();
      if (provenance !== undefined && format !== 'parquet')
        writeWhole(`${file}.json`, `${JSON.stringify(provenance, null, 2)}\n`);
    },
    abort: () => rows.abort(),
  };
}
