// What the columns of a table mean, by their names.

import { DataError, nearestWord, show } from '../../files/index.js';
import { canonicalExpression, type LabelSchema } from '../../labels/index.js';

/** Columns by meaning: an index, or undefined where the table has none. */
export interface TableColumns {
  clip?: number;
  frame?: number;
  image?: number;
  expression?: number;
  valence?: number;
  arousal?: number;
  dataset?: number;
  subject?: number;
  group?: number;
  split?: number;
  /** One per expression of the schema; empty where there are none. */
  probabilities: readonly number[];
  /** One per action unit of the schema. */
  units: readonly (number | undefined)[];
}

const FIELDS = [
  'clip',
  'frame',
  'image',
  'expression',
  'valence',
  'arousal',
  'dataset',
  'subject',
  'group',
  'split',
] as const;
type Field = (typeof FIELDS)[number];

/** Other names of fields, that count where the first name is not there. */
const ALIASES: Readonly<Record<string, Field>> = { video: 'clip', image_location: 'image' };

/** What a manifest has beside: it says nothing about labels as they are scored. */
const PASSED_OVER = /^(box_(x|y|width|height)|landmarks|vote_.*|au\d+_intensity)$/i;

const probabilityName = (expression: string): string => `EXPR_${expression}`;

/** The one spelling of a column's name: `au01` → `AU1`, `expr_Happy` → `EXPR_happiness`, `Valence` → `valence`. */
function plainName(name: string): string {
  const trimmed = name.trim();
  const unit = /^au[ _]?0*([1-9]\d?)$/i.exec(trimmed)?.[1];
  if (unit !== undefined) return `AU${unit}`;
  const expression = /^expr_(.+)$/i.exec(trimmed)?.[1];
  if (expression !== undefined) return probabilityName(canonicalExpression(expression));
  return trimmed.toLowerCase();
}

export interface ColumnOptions {
  /** Name that columns should have → name that they have. */
  map?: Readonly<Record<string, string>> | undefined;
  /** Columns to pass over. */
  ignore?: readonly string[] | undefined;
}

const unknownColumn = (file: string, name: string, known: readonly string[], schema: LabelSchema) => {
  const nearest = nearestWord(plainName(name), known);
  return new DataError(
    { file, column: name },
    {
      found: 'a column of no known meaning',
      expected: nearest === undefined ? `one of ${known.join(', ')} (schema ${schema.name})` : `${nearest}?`,
      hint: `Say what it is with --map ${nearest ?? 'NAME'}=${name}, or leave it out with --ignore ${name}`,
    },
  );
};

/**
 * @throws DataError for a column of no known meaning or two of the same, a table without keys or values, and
 *   probabilities of some expressions only
 */
export function findTableColumns(
  file: string,
  names: readonly string[],
  schema: LabelSchema,
  { map = {}, ignore = [] }: ColumnOptions,
): TableColumns {
  const probabilityNames = schema.expressions.map(probabilityName);
  const known: string[] = [...FIELDS, ...Object.keys(ALIASES), ...probabilityNames, ...schema.actionUnits];
  const meanings = new Map<number, string>();
  const need = (name: string, option: string): number => {
    const index = names.indexOf(name);
    if (index >= 0) return index;
    const nearest = nearestWord(name, names);
    throw new DataError(
      { file },
      {
        found: `no column ${show(name)} (${option})`,
        expected: nearest === undefined ? `one of ${names.join(', ')}` : `${nearest}?`,
      },
    );
  };
  for (const [name, column] of Object.entries(map)) {
    const plain = plainName(name);
    if (!known.includes(plain)) {
      const nearest = nearestWord(plain, known);
      throw new DataError(
        { file, column },
        {
          found: `--map ${name}=${column}`,
          expected: nearest === undefined ? `one of ${known.join(', ')}` : `${nearest}?`,
        },
      );
    }
    meanings.set(need(column, `--map ${name}`), plain);
  }
  const mapped = new Set(meanings.values());
  const ignored = new Set(ignore.map((name) => need(name, '--ignore')));
  names.forEach((name, k) => {
    const plain = plainName(name);
    if (meanings.has(k) || ignored.has(k) || mapped.has(plain) || name === '' || PASSED_OVER.test(plain))
      return;
    if (!known.includes(plain)) throw unknownColumn(file, name, known, schema);
    meanings.set(k, plain);
  });

  const indexOf = new Map<string, number>();
  for (const [k, meaning] of meanings) {
    const before = indexOf.get(meaning);
    if (before !== undefined)
      throw new DataError(
        { file, column: names[k] },
        {
          found: `${meaning} for the second time`,
          expected: `one column for it; the first is ${names[before]}`,
        },
      );
    indexOf.set(meaning, k);
  }
  for (const [alias, field] of Object.entries(ALIASES)) {
    const index = indexOf.get(alias);
    if (index !== undefined && !indexOf.has(field)) indexOf.set(field, index);
  }
  return checked(file, names, schema, {
    ...Object.fromEntries(FIELDS.map((field) => [field, indexOf.get(field)])),
    probabilities: probabilityNames.flatMap((name) => indexOf.get(name) ?? []),
    units: schema.actionUnits.map((unit) => indexOf.get(unit)),
  });
}

function checked(
  file: string,
  names: readonly string[],
  { expressions, name }: LabelSchema,
  columns: TableColumns,
): TableColumns {
  const { clip, frame, image, expression, valence, arousal, probabilities, units } = columns;
  const found = `the columns ${names.join(', ')}`;
  if (image === undefined && (clip === undefined || frame === undefined))
    throw new DataError(
      { file },
      { found, expected: 'clip (or video) and frame, or image, to tell the frames' },
    );
  if (probabilities.length > 0 && probabilities.length < expressions.length)
    throw new DataError(
      { file },
      {
        found: `probabilities of ${probabilities.length} expressions`,
        expected: `all ${expressions.length} of schema ${name}: ${expressions.map(probabilityName).join(', ')}`,
      },
    );
  const values = [expression, valence, arousal, ...probabilities, ...units];
  if (values.every((index) => index === undefined))
    throw new DataError(
      { file },
      { found, expected: 'some of expression, EXPR_…, AU…, valence and arousal: what is to be scored' },
    );
  return columns;
}
