// Metrics over typed arrays: each an accumulator that is updated batch by batch, merged with those of other processes, and
// computed at the end.

export { ActionUnitMetric, type ActionUnitResult, actionUnitResult } from './action-units.js';
export {
  ExpressionMetric,
  type ExpressionResult,
  expressionResult,
  type MacroAverage,
} from './expression.js';
export { concordance, joinMoments, type Moments, momentsOf } from './moments.js';
export { type Scores, scoresOf, type TaskMetrics } from './scores.js';
export { ValenceArousalMetric, type ValenceArousalResult } from './valence-arousal.js';
