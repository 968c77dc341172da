// From a row's cells to a face with its labels.

import { DataError, parseNumber, show } from '../../files/index.js';
import type { LabelSchema } from '../../labels/index.js';
import { type Box, type FaceRow, type Occurrence, SPLITS, type Split } from '../face-row.js';
import { expressionIn, splitOf } from '../labelling.js';
import type { TableColumns } from './columns.js';
import type { FaceTableOptions, Field } from './options.js';

export interface ParsedRow {
  face: FaceRow;
  /** The expression's word, where the schema lacks it. */
  strangeExpression?: string | undefined;
}

export interface ParsingRequest {
  file: string;
  /** Names, for messages. */
  names: readonly string[];
  columns: TableColumns;
  options: FaceTableOptions;
  schema: LabelSchema;
}

/** A missing value's spelling also stands for the same number in another: `-5` for `-5.0`. */
function missingTest(spellings: readonly string[]): (cell: string) => boolean {
  const words = new Set(['', ...spellings.map((word) => word.trim())]);
  const numbers = new Set(
    [...words].filter((word) => word !== '' && !Number.isNaN(Number(word))).map(Number),
  );
  return (cell) => words.has(cell) || (numbers.size > 0 && cell !== '' && numbers.has(Number(cell)));
}

const TRUTH: Readonly<Record<string, 0 | 1>> = { '0': 0, '1': 1, false: 0, true: 1 };

/**
 * @returns a function from a row's line and cells to its face; it throws DataError with line and column where a cell
 *   is malformed
 */
export function rowParser({ file, names, columns, options, schema }: ParsingRequest) {
  const isMissing = missingTest(options.missing);
  const [least, greatest] = options.affectRange;

  const nameOf = (piece: string | number) => (typeof piece === 'string' ? piece : (names[piece] ?? ''));

  return (row: number, cells: readonly (string | undefined)[]): ParsedRow => {
    const place = (index: number) => ({ file, row, column: names[index] ?? '' });
    const cellAt = (index: number | undefined): string | undefined => {
      const cell = index === undefined ? undefined : cells[index]?.trim();
      return cell === undefined || isMissing(cell) ? undefined : cell;
    };
    const text = (field: Field): string | undefined => {
      const pieces = columns.fields[field]?.map((piece) =>
        typeof piece === 'string' ? piece : cellAt(piece),
      );
      return pieces?.includes(undefined) ? undefined : pieces?.join('');
    };
    const placeOf = (field: Field) => ({
      file,
      row,
      column: columns.fields[field]?.map(nameOf).join('') ?? '',
    });
    const fieldNumber = (field: Field, range: { min: number; max: number; integer?: boolean }) => {
      const cell = text(field);
      return cell === undefined ? undefined : parseNumber(cell, placeOf(field), range);
    };
    const number = (index: number | undefined) => {
      const cell = cellAt(index);
      return cell === undefined ? undefined : parseNumber(cell, place(index as number));
    };
    const affect = (field: 'valence' | 'arousal') => {
      const value = fieldNumber(field, { min: least, max: greatest });
      if (value === undefined || (least === -1 && greatest === 1)) return value;
      return ((value - least) / (greatest - least)) * 2 - 1;
    };
    const frame = fieldNumber('frame', {
      min: options.frameFrom,
      max: Number.MAX_SAFE_INTEGER,
      integer: true,
    });

    const split = (): Split | undefined => {
      const cell = text('split');
      if (cell === undefined) return columns.split;
      const split = splitOf(options.splits[cell] ?? cell);
      if (split !== undefined) return split;
      throw new DataError(placeOf('split'), {
        found: show(cell),
        expected: SPLITS.join(', '),
        hint: `Say what it means with --split-value ${show(cell)}=train`,
      });
    };

    const occurrence = (index: number | undefined): Occurrence => {
      const cell = cellAt(index);
      if (cell === undefined) return undefined;
      const value = TRUTH[cell.toLowerCase()];
      return value ?? (parseNumber(cell, place(index as number), { min: 0, max: 1, integer: true }) as 0 | 1);
    };

    const box = (): Box | undefined => {
      const cells = columns.box?.map((index) => number(index)) ?? [];
      const [x, y, width, height] = cells;
      if (cells.every((cell) => cell === undefined)) return undefined;
      if (x !== undefined && y !== undefined && width !== undefined && height !== undefined)
        return { x, y, width, height };
      throw new DataError(
        { file, row },
        { found: 'a box with missing numbers', expected: 'x, y, width and height, or none of them' },
      );
    };

    const word = text('expression');
    const expression = word === undefined ? undefined : expressionIn(schema, options.classes[word] ?? word);
    const intensities = columns.intensities.map((index) => number(index));
    const { threshold } = options;
    const units = columns.occurrences.map((index, k): Occurrence => {
      const intensity = intensities[k];
      const known = occurrence(index);
      if (known !== undefined || threshold === undefined || intensity === undefined) return known;
      return intensity >= threshold ? 1 : 0;
    });
    const some = <T>(values: readonly T[]) => (values.some((one) => one !== undefined) ? values : undefined);
    return {
      strangeExpression: expression === undefined ? word : undefined,
      face: {
        dataset: options.dataset,
        image: text('image'),
        video: text('video'),
        split: split(),
        subject: text('subject'),
        clip: text('clip'),
        frame: frame === undefined ? undefined : frame - options.frameFrom,
        group: text('group'),
        box: box(),
        expression,
        valence: affect('valence'),
        arousal: affect('arousal'),
        actionUnits: some(units),
        intensities: some(intensities),
      },
    };
  };
}
