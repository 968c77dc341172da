// Which column of a table means what.

import { DataError, show, type Table } from '../../files/index.js';
import type { ActionUnit, LabelSchema } from '../../labels/index.js';
import type { Split } from '../face-row.js';
import { splitOf } from '../labelling.js';
import { type FaceTableOptions, FIELDS, type Field } from './options.js';

/** Texts and indices of columns, to be joined. */
export type Pattern = readonly (string | number)[];

/** Columns by index. */
export interface TableColumns {
  /** Of fields other than numbers and split, a pattern may say how they are made of several columns. */
  fields: Readonly<Partial<Record<Field, Pattern>>>;
  /** The split of every row, where no column says it. */
  split?: Split | undefined;
  box?: readonly number[] | undefined;
  /** One per action unit of the schema. */
  occurrences: readonly (number | undefined)[];
  intensities: readonly (number | undefined)[];
  /** Names of columns that mean nothing here. */
  unused: readonly string[];
}

/** Names that are listed in a message. */
const LISTED = 20;

const INTENSITY_SUFFIXES = ['_i', '_intensity'];

function list(columns: readonly string[]): string {
  const names = columns.slice(0, LISTED).map((name) => show(name));
  return `${names.join(', ')}${columns.length > LISTED ? ', …' : ''}`;
}

/** `AU1`, `au01`, `AU 1`, `AU_1`, and a suffix. */
const isColumnOf = (unit: ActionUnit, suffix: string) => {
  const number = unit.slice(2);
  return (column: string) => {
    const [, digits, rest] = column.match(/^AU[ _]?0*(\d+)(.*)$/i) ?? [];
    return digits === number && rest === suffix;
  };
};

/** @throws DataError naming the column that is not there and those that are */
export function findColumns(
  { file, columns: names }: Table,
  options: FaceTableOptions,
  schema: LabelSchema,
): TableColumns {
  const used = new Set<number>();
  const take = (index: number): number | undefined => {
    if (index < 0) return undefined;
    used.add(index);
    return index;
  };
  const need = (name: string, option: string): number => {
    const index = take(names.indexOf(name));
    if (index !== undefined) return index;
    const hint =
      names.length === 1 && /[;\t]/.test(names[0] ?? '')
        ? 'Say what stands between the columns with --delimiter'
        : `Name another column with --${option}`;
    throw new DataError(
      { file, row: 1 },
      { found: `no column ${show(name)}`, expected: `one of ${list(names)}`, hint },
    );
  };

  const patternOf = (text: string, field: Field): Pattern => {
    const pieces = text.split(/\{([^{}]+)\}/);
    if (names.includes(text) || pieces.length === 1) return [need(text, field)];
    return pieces
      .map((piece, k) => (k % 2 === 1 ? need(piece, field) : piece))
      .filter((piece) => piece !== '');
  };

  const fields: Partial<Record<Field, Pattern>> = {};
  const { split: wantedSplit, ...wanted } = options.columns;
  for (const field of FIELDS) {
    const text = field === 'split' ? undefined : wanted[field];
    if (text !== undefined) fields[field] = patternOf(text, field);
    else {
      const index = take(names.indexOf(field));
      if (index !== undefined) fields[field] = [index];
    }
  }
  let split: Split | undefined;
  if (wantedSplit !== undefined) {
    split = names.includes(wantedSplit) ? undefined : splitOf(wantedSplit);
    if (split === undefined) fields.split = [need(wantedSplit, 'split')];
    else delete fields.split; // the word for all rows wins over a column of that name
  }
  if (fields.video === undefined && fields.image === undefined) need('image', 'image');
  if (fields.video !== undefined && fields.frame === undefined) need('frame', 'frame');

  const byName = (unit: ActionUnit, suffixes: readonly string[]) =>
    take(
      suffixes.reduce(
        (found, suffix) => (found >= 0 ? found : names.findIndex(isColumnOf(unit, suffix))),
        -1,
      ),
    );
  const { actionUnits, occurrenceSuffix = '', intensitySuffix } = options;
  const stranger = Object.keys(actionUnits).find((unit) => !schema.actionUnits.includes(unit as ActionUnit));
  if (stranger !== undefined)
    throw new DataError(
      { file },
      {
        found: `a column for ${stranger}`,
        expected: `action units of schema ${schema.name}: ${schema.actionUnits.join(', ')}`,
      },
    );
  const occurrences = schema.actionUnits.map((unit) => {
    const named = actionUnits[unit];
    return named === undefined ? byName(unit, [occurrenceSuffix]) : need(named, `au ${unit}=…`);
  });
  const intensities = schema.actionUnits.map((unit) =>
    byName(unit, intensitySuffix === undefined ? INTENSITY_SUFFIXES : [intensitySuffix]),
  );
  const box = options.box?.map((name) => need(name, 'box'));
  const unused = names.filter((name, k) => name !== '' && !used.has(k));
  return { fields, split, box, occurrences, intensities, unused };
}
