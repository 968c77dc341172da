// How good predictions are, and what is chosen after training to make them better: thresholds, calibration, smoothing.

export {
  applyCalibration,
  type Calibration,
  fitCalibration,
  fitPlatt,
  fitTemperature,
  type Platt,
} from './calibration/index.js';
export { commonTuning, type DecideOptions, decide } from './decide.js';
export { type CombineOptions, combine, ENSEMBLES, type EnsembleRule } from './ensemble.js';
export type { Estimates, ModelOutput } from './estimates.js';
export * from './evaluate/index.js';
export type * from './evaluation.js';
export * from './files/index.js';
export { SMOOTHINGS } from './fit.js';
export { type FoldOptions, foldsOf } from './folds.js';
export * from './metrics/index.js';
export { decideProbabilities, type Probabilities } from './probabilities.js';
export { riskCoverage } from './risk-coverage.js';
export * from './smoothing/index.js';
export * from './submissions/index.js';
export * from './thresholds/index.js';
export { type Grouping, type Truth, truthOf } from './truth.js';
export {
  type ChosenSmoothing,
  chooseSmoothing,
  type Tuned,
  type TunedScores,
  type TuneOptions,
  tune,
} from './tune.js';
