// How wrong each face is read, beside how uncertain the members were.

import type { Task } from '../../labels/index.js';
import type { Estimates } from '../estimates.js';
import type { Truth } from '../truth.js';

/** Of the faces with labels of a task [m]. */
export interface Risks {
  /** What the risk is, in words. */
  what: string;
  risk: Float64Array;
  uncertainty: Float32Array;
}

/** Mean over the entries of a row that are known. @returns NaN where none is */
function meanOfKnown(known: Uint8Array, row: number, width: number, of: (i: number) => number): number {
  let [sum, count] = [0, 0];
  for (let i = row * width; i < (row + 1) * width; i++) {
    if (!known[i]) continue;
    sum += of(i);
    count++;
  }
  return sum / count;
}

/** @returns undefined where the task was not estimated or its members' disagreement is not known */
export function risksOf(estimates: Estimates, truth: Truth, task: Task): Risks | undefined {
  const { EXPR, AU, VA } = estimates;
  const uncertainty = estimates.disagreement?.[task];
  const units = truth.schema.actionUnits.length;
  const reading = {
    EXPR: EXPR && {
      what: 'error rate',
      of: (row: number) =>
        meanOfKnown(truth.expressionKnown, row, 1, (i) => Number(EXPR.classes[i] !== truth.expression[i])),
    },
    AU: AU && {
      what: 'error rate',
      of: (row: number) =>
        meanOfKnown(truth.actionUnitsKnown, row, units, (i) =>
          Number(AU.decisions[i] !== truth.actionUnits[i]),
        ),
    },
    VA: VA && {
      what: 'mean absolute error',
      of: (row: number) =>
        meanOfKnown(truth.valenceArousalKnown, row, 2, (i) =>
          Math.abs((VA.values[i] as number) - (truth.valenceArousal[i] as number)),
        ),
    },
  }[task];
  if (reading === undefined || uncertainty === undefined) return undefined;
  const risk = Float64Array.from({ length: truth.length }, (_, row) => reading.of(row));
  return {
    what: reading.what,
    risk: risk.filter((one) => !Number.isNaN(one)),
    uncertainty: uncertainty.filter((_, row) => !Number.isNaN(risk[row])),
  };
}
