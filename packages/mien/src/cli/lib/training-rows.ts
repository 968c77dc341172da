// Rows of scores, one for each epoch, in columns that stand below each other from the first epoch to the last.

import type { EpochRecord, LossPart } from '../../learning/logs/index.js';

/** The whole loss and its parts. */
export type LossValues = Partial<Record<LossPart | 'loss', number>>;

/** Weight of a new value in a mean that moves: about the last twenty count. */
const NEW = 0.05;

/** @param before undefined for the first one */
export const smoothed = (before: number | undefined, value: number): number =>
  before === undefined || !Number.isFinite(before) || !Number.isFinite(value)
    ? value
    : before + NEW * (value - before);

/** 0:42, 12:05, 3:20 h, 26 d 4 h. */
export function clockTime(seconds: number): string {
  const pad = (value: number) => String(value).padStart(2, '0');
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)}:${pad(whole % 60)}`;
  const minutes = Math.round(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours}:${pad(minutes % 60)} h`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

const decimal = (value: number) => (Number.isFinite(value) ? value.toFixed(3).replace('-', '−') : '-');

interface Column {
  title: string;
  width: number;
  of(record: EpochRecord, sums: EpochSums): string | undefined;
}

/** What was measured while the epoch trained: means over its steps. */
export interface EpochSums {
  epochs: number;
  loss: number;
  imagesPerSecond: number;
}

const score = (value: number | undefined) => (value === undefined ? undefined : decimal(value));

/** A column whose task a run does not learn is left out. */
const COLUMNS: readonly Column[] = [
  { title: 'epoch', width: 7, of: ({ epoch }, { epochs }) => `${epoch}/${epochs}` },
  { title: 'loss', width: 8, of: (_, { loss }) => decimal(loss) },
  { title: 'EXPR', width: 8, of: ({ scores }) => score(scores.EXPR?.score) },
  { title: 'AU', width: 8, of: ({ scores }) => score(scores.AU?.score) },
  { title: 'valence', width: 9, of: ({ scores }) => score(scores.VA?.cccValence) },
  { title: 'arousal', width: 9, of: ({ scores }) => score(scores.VA?.cccArousal) },
  { title: 'mean', width: 8, of: ({ scores }) => score(scores.mean) },
  {
    title: 'images/s',
    width: 10,
    of: (_, { imagesPerSecond }) =>
      Number.isFinite(imagesPerSecond) ? Math.round(imagesPerSecond).toLocaleString('en') : '-',
  },
  { title: 'time', width: 10, of: ({ seconds }) => clockTime(seconds) },
];

const NOTHING: EpochSums = { epochs: 0, loss: 0, imagesPerSecond: 0 };

/** @param record any of the run's */
export const epochTitle = (record: EpochRecord): string =>
  COLUMNS.filter(({ of }) => of(record, NOTHING) !== undefined)
    .map(({ title, width }) => title.padStart(width))
    .join('');

export function epochRow(record: EpochRecord, sums: EpochSums): string {
  const cells = COLUMNS.flatMap(({ width, of }) => of(record, sums)?.padStart(width) ?? []);
  return `${cells.join('')}${record.best ? '  best' : ''}`;
}

/** Scores of a phase's members below each other. @param members `ensemble` is of the students */
export function scoreTable(
  phase: string,
  members: readonly { member: string; scores: EpochRecord['scores'] }[],
): string {
  const cells = ({ EXPR, AU, VA, mean }: EpochRecord['scores']) => [
    EXPR?.f1,
    EXPR?.accuracy,
    AU?.f1,
    AU?.accuracy,
    VA?.cccValence,
    VA?.cccArousal,
    mean,
  ];
  const titles = ['EXPR F1', 'acc.', 'AU F1', 'acc.', 'CCC V', 'CCC A', 'mean'];
  const width = Math.max(...members.map(({ member }) => member.length), phase.length);
  const line = (name: string, texts: readonly string[]) =>
    name.padEnd(width) + texts.map((text) => text.padStart(9)).join('');
  return [
    line(phase, titles),
    ...members.map(({ member, scores }) =>
      line(
        member,
        cells(scores).map((value) => (value === undefined ? '-' : decimal(value))),
      ),
    ),
  ].join('\n');
}
