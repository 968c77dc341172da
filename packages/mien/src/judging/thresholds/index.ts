// Thresholds of action units: rules that choose them, and decisions by them that are honest to score.

export { crossFit } from './cross-fit.js';
export { type ThresholdCurve, thresholdCurve, type UnitEntries } from './curve.js';
export {
  DEFAULT_THRESHOLD,
  decideUnits,
  THRESHOLD_RULES,
  type ThresholdRule,
  thresholdBy,
  thresholdsOf,
  type UnitLabels,
} from './rules.js';
