// Models that are ready to read pictures, whatever their files are. Works without the training engine for ONNX files.

export { sigmoid, softmax, valenceArousalOf } from '../decoding.js';
export type { ByTask } from '../network.js';
export { openSession, type Session } from '../onnx/runtime.js';
export { outputsOf } from '../spec.js';
export { ensembleTuningOf, tuningOf } from '../tuning.js';
export {
  BACKENDS,
  type Backend,
  type ModelRunner,
  modelNameOf,
  openRunner,
  type RunnerOptions,
} from './open.js';
