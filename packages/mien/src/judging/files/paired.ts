// Files of predictions and a file of labels, ready to be scored.

import { basename, extname } from 'node:path';
import type { Split } from '../../datasets/index.js';
import { DataError } from '../../files/index.js';
import { ABAW1, type LabelSchema, TASKS, type Task } from '../../labels/index.js';
import type { Estimates } from '../estimates.js';
import type { Truth } from '../truth.js';
import type { FrameSet } from './frame-set.js';
import { openLabels } from './labels.js';
import { pair } from './pair.js';
import { readSet } from './read-set.js';
import { type ColumnOptions, checkColumnOptions } from './table-columns.js';

export interface PairedOptions extends Pick<ColumnOptions, 'map' | 'ignore'> {
  /** Which rows, where the files tell splits; default validation. */
  split?: Split | undefined;
  /** Default: the labels' own where they are a manifest, else `abaw1`. */
  schema?: LabelSchema | undefined;
  /** Default: all that labels and predictions have. One task also names that of text files that do not tell theirs. */
  tasks?: readonly Task[] | undefined;
  /** Probability above which an action unit counts as present; default 0.5. */
  threshold?: number | undefined;
  /** Whether predictions for videos or images without labels are an error; default `refuse`. */
  surplus?: 'refuse' | 'ignore' | undefined;
}

export interface Paired {
  /** One per file, in order; each of the same faces. */
  estimates: Estimates[];
  truth: Truth;
  /** What is not scored, and why: a sentence each. */
  notes: string[];
}

/** Names of files as people tell them apart: without folder and extension, unless two are the same. */
function namesOf(files: readonly string[]): string[] {
  const short = files.map((file) => basename(file, extname(file)));
  return new Set(short).size === files.length ? short : [...files];
}

/** The tasks that all files have. @throws DataError where there is none, or one that was asked for is missing */
function predictedTasks(sets: readonly FrameSet[], asked: readonly Task[] | undefined): Task[] {
  const shared = (asked ?? TASKS).filter((task) => sets.every((set) => set[task] !== undefined));
  for (const { file, ...set } of sets) {
    const lacking = (asked ?? []).find((task) => set[task] === undefined);
    if (lacking !== undefined)
      throw new DataError({ file }, { found: `no ${lacking} predictions`, expected: 'some' });
    if (shared.length === 0)
      throw new DataError(
        { file },
        { found: 'no predictions that all files have', expected: `some of ${TASKS.join(', ')}` },
      );
  }
  return shared;
}

/** Labels of action units that a file has no predictions of do not count for any. @returns a sentence about them */
function leaveUnitsOut(
  { schema: { actionUnits }, length, actionUnitsKnown }: Truth,
  pairs: readonly { units: readonly boolean[] }[],
  files: readonly string[],
): string[] {
  const K = actionUnits.length;
  return pairs.flatMap(({ units }, p) => {
    const without = actionUnits.filter((_, k) => {
      if (units[k]) return false;
      let labelled = false;
      for (let i = 0; i < length; i++) {
        labelled ||= actionUnitsKnown[i * K + k] === 1;
        actionUnitsKnown[i * K + k] = 0;
      }
      return labelled;
    });
    return without.length === 0
      ? []
      : [`${without.join(', ')}: not scored, as ${files[p]} has no predictions of it`];
  });
}

/**
 * Reads predictions of anybody and their labels.
 * @param files predictions: each a folder of text files, a text file, or a table
 * @param labels the same, or a manifest
 * @throws DataError naming file and row: what cannot be read, values out of range, frames twice, labelled frames without
 *   a prediction, different numbers of lines, videos that the labels lack
 */
export async function readPaired(
  files: readonly string[],
  labels: string,
  {
    schema: given,
    tasks: asked,
    threshold = 0.5,
    surplus = 'refuse',
    split = 'validation',
    map,
    ignore,
  }: PairedOptions = {},
): Promise<Paired> {
  const columns = { map, ignore, seen: new Set<string>() };
  const source = await openLabels(labels, { ...columns, split });
  const schema = given ?? source.schema ?? ABAW1;
  const sets: FrameSet[] = [];
  for (const file of files)
    sets.push(await readSet(file, { schema, split, kind: 'predictions', tasks: asked, ...columns }));

  const predicted = predictedTasks(sets, asked);
  const read = await source.read(predicted, schema);
  checkColumnOptions(columns, [...files, labels]);
  const { truth } = read;
  const known: Record<Task, Uint8Array> = {
    EXPR: truth.expressionKnown,
    AU: truth.actionUnitsKnown,
    VA: truth.valenceArousalKnown,
  };
  const tasks = predicted.filter((task) => known[task].includes(1));
  const names = namesOf(files);
  const pairs = sets.map((set, i) =>
    pair(read, set, { tasks, name: names[i] as string, threshold, surplus }),
  );

  const notes = TASKS.filter(
    (task) => !tasks.includes(task) && sets.some((set) => set[task] !== undefined),
  ).map((task) => {
    const without = sets.find((set) => set[task] === undefined)?.file;
    return `${task}: not scored, as ${without ?? labels} has nothing of it`;
  });
  if (tasks.includes('AU')) notes.push(...leaveUnitsOut(truth, pairs, files));
  return { estimates: pairs.map(({ estimates }) => estimates), truth, notes };
}
