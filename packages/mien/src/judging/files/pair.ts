// Predictions of the labelled frames, in the order of the labels.

import { FIRST_LABEL_LINE } from '../../datasets/index.js';
import { DataError } from '../../files/index.js';
import type { Task } from '../../labels/index.js';
import type { Estimates } from '../estimates.js';
import { align, clipNames, findRows, NONE, type Sides } from './align.js';
import { type FrameSet, frameName, placeIn } from './frame-set.js';
import type { Labels } from './labels.js';

export interface PairOptions {
  /** Tasks that are scored: labels and predictions have all of them. */
  tasks: readonly Task[];
  name: string;
  /** Probability above which an action unit counts as present, where the file has probabilities. */
  threshold: number;
  /** Whether predictions for videos or images without labels are an error. */
  surplus: 'refuse' | 'ignore';
}

/** @throws DataError where both sides have a line per frame of a video, and not as many */
function checkLengths(sides: Sides, tasks: readonly Task[]): void {
  const { labels, predictions } = sides;
  const named = clipNames(sides);
  const lengths = new Map(labels.videoFiles.map((one) => [`${one.task}/${named(one.clip)}`, one]));
  for (const { task, clip, file, lines } of predictions.videoFiles) {
    const other = lengths.get(`${task}/${clip}`);
    if (!tasks.includes(task) || other === undefined || other.lines === lines) continue;
    throw new DataError(
      { file, row: Math.min(lines, other.lines) + FIRST_LABEL_LINE },
      {
        found: `${lines} ${lines === 1 ? 'frame' : 'frames'}`,
        expected: `${other.lines}, as ${other.file} has`,
      },
    );
  }
}

/** @throws DataError for a video, or an image, that the labels do not speak of */
function checkSurplus(sides: Sides): void {
  const { labels, predictions, byFrame } = sides;
  const named = clipNames(sides);
  const refuse = (what: string, row: number): never => {
    throw new DataError(placeIn(predictions, row), {
      found: `predictions for ${what}`,
      expected: `only what ${labels.file} has`,
      hint: 'Let them pass with --surplus ignore',
    });
  };
  if (!byFrame) {
    const known = labels.images();
    predictions.images?.forEach((image, row) => {
      if (!known.has(image)) refuse(image, row);
    });
    return;
  }
  const known = new Set([...labels.clips].map(named));
  const strange = predictions.clips.findIndex((clip) => !known.has(clip));
  if (strange >= 0) refuse(`video ${predictions.clips[strange]}`, predictions.clip.indexOf(strange));
}

interface Missing {
  task: Task;
  i: number;
  count: number;
}

/** Face i of the truth, for people. */
function nameOf({ labels, byFrame }: Sides, i: number): string {
  if (!byFrame) return String(labels.imageOf(i));
  return frameName(labels.clipOf(i) as string, labels.frameOf(i) as number);
}

function refuseMissing(sides: Sides, { task, i, count }: Missing): never {
  const { labels, predictions, byFrame } = sides;
  const { file, row } = labels.place(task, i);
  const clip = labels.clipOf(i) ?? '';
  const whole = byFrame && !predictions.clips.includes(clipNames(sides)(clip));
  throw new DataError(
    { file: predictions.file },
    {
      found: `no ${task} prediction for ${whole ? `video ${clip}` : nameOf(sides, i)}${count > 1 ? `; ${count} labelled frames are without` : ''}`,
      expected: `one for each labelled frame, such as that of ${file}:${row}`,
    },
  );
}

interface TaskMasks {
  task: Task;
  width: number;
  /** [n, width] and [m, width] */
  labelled: Uint8Array;
  predicted: Uint8Array;
  /** [width] columns that count */
  columns: readonly boolean[];
}

/** @throws DataError for a labelled frame that has no prediction, or is labelled twice */
function checkTask(sides: Sides, rows: Int32Array, masks: TaskMasks): void {
  const { labels, predictions } = sides;
  const { task, width, labelled, predicted, columns } = masks;
  const taken = new Uint8Array(predictions.length);
  let missing: Missing | undefined;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    let needed = false;
    let there = row !== NONE;
    for (let k = 0; k < width; k++)
      if (labelled[i * width + k] === 1 && columns[k] === true) {
        needed = true;
        if (there && predicted[row * width + k] !== 1) there = false;
      }
    if (!needed) continue;
    if (!there) missing = { task, i: missing?.i ?? i, count: (missing?.count ?? 0) + 1 };
    else if (taken[row] === 1)
      throw new DataError(labels.place(task, i), {
        found: `a second ${task} label for ${nameOf(sides, i)}`,
        expected: 'one face per frame: predictions could not be told apart',
      });
    else taken[row] = 1;
  }
  if (missing !== undefined) refuseMissing(sides, missing);
}

/** Rows of a table [m, width] in the order of the truth; 0 where there is none. */
function gathered<A extends Float32Array | Int32Array>(values: A, width: number, rows: Int32Array): A {
  const result = new (values.constructor as new (length: number) => A)(rows.length * width);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    if (row === NONE) continue;
    for (let k = 0; k < width; k++) result[i * width + k] = values[row * width + k] as number;
  }
  return result;
}

/** Which columns of a mask [m, width] are known anywhere. */
function knownColumns(mask: Uint8Array | undefined, width: number): boolean[] {
  return Array.from({ length: width }, (_, k) => {
    for (let i = k; mask !== undefined && i < mask.length; i += width) if (mask[i] === 1) return true;
    return false;
  });
}

/**
 * Brings predictions into the order of the truth.
 * @returns estimates, and which action units have predictions
 * @throws DataError naming file and row: a labelled frame without a prediction, one that is labelled twice, different
 *   numbers of lines, videos without labels
 */
export function pair(
  given: Labels,
  set: FrameSet,
  { tasks, name, threshold, surplus }: PairOptions,
): { estimates: Estimates; units: boolean[] } {
  const sides = align(given, set, tasks[0] as Task);
  const { labels, predictions } = sides;
  checkLengths(sides, tasks);
  if (surplus === 'refuse') checkSurplus(sides);
  const { truth } = labels;
  const { schema, length } = truth;
  const K = schema.actionUnits.length;
  const rows = findRows(sides);
  const units = knownColumns(predictions.AU?.known, K);
  const labelled = {
    EXPR: truth.expressionKnown,
    AU: truth.actionUnitsKnown,
    VA: truth.valenceArousalKnown,
  };
  const columns = { EXPR: [true], AU: units, VA: [true, true] };
  for (const task of tasks)
    checkTask(sides, rows, {
      task,
      width: columns[task].length,
      labelled: labelled[task],
      predicted: predictions[task]?.known as Uint8Array,
      columns: columns[task],
    });

  const estimates: Estimates = { name, schema, length };
  const { EXPR, AU, VA } = predictions;
  if (EXPR && tasks.includes('EXPR'))
    estimates.EXPR = {
      classes: gathered(EXPR.values, 1, rows),
      ...(EXPR.probabilities && {
        probabilities: gathered(EXPR.probabilities, schema.expressions.length, rows),
      }),
    };
  if (AU && tasks.includes('AU')) {
    const values = gathered(AU.values, K, rows);
    const decisions = new Uint8Array(values.length);
    let areDecisions = true;
    for (let i = 0; i < values.length; i++) {
      const value = values[i] as number;
      decisions[i] = value > threshold ? 1 : 0;
      if (value !== 0 && value !== 1) areDecisions = false;
    }
    estimates.AU = { decisions, ...(!areDecisions && { probabilities: values }) };
  }
  if (VA && tasks.includes('VA')) estimates.VA = { values: gathered(VA.values, 2, rows) };
  return { estimates, units };
}
