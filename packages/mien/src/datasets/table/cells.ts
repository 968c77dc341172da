// What stands in the cells of a row: texts, numbers, truth values, or nothing.

import { DataError, parseNumber } from '../../files/index.js';
import type { LabelSchema } from '../../labels/index.js';
import type { Box, Occurrence } from '../face-row.js';
import type { TableColumns } from './columns.js';
import type { FaceTableOptions, Field } from './options.js';

export interface ParsingRequest {
  file: string;
  /** Names of the columns, for messages. */
  names: readonly string[];
  columns: TableColumns;
  options: FaceTableOptions;
  schema: LabelSchema;
}

export interface Range {
  min: number;
  max: number;
  integer?: boolean;
}

/** Of a side of a box, pixels. */
const LENGTH: Range = { min: 0, max: 1_000_000 };
const OCCURRENCE: Range = { min: 0, max: 1, integer: true };
const TRUTH = new Map<string, 0 | 1>([
  ['0', 0],
  ['1', 1],
  ['false', 0],
  ['true', 1],
]);

/** A missing value's spelling also stands for the same number in another: `-5` for `-5.0`. */
export function missingTest(spellings: readonly string[]): (cell: string) => boolean {
  const words = new Set(['', ...spellings.map((word) => word.trim())]);
  const numbers = new Set(
    [...words].filter((word) => word !== '' && !Number.isNaN(Number(word))).map(Number),
  );
  return (cell) => words.has(cell) || (numbers.size > 0 && numbers.has(Number(cell)));
}

/** The cells of one row; undefined is a missing value. Each throws DataError with line and column where a cell is malformed. */
export function rowCells(
  { file, names, columns }: ParsingRequest,
  isMissing: (cell: string) => boolean,
  row: number,
  cells: readonly (string | undefined)[],
) {
  const nameOf = (piece: string | number) => (typeof piece === 'string' ? piece : (names[piece] ?? ''));
  const cellAt = (index: number): string | undefined => {
    const cell = cells[index]?.trim();
    return cell === undefined || isMissing(cell) ? undefined : cell;
  };
  const numberAt = (index: number, range?: Range): number | undefined => {
    const cell = cellAt(index);
    return cell === undefined ? undefined : parseNumber(cell, { file, row, column: nameOf(index) }, range);
  };
  const placeOf = (field: Field) => ({
    file,
    row,
    column: columns.fields[field]?.map(nameOf).join('') ?? '',
  });
  const text = (field: Field): string | undefined => {
    const pieces = columns.fields[field]?.map((piece) => (typeof piece === 'string' ? piece : cellAt(piece)));
    return pieces?.includes(undefined) ? undefined : pieces?.join('');
  };
  return {
    placeOf,
    text,

    number(field: Field, range: Range): number | undefined {
      const cell = text(field);
      return cell === undefined ? undefined : parseNumber(cell, placeOf(field), range);
    },

    occurrence(index: number | undefined): Occurrence {
      const cell = index === undefined ? undefined : cellAt(index);
      if (index === undefined || cell === undefined) return undefined;
      return TRUTH.get(cell.toLowerCase()) ?? (numberAt(index, OCCURRENCE) as 0 | 1);
    },

    intensity: (index: number | undefined) => (index === undefined ? undefined : numberAt(index)),

    box(): Box | undefined {
      const numbers = columns.box?.map((index, k) => numberAt(index, k < 2 ? undefined : LENGTH)) ?? [];
      const [x, y, width, height] = numbers;
      if (numbers.every((number) => number === undefined)) return undefined;
      if (x !== undefined && y !== undefined && width !== undefined && height !== undefined)
        return { x, y, width, height };
      throw new DataError(
        { file, row },
        { found: 'a box with missing numbers', expected: 'x, y, width and height, or none of them' },
      );
    },
  };
}
