// CSV and TSV, strictly: every row has as many cells as there are columns, and what is wrong is named by its line.

import { pipeline, Readable } from 'node:stream';
import { CsvError, type Options, parse } from 'csv-parse';
import { DataError, show } from './errors.js';
import type { Table, TableRow } from './tables.js';
import { LONGEST_LINE, lineTooLong, readTextBlocks } from './text-blocks.js';

/** Rows that are handed over at once. */
const BATCH = 1024;

const PROBLEMS: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a quote that is not closed',
  INVALID_OPENING_QUOTE: 'a quote in the middle of a cell',
  CSV_INVALID_CLOSING_QUOTE: 'text after a closing quote',
};

function parsingError(file: string, row: number, error: unknown): unknown {
  if (!(error instanceof CsvError)) return error;
  if (error.code === 'CSV_MAX_RECORD_SIZE') return lineTooLong(file, row);
  return new DataError(
    { file, row },
    {
      found: PROBLEMS[error.code] ?? error.message,
      expected: 'cells with commas or quotes in them in double quotes, and quotes in those doubled',
      cause: error,
    },
  );
}

const isBlank = ({ cells }: TableRow) => cells.length === 1 && cells[0]?.trim() === '';

async function* readRecords(file: string, delimiter: string): AsyncGenerator<TableRow> {
  const texts = async function* () {
    for await (const { text } of readTextBlocks(file)) yield text;
  };
  let next = 1; // csv-parse's own count is wrong after cells of several lines with CRLF
  const options: Options<TableRow, string[]> = {
    delimiter,
    relax_column_count: true,
    max_record_size: LONGEST_LINE,
    on_record: (cells: string[]): TableRow => {
      const number = next++;
      for (const cell of cells) if (cell.includes('\n')) next += cell.split('\n').length - 1;
      return { number, cells };
    },
  };
  const parser = parse(options as object); // its types know such an on_record only with named columns
  pipeline(Readable.from(texts()), parser, () => {}); // an error of either end comes out of the parser
  try {
    for await (const row of parser as AsyncIterable<TableRow>) if (!isBlank(row)) yield row;
  } catch (error) {
    throw parsingError(file, next, error);
  }
}

/** @throws DataError for no columns, or one twice */
function checkColumns(file: string, row: number, columns: readonly string[]): void {
  const twice = columns.find((name, i) => name !== '' && columns.indexOf(name) !== i);
  if (twice !== undefined)
    throw new DataError(
      { file, row },
      { found: `column ${show(twice)} twice`, expected: 'columns of different names' },
    );
}

/** @param options.columns names, where the file has no header line */
export async function readDelimited(
  file: string,
  { delimiter, columns: given }: { delimiter: string; columns: readonly string[] | undefined },
): Promise<Table> {
  let first: TableRow | undefined;
  for await (const record of readRecords(file, delimiter)) {
    first = record;
    break;
  }
  if (first === undefined)
    throw new DataError(
      { file },
      { found: 'an empty file', expected: given ? 'rows' : 'a header line and rows' },
    );
  const header = first.cells.map((cell) => cell?.trim() ?? '');
  const columns = given ?? header;
  checkColumns(file, first.number, columns);
  const headerLine =
    given === undefined || given.every((name, k) => name === header[k]) ? first.number : undefined;
  return {
    file,
    columns,
    async *[Symbol.asyncIterator]() {
      let batch: TableRow[] = [];
      for await (const row of readRecords(file, delimiter)) {
        if (row.number === headerLine) continue;
        if (row.cells.length !== columns.length)
          throw new DataError(
            { file, row: row.number },
            {
              found: `${row.cells.length} cells (${show(row.cells.join(delimiter))})`,
              expected: `${columns.length}, as there are columns`,
            },
          );
        batch.push(row);
        if (batch.length < BATCH) continue;
        yield batch;
        batch = [];
      }
      if (batch.length > 0) yield batch;
    },
  };
}
