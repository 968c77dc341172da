// An evaluation as tables and sentences: the same on the terminal and on a page.

import type {
  Comparison,
  DimensionEvaluation,
  Evaluation,
  ExpressionEvaluation,
  Figure,
  MemberEvaluation,
  PartEvaluation,
  RiskCoverage,
} from '../judging/index.js';
import { TASKS, type Task } from '../labels/index.js';
import { type Cell, counted, figure, percent, score, type Table } from './tables.js';
import { type TASK_COLOURS, TASK_NAMES } from './tasks.js';

/** How an interval's ends are written. */
export type Ends = (low: number, high: number) => string;

/** 0.487–0.540 */
export const wholeEnds: Ends = (low, high) => `${score(low)}–${score(high)}`;

/** .487–.540, where there is little room. */
export const shortEnds: Ends = (low, high) => wholeEnds(low, high).replace(/\b0(?=\.)/g, '');

/** The ends of an interval, where there is one. */
export const endsOf = ({ low, high }: Figure): [low: number, high: number] | undefined =>
  low === undefined || high === undefined ? undefined : [low, high];

/** A figure, and its interval below it. */
function withEnds(value: Figure | undefined, ends: Ends): Cell {
  if (value === undefined) return undefined;
  const interval = endsOf(value);
  return interval === undefined ? score(value.value) : `${score(value.value)}\n${ends(...interval)}`;
}

/** +0.012, −0.004 */
const signed = (value: number): string => `${value < 0 ? '' : '+'}${score(value)}`;

/** What members are ranked by, in the order of columns. */
export interface Headline {
  /** As `Comparison.differences` calls it. */
  key: string;
  title: string;
  /** Whose colour it has. */
  colour: keyof typeof TASK_COLOURS;
  of(part: PartEvaluation): Figure | undefined;
}

export const HEADLINES: readonly Headline[] = [
  { key: 'EXPR.f1', title: 'EXPR F1', colour: 'EXPR', of: ({ EXPR }) => EXPR?.f1 },
  { key: 'EXPR.accuracy', title: 'acc.', colour: 'EXPR', of: ({ EXPR }) => EXPR?.accuracy },
  { key: 'AU.f1', title: 'AU F1', colour: 'AU', of: ({ AU }) => AU?.f1 },
  { key: 'AU.f1CrossFitted', title: 'AU F1*', colour: 'AU', of: ({ AU }) => AU?.f1CrossFitted },
  { key: 'AU.accuracy', title: 'acc.', colour: 'AU', of: ({ AU }) => AU?.accuracy },
  { key: 'VA.valence.ccc', title: 'CCC V', colour: 'valence', of: ({ VA }) => VA?.valence.ccc },
  { key: 'VA.arousal.ccc', title: 'CCC A', colour: 'arousal', of: ({ VA }) => VA?.arousal.ccc },
  { key: 'mean', title: 'mean', colour: 'total', of: ({ mean }) => mean },
];

/** Those of which any part has a figure. */
export const headlinesOf = (parts: readonly PartEvaluation[]): readonly Headline[] =>
  HEADLINES.filter(({ of }) => parts.some((part) => of(part) !== undefined));

/** Members, data sets or groups, a row each. @param faces whether they differ in how many faces they have */
export function headlineTable(
  parts: readonly (readonly [name: string, part: PartEvaluation])[],
  { ends, faces, what = '' }: { ends: Ends; faces: boolean; what?: string },
): Table {
  const columns = headlinesOf(parts.map(([, part]) => part));
  return {
    head: [what, ...(faces ? ['faces'] : []), ...columns.map(({ title }) => title)],
    rows: parts.map(([name, part]) => [
      name,
      ...(faces ? [part.faces] : []),
      ...columns.map(({ of }) => withEnds(of(part), ends)),
    ]),
  };
}

export const membersTable = ({ members }: Evaluation, ends: Ends): Table =>
  headlineTable(
    members.map((member) => [member.name, member] as const),
    { ends, faces: false },
  );

/** By data set, and by group, of those that there are. */
export function partTables(member: MemberEvaluation, ends: Ends): Table[] {
  const kinds = [
    ['data set', member.datasets],
    ['group', member.groups],
  ] as const;
  return kinds.flatMap(([what, parts]) =>
    parts === undefined ? [] : [headlineTable(namedParts(parts), { ends, faces: true, what })],
  );
}

/** Faces without a group have the name `''`. */
export const namedParts = (parts: Readonly<Record<string, PartEvaluation>>) =>
  Object.entries(parts).map(([name, part]) => [name === '' ? '(none)' : name, part] as const);

/** What the columns of scores mean, of those that are there. */
export function headlineNotes({ members, clusteredBy }: Evaluation): string[] {
  const some = (task: Task) => members.some((member) => member[task] !== undefined);
  const fitted = members.some(({ AU }) => AU?.f1CrossFitted !== undefined);
  return [
    ...(some('EXPR') ? ['EXPR F1: mean over classes.'] : []),
    ...(some('AU') ? ['AU F1: mean over units.'] : []),
    ...(fitted
      ? [`AU F1*: every ${clusteredBy} decided by thresholds that were chosen on others (cross-fitted).`]
      : []),
    ...(some('VA') ? ['CCC: concordance correlation of valence and of arousal.'] : []),
    'Mean: over the tasks, of what the FG-2020 challenge scores each by.',
  ];
}

/** The member to look at closely. @param name of it. Default: the ensemble, else the one with the highest mean */
export function mainMember({ members }: Evaluation, name = 'ensemble'): MemberEvaluation | undefined {
  const best = members.reduce<MemberEvaluation | undefined>(
    (high, one) => (high === undefined || one.mean.value > high.mean.value ? one : high),
    undefined,
  );
  return members.find((one) => one.name === name) ?? best;
}

/** What was judged: `14,210 faces of 57 subjects, label schema abaw1.` */
export function facesSentence({ faces, clusters, clusteredBy, schema }: Evaluation): string {
  const of = clusteredBy === 'face' ? '' : ` of ${counted(clusters, clusteredBy)}`;
  return `${counted(faces, 'face')}${of}, label schema ${schema.name}.`;
}

export const levelWords = (level: number): string => `${figure(Math.round(1000 * level) / 10)} %`;

/** How the intervals came about. */
export function intervalSentence({ bootstrap, clusters, clusteredBy }: Evaluation): string {
  if (bootstrap === undefined) return 'No intervals: none were asked for.';
  const { draws, level, seed } = bootstrap;
  return `Intervals: ${levelWords(level)}, from ${counted(draws, 'bootstrap draw')} of ${counted(clusters, clusteredBy)} with replacement (seed ${seed}).`;
}

/** Which of two is better, as far as can be said: that an interval does not hold 0 decides. */
export function comparisonSentence({ first, second, differences }: Comparison): string | undefined {
  const difference = differences.mean;
  if (difference === undefined) return undefined;
  const interval = endsOf(difference);
  const distance = score(Math.abs(difference.value));
  if (difference.value === 0 && (interval === undefined || (interval[0] === 0 && interval[1] === 0)))
    return `${first} and ${second} have the same mean.`;
  const ahead = difference.value > 0 ? `${first} is ahead of ${second}` : `${first} is behind ${second}`;
  if (interval === undefined) return `${ahead} by ${distance} in the mean; without an interval.`;
  const [low, high] = interval;
  if (low <= 0 && high >= 0)
    return `${ahead} by ${distance} in the mean, which may be chance [${interval.map(signed).join(', ')}].`;
  return low > 0
    ? `${first} beats ${second} by ${distance} [${score(low)}, ${score(high)}] in the mean.`
    : `${second} beats ${first} by ${distance} [${score(-high)}, ${score(-low)}] in the mean.`;
}

const DIFFERENCE_TITLES: Readonly<Record<string, string>> = {
  mean: 'mean',
  'EXPR.f1': 'EXPR F1',
  'AU.f1': 'AU F1',
  'VA.ccc': 'VA CCC',
};

/** What pairs are compared by: the headline figures. */
export function differenceKeys({ comparisons }: Evaluation): { key: string; title: string }[] {
  const all = new Set(comparisons.flatMap(({ differences }) => Object.keys(differences)));
  return Object.entries(DIFFERENCE_TITLES)
    .filter(([key]) => all.has(key))
    .map(([key, title]) => ({ key, title }));
}

export const pairName = ({ first, second }: Comparison): string => `${first} − ${second}`;

/** A row for each pair, a column for each figure. @param shares whether cells also say how often the second was as good */
export function differencesTable(evaluation: Evaluation, { shares = false } = {}): Table | undefined {
  const { comparisons } = evaluation;
  if (comparisons.length === 0) return undefined;
  const keys = differenceKeys(evaluation);
  const cell = (difference: Comparison['differences'][string] | undefined): Cell => {
    if (difference === undefined) return undefined;
    const interval = endsOf(difference);
    if (interval === undefined) return signed(difference.value);
    const { shareNotBetter } = difference;
    const share = shares && shareNotBetter !== undefined ? `; ${percent(shareNotBetter, 1)}` : '';
    return `${signed(difference.value)}\n[${interval.map(signed).join(', ')}]${share}`;
  };
  return {
    head: ['difference', ...keys.map(({ title }) => title)],
    rows: comparisons.map((comparison) => [
      pairName(comparison),
      ...keys.map(({ key }) => cell(comparison.differences[key])),
    ]),
  };
}

/** The class that class `c` is most often mistaken for. */
function mistakenFor({ classes, confusion }: ExpressionEvaluation, c: number): string {
  const row = confusion[c] ?? [];
  const most = row.reduce(
    (best, count, i) => (i !== c && count > (row[best] ?? 0) ? i : best),
    c === 0 ? 1 : 0,
  );
  const count = row[most] ?? 0;
  return count === 0 ? '-' : `${classes[most]?.name} ${percent(count, classes[c]?.samples ?? 0)}`;
}

export function classesTable(expression: ExpressionEvaluation): Table {
  return {
    head: ['expression', 'F1', 'precision', 'recall', 'faces', 'of all', 'most often mistaken for'],
    rows: expression.classes.map(({ name, samples, precision, recall, f1 }, c) => [
      name,
      ...[f1, precision, recall].map(score),
      samples,
      percent(samples, expression.samples),
      mistakenFor(expression, c),
    ]),
  };
}

/** A unit that is not labelled anywhere has no figures. */
export function unitsTable({ units }: NonNullable<PartEvaluation['AU']>): Table {
  const columns = [
    ['F1', ({ f1 }) => f1],
    ['F1*', ({ f1CrossFitted }) => f1CrossFitted],
    ['precision', ({ precision }) => precision],
    ['recall', ({ recall }) => recall],
    ['acc.', ({ accuracy }) => accuracy],
    ['AUC', ({ auc }) => auc],
    ['AP', ({ averagePrecision }) => averagePrecision],
    ['threshold', ({ threshold }) => threshold],
  ] satisfies [string, (unit: (typeof units)[number]) => number | undefined][];
  const shown = columns.filter(([, of]) => units.some((unit) => of(unit) !== undefined));
  return {
    head: ['action unit', ...shown.map(([title]) => title), 'positives', 'of labelled'],
    rows: units.map((unit) => [
      unit.name,
      ...shown.map(([, of]) => (unit.samples === 0 ? '-' : score(of(unit)))),
      unit.positives,
      percent(unit.positives, unit.samples),
    ]),
  };
}

export function affectTable(affect: NonNullable<PartEvaluation['VA']>, ends: Ends): Table {
  const row = (name: string, { ccc, pearson, rmse, signAgreement }: DimensionEvaluation) => [
    name,
    ...[ccc, pearson, rmse, signAgreement].map((one) => withEnds(one, ends)),
  ];
  return {
    head: ['', 'CCC', 'Pearson', 'RMSE', 'sign right'],
    rows: [row('valence', affect.valence), row('arousal', affect.arousal)],
  };
}

/** F1 of each class or unit, a row for each member. */
export function labelsByMember(members: readonly MemberEvaluation[], task: 'EXPR' | 'AU'): Table | undefined {
  const labels = (member: MemberEvaluation) => (task === 'EXPR' ? member.EXPR?.classes : member.AU?.units);
  const scored = members.flatMap((member) => {
    const each = labels(member);
    return each === undefined ? [] : [{ name: member.name, each }];
  });
  const first = scored[0];
  if (first === undefined) return undefined;
  return {
    head: ['', ...first.each.map(({ name }) => name)],
    rows: scored.map(({ name, each }) => [
      name,
      ...each.map(({ f1, samples }) => (task === 'AU' && samples === 0 ? '-' : score(f1))),
    ]),
  };
}

/** What the challenge's editions would say. Those that say the same of all members share their rows. */
export function editionsTable(members: readonly MemberEvaluation[]): Table | undefined {
  const columns = [...TASKS, 'MTL'] as const;
  const names = [...new Set(members.flatMap(({ editions }) => Object.keys(editions)))];
  const shown = columns.filter((column) =>
    members.some(({ editions }) => names.some((name) => editions[name]?.[column] !== undefined)),
  );
  if (shown.length === 0) return undefined;
  const cellsOf = (edition: string) =>
    members.map(({ editions }) => shown.map((column) => score(editions[edition]?.[column])));
  const alike = new Map<string, string[]>();
  for (const name of names) {
    const key = JSON.stringify(cellsOf(name));
    alike.set(key, [...(alike.get(key) ?? []), name]);
  }
  return {
    head: ['edition', ...(members.length > 1 ? [''] : []), ...shown],
    texts: members.length > 1 ? 2 : 1,
    rows: [...alike.values()].flatMap((editions) =>
      cellsOf(editions[0] ?? '').map((cells, m) => [
        m === 0 ? editions.join(', ') : '',
        ...(members.length > 1 ? [members[m]?.name] : []),
        ...cells,
      ]),
    ),
  };
}

/** How far an order comes from a random one to a perfect one. */
export function gainOf({ area, areaRandom, areaPerfect }: Omit<RiskCoverage, 'risk' | 'curve'>): string {
  if (areaRandom <= areaPerfect) return '-';
  return percent(areaRandom - area, areaRandom - areaPerfect).replace('-', '−');
}

/** What a face's disagreement is worth: how far it comes from a random order to a perfect one. */
export function riskTable({ riskCoverage = {} }: MemberEvaluation): Table | undefined {
  const rows = TASKS.flatMap((task): Cell[][] => {
    const curve = riskCoverage[task];
    if (curve === undefined) return [];
    const { risk, area, areaRandom, areaPerfect } = curve;
    return [
      [TASK_NAMES[task].toLowerCase(), risk, ...[areaRandom, area, areaPerfect].map(score), gainOf(curve)],
    ];
  });
  return rows.length === 0
    ? undefined
    : {
        head: ['least doubtful first', 'mean of', 'at random', 'by disagreement', 'perfect', 'gained'],
        rows,
        texts: 2,
      };
}

/** Expected calibration errors, a row for each member that has any. */
export function calibrationTable(members: readonly MemberEvaluation[]): Table | undefined {
  const errors = (member: MemberEvaluation) => [member.EXPR?.calibrationError, member.AU?.calibrationError];
  const known = members.filter((member) => errors(member).some((one) => one !== undefined));
  return known.length === 0
    ? undefined
    : {
        head: ['calibration error', 'expressions', 'action units'],
        rows: known.map((member) => [member.name, ...errors(member).map(score)]),
      };
}
