// Tables of labels or predictions: CSV, TSV, JSON Lines, Parquet.

import { basename, extname } from 'node:path';
import { MAX_FRAME, type Split, splitOf } from '../../datasets/index.js';
import { CategoryColumn, DataError, openParquet, parseNumber, readTable, show } from '../../files/index.js';
import { canonicalExpression, type LabelSchema, type Task } from '../../labels/index.js';
import { type CellPlace, type Kind, storeValues, summingToOne } from './cells.js';
import { type FrameSet, FrameSetBuilder, type GroupName } from './frame-set.js';
import { type ColumnOptions, findTableColumns, type TableColumns } from './table-columns.js';

export interface TableFileOptions extends ColumnOptions {
  schema: LabelSchema;
  kind: Kind;
  /** Rows of which split are read, where the table tells splits. */
  split: Split;
}

/** Rows of a table, as they lie in it: Parquet has numbers in columns, the others have texts in rows. */
interface Batch {
  length: number;
  numberOf(i: number): number;
  cell(i: number, column: number): unknown;
}

interface Source {
  columns: readonly string[];
  batches: AsyncIterable<Batch>;
}

async function openTable(file: string): Promise<Source> {
  if (extname(file).toLowerCase() === '.parquet') {
    const { columns, chunks } = await openParquet(file);
    return {
      columns,
      batches: (async function* () {
        for await (const { columns: arrays, rows, start } of chunks(columns)) {
          const byIndex = columns.map((name) => arrays.get(name) ?? []);
          yield { length: rows, numberOf: (i) => start + i + 1, cell: (i, k) => byIndex[k]?.[i] };
        }
      })(),
    };
  }
  const table = await readTable(file);
  return {
    columns: table.columns,
    batches: (async function* () {
      for await (const rows of table)
        yield {
          length: rows.length,
          numberOf: (i) => rows[i]?.number ?? 0,
          cell: (i, k) => rows[i]?.cells[k],
        };
    })(),
  };
}

/** A reader of one table's cells; `at` moves it to a row. */
class Cells {
  readonly place: CellPlace;
  readonly #names: readonly string[];
  #batch: Batch | undefined;
  #i = 0;

  constructor(file: string, names: readonly string[]) {
    this.place = { file, row: 0 };
    this.#names = names;
  }

  at(batch: Batch, i: number): void {
    this.#batch = batch;
    this.#i = i;
    this.place.row = batch.numberOf(i);
  }

  #cell(column: number): unknown {
    this.place.column = this.#names[column] as string;
    const cell = this.#batch?.cell(this.#i, column);
    return cell === null || cell === '' ? undefined : cell;
  }

  text(column: number | undefined): string | undefined {
    if (column === undefined) return undefined;
    const cell = this.#cell(column);
    const text = cell === undefined ? '' : String(cell).trim();
    return text === '' ? undefined : text;
  }

  number(
    column: number | undefined,
    range: { min: number; max: number; integer?: boolean },
  ): number | undefined {
    if (column === undefined) return undefined;
    const cell = this.#cell(column);
    if (cell === undefined) return undefined;
    if (typeof cell === 'boolean') return Number(cell);
    const { min, max, integer = false } = range;
    if (typeof cell === 'number' && cell >= min && cell <= max && (!integer || Number.isInteger(cell)))
      return cell;
    return parseNumber(String(cell), this.place, range);
  }
}

interface Values {
  task: Task;
  width: number;
  values: number[];
}

/** The class of a row, by name or number. */
function expressionIn(cells: Cells, column: number | undefined, { expressions }: LabelSchema): number[] {
  const word = cells.text(column);
  if (word === undefined) return [];
  if (/^[+-]?[\d.]/.test(word))
    return [cells.number(column, { min: 0, max: expressions.length - 1, integer: true }) as number];
  const index = expressions.indexOf(canonicalExpression(word));
  if (index >= 0) return [index];
  throw new DataError(cells.place, {
    found: show(word),
    expected: `${expressions.join(', ')}, or a number from 0 to ${expressions.length - 1}`,
  });
}

function probabilitiesIn(cells: Cells, columns: readonly number[]): number[] {
  const values = columns.flatMap((column) => cells.number(column, { min: 0, max: 1 }) ?? []);
  if (values.length === 0) return values;
  const { file, row } = cells.place;
  if (values.length === columns.length) return summingToOne(values, { file, row });
  throw new DataError(
    { file, row },
    {
      found: `probabilities of ${values.length} expressions`,
      expected: `all ${columns.length}, or none`,
    },
  );
}

/** What a row says, task by task. */
function valuesIn(cells: Cells, columns: TableColumns, kind: Kind, schema: LabelSchema): Values[] {
  const { units, valence, arousal } = columns;
  const numbers = (
    of: readonly (number | undefined)[],
    range: { min: number; max: number; integer?: boolean },
  ) => of.map((column) => cells.number(column, range) ?? Number.NaN);
  const expression = expressionIn(cells, columns.expression, schema);
  const probabilities = probabilitiesIn(cells, columns.probabilities);
  const all: Values[] = [
    { task: 'EXPR', width: 1, values: expression },
    { task: 'EXPR', width: probabilities.length, values: probabilities },
    {
      task: 'AU',
      width: units.length,
      values: numbers(units, { min: 0, max: 1, integer: kind === 'labels' }),
    },
    { task: 'VA', width: 2, values: numbers([valence, arousal], { min: -1, max: 1 }) },
  ];
  return all.filter(({ values }) => values.some((value) => !Number.isNaN(value)));
}

/**
 * Reads a table whose columns are told by their names.
 * @throws DataError naming the row and column
 */
export async function readTableFile(
  file: string,
  { schema, kind, split, ...options }: TableFileOptions,
): Promise<FrameSet> {
  const source = await openTable(file);
  const columns = findTableColumns(file, source.columns, schema, options);
  const builder = new FrameSetBuilder(file, schema);
  const number = builder.open(file);
  const groups = (['dataset', 'subject', 'group'] as const).flatMap((name): [GroupName, number][] => {
    const column = columns[name];
    return column === undefined ? [] : [[name, column]];
  });
  for (const [name] of groups) builder.groups[name] = new CategoryColumn();
  const cells = new Cells(file, source.columns);
  const byFrame = columns.clip !== undefined && columns.frame !== undefined;
  const bySource = columns.source !== undefined && !byFrame && columns.image === undefined;
  let sourceKind: string | undefined;

  const frameIn = (): number => {
    const frame = cells.number(columns.frame, { min: 0, max: MAX_FRAME, integer: true });
    if (frame === undefined)
      throw new DataError(cells.place, { found: 'no frame', expected: 'one in each row' });
    return frame;
  };

  /** Of a table of readings: frames of videos have a time, pictures have none. */
  const rowOfSource = (): number => {
    const kind = cells.text(columns.time_s) === undefined ? 'a picture' : 'a frame of a video';
    const source = cells.text(columns.source);
    sourceKind ??= kind;
    const place = { ...cells.place, column: 'source' };
    if (source === undefined) throw new DataError(place, { found: 'no source', expected: 'one in each row' });
    if (kind !== sourceKind)
      throw new DataError(place, { found: kind, expected: `${sourceKind}, as in the rows before` });
    if (kind === 'a picture') return builder.rowOfImage(source);
    return builder.rowOf(basename(source).split('.', 1)[0] as string, frameIn());
  };

  const rowOf = (): number => {
    if (bySource) return rowOfSource();
    const image = cells.text(columns.image);
    if (!byFrame) {
      if (image === undefined)
        throw new DataError(cells.place, { found: 'no image', expected: 'one in each row' });
      return builder.rowOfImage(image);
    }
    const clip = cells.text(columns.clip);
    if (clip === undefined)
      throw new DataError(cells.place, { found: 'no clip', expected: 'one in each row' });
    return builder.rowOf(clip, frameIn(), image);
  };

  for await (const batch of source.batches)
    for (let i = 0; i < batch.length; i++) {
      cells.at(batch, i);
      const word = cells.text(columns.split);
      if (word !== undefined && splitOf(word) !== split) continue;
      const rows = builder.length;
      const row = rowOf();
      if (builder.length > rows)
        for (const [name, column] of groups) builder.groups[name]?.push(cells.text(column));
      let claimed: Task | undefined;
      for (const { task, width, values } of valuesIn(cells, columns, kind, schema)) {
        if (task !== claimed) builder.claim(task, row, number, cells.place.row);
        claimed = task;
        storeValues(builder, row, { task, width }, values);
      }
    }
  return builder.build();
}
