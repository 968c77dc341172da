// Scores of what was decided.

import type { Estimates } from './estimates.js';
import {
  ActionUnitMetric,
  ExpressionMetric,
  type Scores,
  scoresOf,
  type TaskMetrics,
  ValenceArousalMetric,
} from './metrics/index.js';
import type { Truth } from './truth.js';

/** Of the tasks that were estimated and have labels. */
export function scoreEstimates(
  { schema, EXPR, AU, VA }: Partial<Estimates> & Pick<Estimates, 'schema'>,
  truth: Truth,
): Scores {
  const metrics: TaskMetrics = {};
  if (EXPR) {
    metrics.EXPR = new ExpressionMetric(schema.expressions.length);
    metrics.EXPR.update(EXPR.classes, truth.expression, truth.expressionKnown);
  }
  if (AU) {
    metrics.AU = new ActionUnitMetric(schema.actionUnits.length);
    metrics.AU.update(AU.decisions, truth.actionUnits, truth.actionUnitsKnown);
  }
  if (VA) {
    metrics.VA = new ValenceArousalMetric();
    metrics.VA.update(VA.values, truth.valenceArousal, truth.valenceArousalKnown);
  }
  return scoresOf(metrics);
}
