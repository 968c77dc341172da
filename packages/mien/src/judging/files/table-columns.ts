// What the columns of a table mean, by their names.

import { DataError, nearestWord, show } from '../../files/index.js';
import { canonicalExpression, isActionUnit, type LabelSchema, SCHEMAS } from '../../labels/index.js';

/** Columns by meaning: an index, or undefined where the table has none. */
export interface TableColumns {
  clip?: number;
  frame?: number;
  image?: number;
  /** Of what `mien predict` writes: the video, or the picture where there is no `time_s`. */
  source?: number;
  time_s?: number;
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
  'source',
  'time_s',
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

/** What a manifest and a table of readings have beside: it says nothing about labels as they are scored. */
const PASSED_OVER =
  /^(box_(x|y|width|height)(_px)?|landmarks(_px)?|vote_.*|au\d+_(intensity|probability)|faces?|face_score|expression_probability|disagreement_.*)$/i;

const probabilityName = (expression: string): string => `EXPR_${expression}`;

/** The one spelling of a column's name: `au01` → `AU1`, `expr_Happy` and `happy_probability` → `EXPR_happiness`, `Valence` → `valence`. */
function plainName(name: string): string {
  const trimmed = name.trim();
  const unit = /^au[ _]?0*([1-9]\d?)$/i.exec(trimmed)?.[1];
  if (unit !== undefined) return `AU${unit}`;
  if (PASSED_OVER.test(trimmed)) return trimmed.toLowerCase();
  const [, before, after] = /^expr_(.+)$|^(.+)_probability$/i.exec(trimmed) ?? [];
  const expression = before ?? after;
  if (expression !== undefined) return probabilityName(canonicalExpression(expression));
  return trimmed.toLowerCase();
}

/** Of all tables that are read together: a table without such a column has none. */
export interface ColumnOptions {
  /** Name that columns should have → name that they have. */
  map?: Readonly<Record<string, string>> | undefined;
  /** Columns to pass over. */
  ignore?: readonly string[] | undefined;
  /** Collects the names of all columns. */
  seen?: Set<string> | undefined;
}

const guess = (word: string, words: readonly string[], otherwise = `one of ${words.join(', ')}`): string => {
  const nearest = nearestWord(word, words);
  return nearest === undefined ? otherwise : `${nearest}?`;
};

function unknownColumn(file: string, name: string, known: readonly string[], schema: LabelSchema): DataError {
  const plain = plainName(name);
  const leave = `leave it out with --ignore ${name}`;
  if (isActionUnit(plain) || plain.startsWith(probabilityName(''))) {
    const fitting = [...SCHEMAS.values()].find((one) => columnNames(one).includes(plain));
    const choose = fitting === undefined ? '--schema FILE' : `--schema ${fitting.name}`;
    return new DataError(
      { file, column: name },
      {
        found: `${plain}, which schema ${schema.name} lacks`,
        expected: columnNames(schema).join(', '),
        hint: `Choose another with ${choose}, or ${leave}`,
      },
    );
  }
  return new DataError(
    { file, column: name },
    {
      found: 'a column of no known meaning',
      expected: guess(plain, known),
      hint: `Say what it is with --map ${nearestWord(plain, known) ?? 'NAME'}=${name}, or ${leave}`,
    },
  );
}

/** The columns of values that a schema brings. */
const columnNames = ({ actionUnits, expressions }: LabelSchema): string[] => [
  ...expressions.map(probabilityName),
  ...actionUnits,
];

/** @throws DataError for an option about a column that no table has. @param files for the message */
export function checkColumnOptions(
  { map = {}, ignore = [], seen }: ColumnOptions,
  files: readonly string[],
): void {
  const named = [
    ...Object.entries(map).map(([name, column]) => [column, `--map ${name}=${column}`] as const),
    ...ignore.map((column) => [column, `--ignore ${column}`] as const),
  ];
  for (const [column, option] of named)
    if (seen?.has(column) !== true)
      throw new DataError(
        { file: files.join(', ') },
        {
          found: `no column ${show(column)} (${option})`,
          expected: guess(column, [...(seen ?? [])], 'a table with that column'),
        },
      );
}

/**
 * @throws DataError for a column of no known meaning or two of the same, a table without keys or values, and
 *   probabilities of some expressions only
 */
export function findTableColumns(
  file: string,
  names: readonly string[],
  schema: LabelSchema,
  { map = {}, ignore = [], seen }: ColumnOptions,
): TableColumns {
  const known = [...FIELDS, ...Object.keys(ALIASES), ...columnNames(schema)];
  const meanings = new Map<number, string>();
  for (const name of names) seen?.add(name);
  for (const [name, column] of Object.entries(map)) {
    const plain = plainName(name);
    if (!known.includes(plain))
      throw new DataError(
        { file, column },
        { found: `--map ${name}=${column}`, expected: guess(plain, known) },
      );
    const index = names.indexOf(column);
    if (index >= 0) meanings.set(index, plain);
  }
  const mapped = new Set(meanings.values());
  names.forEach((name, k) => {
    const plain = plainName(name);
    if (
      meanings.has(k) ||
      ignore.includes(name) ||
      mapped.has(plain) ||
      name === '' ||
      PASSED_OVER.test(plain)
    )
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
    probabilities: schema.expressions.flatMap((name) => indexOf.get(probabilityName(name)) ?? []),
    units: schema.actionUnits.map((unit) => indexOf.get(unit)),
  });
}

function checked(
  file: string,
  names: readonly string[],
  { expressions, name }: LabelSchema,
  columns: TableColumns,
): TableColumns {
  const { clip, frame, image, source, expression, valence, arousal, probabilities, units } = columns;
  const found = `the columns ${names.join(', ')}`;
  if (image === undefined && (frame === undefined || (clip === undefined && source === undefined)))
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
