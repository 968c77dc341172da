// What moves parameters by their gradients, and what goes with it: clipping, schedules, averages of weights.
export { Adam, type AdamOptions, AdamW } from './adam.js';
export { type ClipGradNormOptions, clipGradNorm_, clipGradValue_ } from './clip.js';
export {
  type GroupOptions,
  Optimizer,
  type ParamGroup,
  type ParamGroupInput,
  type ParamsInput,
} from './optimizer.js';
export { isOptimizerStateError, type OptimizerState, OptimizerStateError } from './optimizer-state.js';
export * from './schedules.js';
export { SGD, type SGDOptions } from './sgd.js';
export { WeightAverage, type WeightAverageOptions, type WeightAverageState } from './weight-average.js';
