// Labels of one schema as labels of another: action units and expressions go by their names.

import { DataError, type NumberColumn, nearestWord } from '../../files/index.js';
import type { LabelSchema, Task } from '../../labels/index.js';
import type { FaceRow, Occurrence } from '../face-row.js';
import { type FaceTable, voteColumn } from '../face-table.js';
import type { MixInput } from './recipe.js';

export type Labels = Pick<FaceRow, 'expression' | 'valence' | 'arousal' | 'actionUnits'>;

export interface Relabel {
  /** The labels of a row, in the new schema and without what was taken away. */
  labels(row: number): Labels;
  /** The whole row with its new labels. */
  row(row: number): FaceRow;
  /** It had no label from the first. */
  wasBare(row: number): boolean;
  /** It has none now. */
  isBare(row: number): boolean;
}

/** @throws DataError for a name that is not known, with the one that was probably meant */
export function checkNames(
  names: readonly string[],
  known: readonly string[],
  place: string,
  setting: string,
  schema: LabelSchema,
): void {
  const odd = names.find((name) => !known.includes(name));
  if (odd === undefined) return;
  const nearest = nearestWord(odd, known);
  throw new DataError(
    { file: place },
    {
      found: `"${odd}" in "${setting}"`,
      expected: `names of schema ${schema.name}: ${known.join(', ')}`,
      ...(nearest === undefined ? {} : { hint: `Did you mean "${nearest}"?` }),
    },
  );
}

/** Expression of the old schema → expression of the new one, or undefined where it has none. */
function expressionMap(
  { manifest, expressions }: MixInput,
  from: LabelSchema,
  to: LabelSchema,
): Map<string, string | undefined> {
  checkNames(Object.keys(expressions), from.expressions, manifest, 'expressions', from);
  const targets = Object.values(expressions).filter((name) => name !== null);
  checkNames(targets, to.expressions, manifest, 'expressions', to);
  return new Map(
    from.expressions.map((name) => {
      const target = name in expressions ? (expressions[name] ?? undefined) : name;
      return [name, target !== undefined && to.expressions.includes(target) ? target : undefined];
    }),
  );
}

/** Vote shares by the new names; the shares of names that the new schema lacks are given to the others. */
function relabelVotes(
  votes: readonly number[],
  from: LabelSchema,
  to: LabelSchema,
  names: ReadonlyMap<string, string | undefined>,
): number[] | undefined {
  const shares = to.expressions.map(() => 0);
  votes.forEach((share, k) => {
    const target = to.expressions.indexOf(names.get(from.expressions[k] ?? '') ?? '');
    if (target >= 0) shares[target] = (shares[target] ?? 0) + share;
  });
  const total = shares.reduce((sum, share) => sum + share, 0);
  return total > 0 ? shares.map((share) => share / total) : undefined;
}

/** @throws DataError when the input's settings name an expression or action unit that there is not */
export function relabeller(faces: FaceTable, input: MixInput, to: LabelSchema): Relabel {
  const from = faces.schema;
  const names = expressionMap(input, from, to);
  checkNames(input.actionUnits ?? [], from.actionUnits, input.manifest, 'actionUnits', from);
  const counted = [...input.thin.map(({ expression }) => expression), ...Object.keys(input.caps)];
  checkNames(counted, to.expressions, input.manifest, 'thin" or "caps', to);
  const serves = (task: Task) => input.tasks === undefined || input.tasks.includes(task);
  const [expr, au, va] = [serves('EXPR'), serves('AU'), serves('VA')];
  /** For each action unit of the new schema, its place in the old one, or −1. */
  const places = to.actionUnits.map((unit) =>
    au && (input.actionUnits === undefined || input.actionUnits.includes(unit))
      ? from.actionUnits.indexOf(unit)
      : -1,
  );
  const columns = places.map((place) => faces.actionUnits[place]);
  const votes = from.expressions
    .map((name) => faces.optional(voteColumn(name)))
    .find((one) => one !== undefined);
  const known = (row: number) => (column: NumberColumn | undefined) => column?.get(row) !== undefined;
  const labels = (row: number): Labels => ({
    expression: expr ? names.get(faces.expression.get(row) ?? '') : undefined,
    valence: va ? faces.valence.get(row) : undefined,
    arousal: va ? faces.arousal.get(row) : undefined,
    actionUnits: columns.map((column) => column?.get(row) as Occurrence),
  });
  return {
    labels,
    wasBare: (row) =>
      faces.expression.get(row) === undefined &&
      ![votes, faces.valence, faces.arousal, ...faces.actionUnits].some(known(row)),
    isBare(row) {
      const { expression, valence, arousal, actionUnits } = labels(row);
      return (
        expression === undefined &&
        valence === undefined &&
        arousal === undefined &&
        !actionUnits?.some((unit) => unit !== undefined) &&
        !(expr && known(row)(votes))
      );
    },
    row(index) {
      const row = faces.row(index);
      return {
        ...row,
        ...labels(index),
        dataset: input.datasets[row.dataset] ?? row.dataset,
        votes: row.votes && expr ? relabelVotes(row.votes, from, to, names) : undefined,
        intensities: row.intensities && places.map((place) => row.intensities?.[place]),
      };
    },
  };
}
