// `mien eval` on the terminal.

import type { Evaluation } from '../judging/index.js';
import {
  affectTable,
  calibrationTable,
  classesTable,
  comparisonSentence,
  differencesTable,
  editionsTable,
  facesSentence,
  headlineNotes,
  intervalSentence,
  mainMember,
  membersTable,
  partTables,
  riskTable,
  shortEnds,
  unitsTable,
} from './evaluation-tables.js';
import { shortened, type Table, textTable } from './tables.js';

export interface EvaluationTextOptions {
  /** Whose details are shown. Default: the ensemble, else the one with the highest mean. */
  member?: string;
}

/** Columns of the terminal that a table may take. */
const WIDEST = 110;

/** Shorter names than this would tell nothing. */
const SHORTEST_NAME = 7;

/** A table whose names lose their middle where it would be too wide. */
function fittedTable(table: Table): string {
  const text = textTable(table);
  const surplus = Math.max(...text.split('\n').map((line) => [...line].length)) - WIDEST;
  if (surplus <= 0) return text;
  const names = table.rows.map(([name]) => (typeof name === 'string' ? name : ''));
  const longest = Math.max(SHORTEST_NAME, ...names.map((name) => [...name].length - surplus));
  return textTable({
    ...table,
    rows: table.rows.map(([, ...cells], i) => [shortened(names[i] ?? '', longest), ...cells]),
  });
}

/** The whole evaluation: tables at most 110 columns wide, with a blank line between them. */
export function describeEvaluation(evaluation: Evaluation, options: EvaluationTextOptions = {}): string {
  const { members, comparisons } = evaluation;
  const main = mainMember(evaluation, options.member);
  const table = (one: Table | undefined) => (one === undefined ? [] : [fittedTable(one)]);
  const sentences = comparisons.flatMap((one) => comparisonSentence(one) ?? []);
  const details =
    main === undefined
      ? []
      : [
          ...(members.length > 1 ? [`In detail: ${main.name}`] : []),
          ...(main.EXPR ? table(classesTable(main.EXPR)) : []),
          ...(main.AU ? table(unitsTable(main.AU)) : []),
          ...(main.VA ? table(affectTable(main.VA, shortEnds)) : []),
          ...partTables(main, shortEnds).flatMap(table),
          ...table(riskTable(main)),
          ...table(editionsTable([main])),
        ];
  return [
    facesSentence(evaluation),
    ...table(membersTable(evaluation, shortEnds)),
    [...headlineNotes(evaluation), intervalSentence(evaluation)].join('\n'),
    ...(sentences.length > 0 ? [sentences.join('\n')] : []),
    ...table(differencesTable(evaluation)),
    ...table(calibrationTable(members)),
    ...details,
  ].join('\n\n');
}
