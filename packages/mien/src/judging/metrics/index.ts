// Metrics over typed arrays: each an accumulator that is updated batch by batch, merged with those of other processes, and
// computed at the end.

export { ActionUnitMetric, type ActionUnitResult, actionUnitResult, OUTCOMES } from './action-units.js';
export {
  EDITIONS,
  type Edition,
  type EditionName,
  editionScores,
  meanScore,
  type Ranked,
  type TaskResults,
} from './editions.js';
export {
  ExpressionMetric,
  type ExpressionResult,
  expressionResult,
  type MacroAverage,
} from './expression.js';
export { f1Of, meanOf, ratio } from './f1.js';
export {
  concordance,
  joinMoments,
  type Moments,
  momentsOf,
  NO_MOMENTS,
  pearson,
  rootMeanSquare,
} from './moments.js';
export {
  averagePrecision,
  type PrecisionRecallCurve,
  precisionRecallCurve,
  type Ranking,
  rankingOf,
  rocAuc,
} from './ranking.js';
export { resultsOf, type Scores, scoresOf, type TaskMetrics } from './scores.js';
export {
  type DimensionResult,
  type DimensionState,
  ValenceArousalMetric,
  type ValenceArousalResult,
  valenceArousalResult,
} from './valence-arousal.js';
