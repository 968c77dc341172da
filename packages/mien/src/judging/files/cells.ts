// The values of one frame from the cells of a text line.

import { NO_AFFECT, NO_LABEL } from '../../datasets/index.js';
import { DataError, parseNumber, show } from '../../files/index.js';
import type { LabelSchema, Task } from '../../labels/index.js';
import type { FrameSetBuilder } from './frame-set.js';

/** Labels are facts: an action unit is 0 or 1 and an expression is one. Predictions may also be probabilities. */
export type Kind = 'labels' | 'predictions';

/** Where a cell stands; readers keep one and move it on. */
export interface CellPlace {
  file: string;
  row: number;
  column?: string;
}

/** Which cells of a line belong to a task. */
export interface Part {
  task: Task;
  /** The first. */
  at: number;
  width: number;
}

/** Probabilities of classes that were rounded to two decimals may miss 1 by so much. */
const SUM_TOLERANCE = 0.05;

/** A value that the challenge's signs, −1 and −5, say is not known. */
const UNKNOWN = Number.NaN;

/** @returns the probabilities divided by their sum @throws DataError when that is not 1 */
export function summingToOne(probabilities: readonly number[], { file, row }: CellPlace): number[] {
  const sum = probabilities.reduce((total, one) => total + one, 0);
  if (Math.abs(sum - 1) > SUM_TOLERANCE)
    throw new DataError(
      { file, row },
      { found: `probabilities of expressions with sum ${sum.toFixed(4)}`, expected: 'a sum of 1' },
    );
  return probabilities.map((one) => one / sum);
}

/**
 * Reads the cells of a task.
 * @returns a value per cell, NaN where it is not known; undefined where none is
 * @throws DataError naming line and column where a cell is no such value
 */
export function parseCells(
  cells: readonly string[],
  { task, at, width }: Part,
  kind: Kind,
  { actionUnits, expressions }: LabelSchema,
  place: CellPlace,
): number[] | undefined {
  const values = new Array<number>(width).fill(UNKNOWN);
  let some = false;
  const names = {
    VA: ['valence', 'arousal'],
    AU: actionUnits,
    EXPR: width === 1 ? ['expression'] : expressions,
  };
  const range = {
    min: task === 'VA' ? -1 : width > 1 && task === 'EXPR' ? 0 : NO_LABEL,
    max: task === 'EXPR' && width === 1 ? expressions.length - 1 : 1,
    integer: task === 'EXPR' ? width === 1 : task === 'AU' && kind === 'labels',
  };
  for (let k = 0; k < width; k++) {
    const text = cells[at + k] as string;
    if (task === 'VA' && Number(text) === NO_AFFECT) continue;
    place.column = names[task][k] as string;
    const value = parseNumber(text, place, range);
    if (task !== 'VA' && value < 0) {
      if (value !== NO_LABEL)
        throw new DataError(place, { found: show(text), expected: 'a number from 0 to 1' });
      continue;
    }
    values[k] = value;
    some = true;
  }
  if (!some) return undefined;
  return task === 'EXPR' && width > 1 ? summingToOne(values, place) : values;
}

/** Puts a task's values where they belong. Probabilities of expressions bring the class that has the greatest. */
export function storeValues(
  builder: FrameSetBuilder,
  row: number,
  { task, width }: Pick<Part, 'task' | 'width'>,
  values: readonly number[],
): void {
  if (task === 'VA') builder.affect.setRow(row, values);
  else if (task === 'AU') builder.units.setRow(row, values);
  else if (width === 1) builder.expression.setRow(row, values);
  else {
    builder.probabilities.setRow(row, values);
    if (!builder.expression.knows(row, 0))
      builder.expression.set(row, 0, values.indexOf(Math.max(...values)));
  }
}
