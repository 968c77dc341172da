// Layers and the modules that hold them, by PyTorch's names: what a network is built of, initialised, and saved with.
export * from './activations.js';
export { BatchNorm, BatchNorm1d, BatchNorm2d, type BatchNormOptions } from './batch-norm.js';
export { ModuleDict, ModuleList, pipe, Sequential } from './containers.js';
export { Conv2d, type Conv2dOptions } from './convolution.js';
/** @internal For optimisers, which take tensors in from checkpoints too. */
export { checkValue, copyInto, sameShape } from './copying.js';
export { Dropout, Dropout2d } from './dropout.js';
export * as functional from './functional.js';
export { zeroGrads } from './gradients.js';
export { GRU, type GRUOptions } from './gru.js';
export * as init from './init.js';
export type { LayerOptions, Pair } from './layer-options.js';
export { Linear, type LinearOptions } from './linear.js';
export { type BufferOptions, type Layer, Module } from './module.js';
export { Parameter } from './parameter.js';
export {
  AdaptiveAvgPool2d,
  AvgPool2d,
  type AvgPool2dOptions,
  MaxPool2d,
  type MaxPool2dOptions,
  type PoolOptions,
} from './pooling.js';
export { Flatten, Identity } from './shape.js';
export {
  isStateDictError,
  type LoadOptions,
  type LoadReport,
  loadInto,
  type RawValue,
  type ShapeMismatch,
  StateDictError,
  type StateSource,
  type StateTarget,
  type StateValue,
} from './state-dict.js';
export { convertSyncBatchNorm, SyncBatchNorm, type SyncBatchNormOptions } from './sync-batch-norm.js';
