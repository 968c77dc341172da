// Parquet files in and out, column by column and row group by row group.

import { stat } from 'node:fs/promises';
import { asyncBufferFromFile, type FileMetaData, parquetMetadataAsync, parquetRead } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { ByteWriter, type ColumnSource, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';
import { type Column, type ColumnType, type NamedColumn, TextColumn } from './columns.js';
import { DataError } from './errors.js';
import { OutputFile } from './output.js';

/** Rows that are encoded at once. More compress a little better, but leave so much garbage that memory doubles. */
export const ROW_GROUP = 10_000;

/** How a column is written. */
export interface ParquetColumn {
  name: string;
  type: ColumnType;
  /** Its texts share their beginnings, as paths do. */
  paths?: boolean;
}

/** A table that is being written, row group by row group, in memory that does not grow with the file. */
export interface ParquetOutput {
  /** Adds a row group. @param data of each column, in their order, all of one length; null is missing */
  write(data: readonly ReturnType<Column<string>['toParquet']>[]): void;
  /** Gives the file its name, over an older one. */
  commit(): void;
  /** Leaves no trace. */
  discard(): void;
}

/**
 * @param keyValues the file's own metadata
 * @throws DataError, here and while rows are written, when the file cannot be written; then nothing is left
 */
export function createParquet(
  file: string,
  columns: readonly ParquetColumn[],
  keyValues: Readonly<Record<string, string>>,
): ParquetOutput {
  const output = new OutputFile(file);
  const bytes = new ByteWriter();
  const drain = () => {
    output.write(new Uint8Array(bytes.buffer, 0, bytes.index));
    bytes.index = 0;
  };
  Object.assign(bytes, { flush: drain, finish: drain });
  const sources = (data: (i: number) => ColumnSource['data']): ColumnSource[] =>
    columns.map(({ name, type, paths }, i) => ({
      name,
      type,
      ...(paths && { encoding: 'DELTA_BYTE_ARRAY' as const }),
      data: data(i),
    }));
  const orDiscard = (work: () => void) => {
    try {
      work();
    } catch (error) {
      output.discard();
      throw error;
    }
  };
  const writer = new ParquetWriter({
    writer: bytes,
    schema: schemaFromColumnData({ columnData: sources(() => []) }),
    kvMetadata: Object.entries(keyValues).map(([key, value]) => ({ key, value })),
    createdBy: 'mien',
    statistics: false, // of no use to readers that take every row, and slow
  });
  return {
    write: (data) =>
      orDiscard(
        () =>
          void writer.write({
            columnData: sources((i) => data[i] as ColumnSource['data']),
            rowGroupSize: data[0]?.length ?? 0,
          }),
      ),
    commit: () =>
      orDiscard(() => {
        writer.finish();
        output.commit();
      }),
    discard: () => output.discard(),
  };
}

/**
 * Writes a table whole or not at all.
 * @param length rows; every column has as many
 * @param keyValues the file's own metadata
 * @throws DataError when the file cannot be written
 */
export function writeParquet(
  file: string,
  columns: readonly NamedColumn[],
  length: number,
  keyValues: Readonly<Record<string, string>>,
): void {
  const output = createParquet(
    file,
    columns.map(({ name, type, column }) => ({ name, type, paths: column instanceof TextColumn })),
    keyValues,
  );
  try {
    for (let start = 0; start < length; start += ROW_GROUP) {
      const end = Math.min(length, start + ROW_GROUP);
      output.write(columns.map(({ column }) => column.toParquet(start, end)));
    }
  } catch (error) {
    output.discard();
    throw error;
  }
  output.commit();
}

/** A row group: columns as arrays of its rows; missing values are null or undefined. */
export interface ParquetChunk {
  columns: ReadonlyMap<string, ArrayLike<unknown>>;
  rows: number;
  /** The first of its rows in the file, from 0. */
  start: number;
}

export interface ParquetFile {
  length: number;
  columns: readonly string[];
  keyValues: ReadonlyMap<string, string>;
  /** Row group by row group. @throws DataError at a damaged one */
  chunks(columns: readonly string[]): AsyncGenerator<ParquetChunk>;
  /** Calls `onRows` once per row group. */
  read(
    columns: readonly string[],
    onRows: (chunk: ReadonlyMap<string, ArrayLike<unknown>>, rows: number, start: number) => void,
  ): Promise<void>;
}

/** @throws DataError when there is no such file or it is no Parquet file */
export async function openParquet(file: string): Promise<ParquetFile> {
  const expected = 'a Parquet file';
  const found = await stat(file).catch(() => undefined);
  if (found === undefined) throw new DataError({ file }, { found: 'no such file', expected });
  if (!found.isFile()) throw new DataError({ file }, { found: 'a folder', expected });
  const buffer = await asyncBufferFromFile(file);
  let metadata: FileMetaData;
  try {
    metadata = await parquetMetadataAsync(buffer);
  } catch (cause) {
    const words = found.size === 0 ? 'an empty file' : `something else (${(cause as Error).message})`;
    throw new DataError({ file }, { found: words, expected, cause });
  }
  async function* chunks(columns: readonly string[]): AsyncGenerator<ParquetChunk> {
    let start = 0;
    for (const group of metadata.row_groups) {
      const end = start + Number(group.num_rows);
      const chunk = new Map<string, unknown[]>(columns.map((name) => [name, new Array(end - start)]));
      await parquetRead({
        file: buffer,
        metadata,
        columns: [...columns],
        rowStart: start,
        rowEnd: end,
        compressors,
        onChunk: ({ columnName, columnData, rowStart }) => {
          const target = chunk.get(columnName);
          for (let i = 0; target !== undefined && i < columnData.length; i++)
            target[rowStart - start + i] = columnData[i];
        },
      }).catch((cause: Error) => {
        const words = `rows ${start + 1} to ${end} damaged (${cause.message})`;
        throw new DataError({ file }, { found: words, expected, cause });
      });
      yield { columns: chunk, rows: end - start, start };
      start = end;
    }
  }
  return {
    length: Number(metadata.num_rows),
    columns: topLevelNames(metadata),
    keyValues: new Map((metadata.key_value_metadata ?? []).map(({ key, value }) => [key, value ?? ''])),
    chunks,
    async read(columns, onRows) {
      for await (const { columns: chunk, rows, start } of chunks(columns)) onRows(chunk, rows, start);
    },
  };
}

function topLevelNames({ schema }: FileMetaData): string[] {
  const names: string[] = [];
  let skip = 0;
  for (const { name, num_children: children = 0 } of schema.slice(1)) {
    if (skip === 0) names.push(name);
    else skip--;
    skip += children;
  }
  return names;
}
