// The tables of `mien data stats`.

import type { LabelCounts, Spread } from '../datasets/index.js';
import { TASKS } from '../labels/index.js';
import type { DataStats } from './data-stats.js';
import { counted, figure, percent, type Table } from './tables.js';

const ratio = (value: number | null | undefined) => value?.toFixed(2) ?? '-';
const spread = ({ mean, sd, min, max }: Spread) =>
  [mean, sd, min, max].map((value) => value.toFixed(3).replace('-', '−'));

/** Drawn counts are expectations: a whole number says enough. */
const whole = (value: number | undefined) => (value === undefined ? null : Math.round(value));

/** Cells that are there only where labels were balanced. */
const only = <T>(after: unknown, cells: readonly T[]): readonly T[] => (after === undefined ? [] : cells);

export const splitName = (split: string | null): string => split ?? 'no split';

export const partsTable = ({ parts }: DataStats): Table => ({
  head: ['data set', 'split', 'faces', 'subjects', 'clips'],
  texts: 2,
  rows: parts.map(({ dataset, split, faces, subjects, clips }) => [
    dataset,
    splitName(split),
    faces,
    subjects || null,
    clips || null,
  ]),
});

export const tasksTable = ({ tasks }: DataStats): Table => ({
  head: ['task', 'faces', 'subjects', 'clips'],
  rows: TASKS.map((task) => {
    const { faces, subjects, clips } = tasks[task];
    return [task, faces, subjects || null, clips || null];
  }),
});

export const overlapTable = ({ combinations, faces }: DataStats): Table => ({
  head: ['labels of a face', 'faces', ''],
  rows: combinations.map(({ tasks, faces: count }) => [
    tasks.length === 0 ? 'none' : `${tasks.join(' + ')}${tasks.length === 1 ? ' only' : ''}`,
    count,
    percent(count, faces),
  ]),
});

export function classTable(
  title: string,
  { faces, classes }: NonNullable<LabelCounts['EXPR']>,
  after?: LabelCounts['EXPR'],
): Table {
  const rows = classes.map(({ name, faces: count }, k) => [
    name,
    count,
    percent(count, faces),
    ...only(after, [whole(after?.classes[k]?.faces)]),
  ]);
  return {
    head: [`expression, ${title}`, 'faces', '', ...only(after, ['balanced'])],
    rows: [...rows, ['all', faces, '', ...only(after, [faces])]],
  };
}

export function unitTable(
  title: string,
  { units, meanImbalance }: NonNullable<LabelCounts['AU']>,
  after?: LabelCounts['AU'],
): Table {
  const rows = units.map(({ name, present, absent, missing, imbalance }, k) => {
    const balanced = after?.units[k];
    return [
      name,
      present,
      absent,
      missing,
      ratio(imbalance),
      ...only(after, [whole(balanced?.present), ratio(balanced?.imbalance)]),
    ];
  });
  const head = [`action unit, ${title}`, 'present', 'absent', 'missing', 'IRLbl'];
  const means = ['MeanIR', '', '', '', ratio(meanImbalance)];
  return {
    head: [...head, ...only(after, ['balanced', 'IRLbl'])],
    rows: [...rows, [...means, ...only(after, ['', ratio(after?.meanImbalance)])]],
  };
}

export function planeTable(
  title: string,
  before: NonNullable<LabelCounts['VA']>,
  after?: LabelCounts['VA'],
): Table {
  const cells = before.cells.flat();
  const fullest = cells.reduce((most, count) => Math.max(most, count), 0);
  return {
    head: [`${title}`, 'mean', 'sd', 'least', 'most'],
    rows: (['valence', 'arousal'] as const).flatMap((name) => [
      [name, ...spread(before[name])],
      ...(after === undefined ? [] : [[`${name}, balanced`, ...spread(after[name])]]),
    ]),
    below: `${cells.filter((count) => count > 0).length} of ${cells.length} cells hold faces; the fullest holds ${figure(fullest)} of ${figure(before.faces)} (${percent(fullest, before.faces)})`,
  };
}

/** The tables of the tasks that have labels. */
export const labelTables = (title: string, before: LabelCounts, after?: LabelCounts): Table[] => [
  ...(before.EXPR === undefined ? [] : [classTable(title, before.EXPR, after?.EXPR)]),
  ...(before.AU === undefined ? [] : [unitTable(title, before.AU, after?.AU)]),
  ...(before.VA === undefined ? [] : [planeTable(`valence and arousal, ${title}`, before.VA, after?.VA)]),
];

/** What was done, and what could not be done, in sentences. */
export function balanceSentences({ balance }: DataStats): string[] {
  if (balance === undefined) return [];
  const { preset, seed, mostDrawn, notes } = balance;
  const most = TASKS.flatMap((task) => {
    const count = mostDrawn[task];
    return count === undefined ? [] : [`${task} ${figure(Math.round(count * 10) / 10)} times`];
  });
  return [
    `Balanced: as expected in one epoch of as many draws as there are faces (preset ${preset}, seed ${seed}).`,
    `The face that is drawn most: ${most.join(', ')} an epoch.`,
    ...notes.map((note) => `${note[0]?.toUpperCase()}${note.slice(1)}.`),
  ];
}

export const votesTable = ({ votes }: DataStats): Table[] =>
  votes === undefined
    ? []
    : [
        {
          head: [`votes on ${counted(votes.faces, 'face')}`, 'mean share'],
          rows: Object.entries(votes.shares).map(([name, share]) => [name, percent(share, 1)]),
        },
      ];

/** Label counts of splits that `balance` does not speak of. */
export const otherSplits = ({ labels, balance }: DataStats) =>
  labels.filter(({ split }) => balance === undefined || (split !== 'train' && split !== null));

export const headline = ({ files, faces, schema }: DataStats): string =>
  `${files.length === 1 ? files[0] : `${files.length} manifests`}: ${counted(faces, 'face')}, schema ${schema.name}`;
