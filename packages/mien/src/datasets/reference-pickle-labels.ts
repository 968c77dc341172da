// The labels of one entry of a reference pickle (a video, a clip, or a merged set): columns side by side.

import { DataError, show } from '../files/index.js';
import { ABAW1, type ActionUnit, type LabelSchema, type Task } from '../labels/index.js';
import type { FaceRow, Occurrence } from './face-row.js';
import { expressionIn } from './labelling.js';
import { columnOf, type PickledColumn } from './reference-pickle-columns.js';

/** What codes 0, 1, … of an expression mean. */
export const REFERENCE_CODES = {
  'aff-wild2': ABAW1.expressions,
  expw: ['anger', 'disgust', 'fear', 'happiness', 'sadness', 'surprise', 'neutral'],
} as const satisfies Record<string, readonly string[]>;
export type ReferenceCodes = keyof typeof REFERENCE_CODES;

/** Labels that the reference did not drop with its sentinels. */
const NO_LABEL = -1;
const NO_AFFECT = -5;

export interface Entry {
  file: string;
  /** The keys that lead to it, such as `EXPR_Set/Training_Set/video1`. */
  name: string;
  columns: ReadonlyMap<unknown, unknown>;
}

type Labels = Pick<FaceRow, 'expression' | 'valence' | 'arousal' | 'actionUnits'> & {
  /** An expression that the schema lacks. */
  strange?: string | undefined;
};

/** Where in the pickle an item stands, for errors. */
export const entryPlace = ({ file, name }: Entry, column: string, item?: number) => ({
  file,
  row: item === undefined ? undefined : item + 1,
  column: `${name === '' ? '' : `${name}/`}${column}`,
});

/** @throws DataError when there is a column of this name and it is no list of `length` items */
export function entryColumn(entry: Entry, name: string, length?: number): PickledColumn | undefined {
  if (!entry.columns.has(name)) return undefined;
  const column = columnOf(entry.columns.get(name));
  if (column === undefined)
    throw new DataError(entryPlace(entry, name), { found: 'something else', expected: 'a list or an array' });
  if (length !== undefined && column.length !== length)
    throw new DataError(entryPlace(entry, name), {
      found: `${column.length} items`,
      expected: `${length}, as there are paths`,
    });
  return column;
}

function numberAt(entry: Entry, name: string, column: PickledColumn, item: number, part = 0): number {
  const value = column.get(item, part);
  const number = typeof value === 'boolean' ? Number(value) : value;
  if (typeof number === 'number' && Number.isFinite(number)) return number;
  throw new DataError(entryPlace(entry, name, item), { found: show(value), expected: 'a number' });
}

function refuse(entry: Entry, name: string, item: number, value: number, expected: string): never {
  throw new DataError(entryPlace(entry, name, item), { found: `${value}`, expected });
}

/** Labels of item i, as a function; the kind is told by the columns there are, and by the width of `label`. */
export function labelReader(
  entry: Entry,
  length: number,
  { schema, codes, task }: { schema: LabelSchema; codes: ReferenceCodes; task: Task | undefined },
): (item: number) => Labels {
  const occurrence = (name: string, column: PickledColumn, item: number, part = 0): Occurrence => {
    const value = numberAt(entry, name, column, item, part);
    if (value === NO_LABEL) return undefined;
    return value === 0 || value === 1 ? value : refuse(entry, name, item, value, `0, 1, or ${NO_LABEL}`);
  };
  const affect = (name: string, column: PickledColumn, item: number, part = 0): number | undefined => {
    const value = numberAt(entry, name, column, item, part);
    if (value === NO_AFFECT) return undefined;
    return value >= -1 && value <= 1 ? value : refuse(entry, name, item, value, `-1 to 1, or ${NO_AFFECT}`);
  };
  const units = (at: (unit: ActionUnit, k: number, item: number) => Occurrence) => (item: number) => ({
    actionUnits: schema.actionUnits.map((unit) => {
      const k = ABAW1.actionUnits.indexOf(unit);
      return k < 0 ? undefined : at(unit, k, item);
    }),
  });

  const label = entryColumn(entry, 'label', length);
  if (label !== undefined) {
    const kinds: Readonly<Record<number, Task>> = { 1: 'EXPR', 2: 'VA', [ABAW1.actionUnits.length]: 'AU' };
    const kind = kinds[label.width];
    if (kind === undefined || (task !== undefined && task !== kind && length > 0))
      throw new DataError(entryPlace(entry, 'label'), {
        found: `${label.width} numbers for each picture`,
        expected: '1 (expression), 2 (valence, arousal) or 8 (action units), as its set says',
      });
    if (kind === 'AU') return units((_, k, item) => occurrence('label', label, item, k));
    if (kind === 'VA')
      return (item) => ({
        valence: affect('label', label, item, 0),
        arousal: affect('label', label, item, 1),
      });
    return (item) => {
      const code = numberAt(entry, 'label', label, item);
      const word = code === NO_LABEL ? undefined : REFERENCE_CODES[codes][code];
      if (code !== NO_LABEL && word === undefined) refuse(entry, 'label', item, code, 'a code from 0 to 6');
      const expression = word === undefined ? undefined : expressionIn(schema, word);
      return { expression, strange: expression === undefined ? word : undefined };
    };
  }

  const [valence, arousal] = ['valence', 'arousal'].map((name) => entryColumn(entry, name, length));
  if (valence !== undefined && arousal !== undefined)
    return (item) => ({
      valence: affect('valence', valence, item),
      arousal: affect('arousal', arousal, item),
    });
  const columns = ABAW1.actionUnits.map((unit) => entryColumn(entry, unit, length));
  if (columns.some((column) => column !== undefined))
    return units((unit, k, item) => {
      const column = columns[k];
      return column === undefined ? undefined : occurrence(unit, column, item);
    });
  throw new DataError(
    { file: entry.file },
    {
      found: `${entry.name || 'a dictionary'} with ${show([...entry.columns.keys()].join(', '))}`,
      expected: 'label, or valence and arousal, or AU1, …, beside path',
    },
  );
}
