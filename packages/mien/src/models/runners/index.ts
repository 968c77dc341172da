// Models that are ready to read pictures, whatever their files are. Loads no training engine until a model needs it.

export { sigmoid, softmax, valenceArousalOf } from '../decoding.js';
export type { ByTask } from '../network.js';
export { openSession, type Session, type SessionOptions } from '../onnx/runtime.js';
export { defaultModel, SHIPPED_LIST, type ShippedModel, shippedFiles, shippedModels } from '../shipped.js';
export { outputsOf } from '../spec.js';
export { ensembleTuningOf, tuningOf } from '../tuning.js';
export { cacheFolder } from './cached.js';
export {
  BACKENDS,
  type Backend,
  type CheckpointOptions,
  type ModelRunner,
  modelNameOf,
  openRunner,
  type RunnerOptions,
} from './open.js';
