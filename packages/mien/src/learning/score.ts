// Readings against labels, and what they say in words.

import {
  ActionUnitMetric,
  ExpressionMetric,
  type Scores,
  scoresOf,
  ValenceArousalMetric,
} from '../judging/index.js';
import type { Task } from '../labels/index.js';
import type { Readings } from './evaluate.js';
import type { PhaseData } from './phase-data.js';

/** Probability from which an action unit counts as present. */
const THRESHOLD = 0.5;

function classesOf({ values, width, rows }: Readings): Int32Array {
  return Int32Array.from(rows, (_, i) => {
    const row = values.subarray(i * width, (i + 1) * width);
    return row.reduce((best, one, k) => (one > (row[best] as number) ? k : best), 0); // 0 where none is a number
  });
}

/** Scores of the tasks that were read; hard decisions at 0.5 and by the most probable class. */
export function scoreReadings(readings: readonly Readings[], { schema, tasks }: PhaseData): Scores {
  const metrics: Parameters<typeof scoresOf>[0] = {};
  const update: Record<Task, (one: Readings) => void> = {
    EXPR(one) {
      const { expression, expressionKnown } = labelsOf(one);
      metrics.EXPR = new ExpressionMetric(schema.expressions.length);
      metrics.EXPR.update(classesOf(one), expression, expressionKnown);
    },
    AU(one) {
      const { actionUnits, actionUnitsKnown } = labelsOf(one);
      metrics.AU = new ActionUnitMetric(schema.actionUnits.length);
      metrics.AU.update(
        one.values.map((value) => (value > THRESHOLD ? 1 : 0)),
        actionUnits,
        actionUnitsKnown,
      );
    },
    VA(one) {
      const { valenceArousal, valenceArousalKnown } = labelsOf(one);
      metrics.VA = new ValenceArousalMetric();
      metrics.VA.update(one.values, valenceArousal, valenceArousalKnown);
    },
  };
  const labelsOf = ({ task, rows }: Readings) => {
    const data = tasks.find((one) => one.task === task);
    if (data === undefined) throw new RangeError(`there are no data for ${task}`);
    return data.labelsOf(rows);
  };
  for (const one of readings) update[one.task](one);
  return scoresOf(metrics);
}
