// The faces that serve one task, with their labels as arrays: what is counted and balanced.

import type { Task } from '../labels/index.js';
import type { Split } from './face-row.js';
import type { FaceTable } from './face-table.js';

export interface TaskSamples {
  /** Row numbers [size]; in several tables they go on from one table to the next. */
  rows: Int32Array;
  /** Index of the data set in `datasets` [size]. */
  dataset: Uint16Array;
  datasets: readonly string[];
}

export interface ExpressionSamples extends TaskSamples {
  /** Index in the schema's expressions [size]. */
  classes: Int32Array;
}

export interface ActionUnitSamples extends TaskSamples {
  /** 1 where the unit is known to be present, else 0 [size, units]. */
  positive: Uint8Array;
  /** 1 where it is known whether the unit is present, else 0 [size, units]. */
  known: Uint8Array;
}

export interface ValenceArousalSamples extends TaskSamples {
  /** −1 … 1 [size] */
  valence: Float64Array;
  /** −1 … 1 [size] */
  arousal: Float64Array;
}

export interface SamplesOf {
  EXPR: ExpressionSamples;
  AU: ActionUnitSamples;
  VA: ValenceArousalSamples;
}

/** A split's name, or undefined for rows without a split. */
export type SplitOrNone = Split | undefined;

/** What training draws from: rows of the training split, and rows of no split. */
export const TRAINING: readonly SplitOrNone[] = ['train', undefined];

/** Tells whether a row serves the task, by the rule of `tasksOf`, for rows of a checked table. */
export function taskTest(faces: FaceTable, task: Task): (row: number) => boolean {
  if (task === 'EXPR') return (row) => faces.expression.code(row) !== undefined;
  if (task === 'AU') {
    const known = faces.actionUnits.map((unit) => unit.known);
    return (row) => known.some((unit) => unit[row] === 1);
  }
  const [valence, arousal] = [faces.valence.known, faces.arousal.known];
  return (row) => valence[row] === 1 && arousal[row] === 1;
}

function splitTest(faces: FaceTable, splits: readonly SplitOrNone[]): (row: number) => boolean {
  const wanted = new Set(
    faces.split.names.flatMap((name, code) => (splits.includes(name as Split) ? [code] : [])),
  );
  const withoutSplit = splits.includes(undefined);
  return (row) => {
    const code = faces.split.code(row);
    return code === undefined ? withoutSplit : wanted.has(code);
  };
}

/** The rows that serve a task, ascending. @param splits only rows of these */
export function rowsOf(faces: FaceTable, task: Task, splits: readonly SplitOrNone[] = TRAINING): Int32Array {
  const serves = taskTest(faces, task);
  const inSplit = splitTest(faces, splits);
  const rows = new Int32Array(faces.length);
  let count = 0;
  for (let row = 0; row < faces.length; row++) if (serves(row) && inSplit(row)) rows[count++] = row;
  return rows.slice(0, count);
}

interface Part {
  faces: FaceTable;
  rows: Int32Array;
  /** Where its samples begin among all. */
  start: number;
}

const WITH_LABELS: { [K in Task]: (common: TaskSamples, parts: readonly Part[]) => SamplesOf[K] } = {
  EXPR(common, parts) {
    const classes = new Int32Array(common.rows.length);
    for (const { faces, rows, start } of parts) {
      const classOf = faces.expression.names.map((name) => faces.schema.expressions.indexOf(name));
      rows.forEach((row, i) => {
        classes[start + i] = classOf[faces.expression.code(row) as number] as number;
      });
    }
    return { ...common, classes };
  },
  AU(common, parts) {
    const width = parts[0]?.faces.actionUnits.length ?? 0;
    const positive = new Uint8Array(common.rows.length * width);
    const known = new Uint8Array(common.rows.length * width);
    for (const { faces, rows, start } of parts)
      faces.actionUnits.forEach((unit, k) => {
        const { values, known: isKnown } = unit;
        rows.forEach((row, i) => {
          if (isKnown[row] !== 1) return;
          known[(start + i) * width + k] = 1;
          positive[(start + i) * width + k] = values[row] as number;
        });
      });
    return { ...common, positive, known };
  },
  VA(common, parts) {
    const gather = (column: 'valence' | 'arousal') => {
      const all = new Float64Array(common.rows.length);
      for (const { faces, rows, start } of parts) {
        const { values } = faces[column];
        rows.forEach((row, i) => {
          all[start + i] = values[row] as number;
        });
      }
      return all;
    };
    return { ...common, valence: gather('valence'), arousal: gather('arousal') };
  },
};

/**
 * The faces of one or more tables of the same schema that serve a task.
 * @param splits only rows of these; by default what training draws from
 */
export function samplesOf<K extends Task>(
  tables: readonly FaceTable[],
  task: K,
  splits: readonly SplitOrNone[] = TRAINING,
): SamplesOf[K] {
  const datasets = [...new Set(tables.flatMap((faces) => faces.dataset.names))];
  let [start, offset] = [0, 0];
  const parts = tables.map((faces) => {
    const part = { faces, rows: rowsOf(faces, task, splits), start, offset };
    start += part.rows.length;
    offset += faces.length;
    return part;
  });
  const rows = new Int32Array(start);
  const dataset = new Uint16Array(start);
  for (const part of parts) {
    const codes = part.faces.dataset.names.map((name) => datasets.indexOf(name));
    part.rows.forEach((row, i) => {
      rows[part.start + i] = part.offset + row;
      dataset[part.start + i] = codes[part.faces.dataset.code(row) as number] as number;
    });
  }
  return WITH_LABELS[task]({ rows, dataset, datasets }, parts);
}
