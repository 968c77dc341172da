// Labels from any file that has some, as the truth that predictions are held against.

import { extname } from 'node:path';
import { isManifest, type Manifest, readManifest, type Split } from '../../datasets/index.js';
import { DataError } from '../../files/index.js';
import type { LabelSchema, Task } from '../../labels/index.js';
import { groupingOf, type Truth, truthOf } from '../truth.js';
import type { FrameSet, Place, VideoFile } from './frame-set.js';
import { readSet } from './read-set.js';
import type { ColumnOptions } from './table-columns.js';

/** Labelled faces, and how each can be found among predictions. */
export interface Labels {
  file: string;
  truth: Truth;
  /** Clips, and images, that the file speaks of, also where no label is known of them. */
  clips: ReadonlySet<string>;
  images(): ReadonlySet<string>;
  /** Of row i of the truth; all rows have a clip and a frame, or none. */
  clipOf(i: number): string | undefined;
  frameOf(i: number): number | undefined;
  imageOf(i: number): string | undefined;
  place(task: Task, i: number): Place;
  videoFiles: readonly VideoFile[];
}

interface LabelOptions extends ColumnOptions {
  /** Which rows, where the file tells splits. */
  split: Split;
}

const noLabels = (file: string, tasks: readonly Task[], split: Split): DataError =>
  new DataError(
    { file },
    {
      found: `no labels for ${tasks.join(', ')}`,
      expected: `some, in the split ${split} where there are splits`,
      hint: 'Choose with --split and --tasks',
    },
  );

/** Tells whether row i has a label of a task. @param masks [n, …] of each task; @param units of the schema */
function knowing(
  masks: Partial<Record<Task, Uint8Array>>,
  units: number,
): (task: Task, i: number) => boolean {
  const widths = { EXPR: 1, AU: units, VA: 2 };
  return (task, i) => {
    const mask = masks[task];
    const width = widths[task];
    for (let k = i * width; k < (i + 1) * width; k++) if (mask?.[k] === 1) return true;
    return false;
  };
}

/** Rows of `rows` that have a label of one of the tasks. */
function labelledRows(
  rows: number,
  tasks: readonly Task[],
  known: (task: Task, i: number) => boolean,
): Int32Array {
  const result = new Int32Array(rows);
  let n = 0;
  for (let i = 0; i < rows; i++) if (tasks.some((task) => known(task, i))) result[n++] = i;
  return result.slice(0, n);
}

function ofManifest(manifest: Manifest, tasks: readonly Task[], split: Split, schema: LabelSchema): Labels {
  const { faces, file } = manifest;
  const { names } = faces.split;
  const inSplit = Int32Array.from({ length: faces.length }, (_, row) => row).filter(
    (row) => names.length === 0 || faces.split.get(row) === split || faces.split.get(row) === undefined,
  );
  const whole = truthOf(faces, inSplit, schema);
  const known = knowing(
    { EXPR: whole.expressionKnown, AU: whole.actionUnitsKnown, VA: whole.valenceArousalKnown },
    schema.actionUnits.length,
  );
  const chosen = labelledRows(inSplit.length, tasks, known).map((i) => inSplit[i] as number);
  if (chosen.length === 0) throw noLabels(file, tasks, split);
  const truth = chosen.length === inSplit.length ? whole : truthOf(faces, chosen, schema);
  const row = (i: number) => chosen[i] as number;
  const byFrame = chosen.every(
    (one) => faces.clip.code(one) !== undefined && faces.frame.get(one) !== undefined,
  );
  const all = <T>(of: (row: number) => T | undefined) =>
    new Set([...inSplit].map(of).filter((one) => one !== undefined));
  return {
    file,
    truth,
    clips: byFrame ? all((one) => faces.clip.get(one)) : new Set(),
    images: () => all((one) => faces.image.get(one)),
    clipOf: (i) => (byFrame ? faces.clip.get(row(i)) : undefined),
    frameOf: (i) => faces.frame.get(row(i)),
    imageOf: (i) => faces.image.get(row(i)),
    place: (_, i) => ({ file, row: row(i) + 1 }),
    videoFiles: [],
  };
}

/** Some rows of a table [n, width]; a table that is not there has nothing known. */
function picked<A extends Float32Array | Int32Array>(
  table: { values: A; known: Uint8Array } | undefined,
  kind: new (length: number) => A,
  width: number,
  rows: Int32Array,
): { values: A; known: Uint8Array } {
  const values = new kind(rows.length * width);
  const known = new Uint8Array(rows.length * width);
  if (table !== undefined)
    rows.forEach((row, i) => {
      for (let k = 0; k < width; k++)
        if (table.known[row * width + k] === 1) {
          values[i * width + k] = table.values[row * width + k] as number;
          known[i * width + k] = 1;
        }
    });
  return { values, known };
}

function ofSet(set: FrameSet, tasks: readonly Task[], split: Split): Labels {
  const { file, schema, groups, images } = set;
  const known = knowing(
    {
      ...(set.EXPR && { EXPR: set.EXPR.known }),
      ...(set.AU && { AU: set.AU.known }),
      ...(set.VA && { VA: set.VA.known }),
    },
    schema.actionUnits.length,
  );
  const rows = labelledRows(set.length, tasks, known);
  if (rows.length === 0) throw noLabels(file, tasks, split);
  const byFrame = set.clips.length > 0;
  const clipAt = (row: number) => (byFrame ? set.clips[set.clip[row] as number] : undefined);
  const datasetAt = (row: number) => groups.dataset?.get(row) ?? '';
  const inSet = (row: number, name: string | undefined) =>
    name === undefined ? undefined : groups.dataset === undefined ? name : `${datasetAt(row)}/${name}`;
  const clip = groupingOf(rows, (row) => inSet(row, clipAt(row)));
  const subject = groups.subject;
  const subjects = subject === undefined ? 0 : rows.filter((row) => subject.code(row) !== undefined).length;
  const group = groups.group;
  const EXPR = picked(set.EXPR, Int32Array, 1, rows);
  const AU = picked(set.AU, Float32Array, schema.actionUnits.length, rows);
  const VA = picked(set.VA, Float32Array, 2, rows);
  return {
    file,
    truth: {
      schema,
      length: rows.length,
      expression: EXPR.values,
      expressionKnown: EXPR.known,
      actionUnits: AU.values,
      actionUnitsKnown: AU.known,
      valenceArousal: VA.values,
      valenceArousalKnown: VA.known,
      dataset: groupingOf(rows, datasetAt),
      cluster:
        subjects === 0 ? clip : groupingOf(rows, (row) => inSet(row, subject?.get(row) ?? clipAt(row))),
      clusteredBy: subjects > rows.length / 2 ? 'subject' : byFrame ? 'clip' : 'face',
      clip,
      frame: rows.map((row) => (byFrame ? (set.frame[row] as number) : 0)),
      ...(group !== undefined && { group: groupingOf(rows, (row) => group.get(row) ?? '') }),
    },
    clips: new Set(set.clips),
    images: () => new Set(images),
    clipOf: (i) => clipAt(rows[i] as number),
    frameOf: (i) => set.frame[rows[i] as number],
    imageOf: (i) => images?.[rows[i] as number],
    place: (task, i) => set.place(task, rows[i] as number),
    videoFiles: set.videoFiles,
  };
}

/** A file of labels that is yet to be read. */
export interface LabelSource {
  /** Where the file names it. */
  schema?: LabelSchema;
  /**
   * Reads frames with a label of one of the tasks.
   * @throws DataError naming file and row; also where there are no such labels
   */
  read(tasks: readonly Task[], schema: LabelSchema): Promise<Labels>;
}

/** A manifest, a table, or text files of the challenge. @throws DataError when it is a manifest that cannot be read */
export async function openLabels(file: string, { split, ...options }: LabelOptions): Promise<LabelSource> {
  if (extname(file).toLowerCase() === '.parquet' && (await isManifest(file))) {
    const manifest = await readManifest(file);
    return {
      schema: manifest.faces.schema,
      read: async (tasks, schema) => ofManifest(manifest, tasks, split, schema),
    };
  }
  return {
    read: async (tasks, schema) =>
      ofSet(await readSet(file, { ...options, schema, split, kind: 'labels', tasks }), tasks, split),
  };
}
