// Networks: backbones by name, a head per task, GRU heads over time; their weights in and out of files.

export type { Backbone } from './backbone.js';
export { DECODE_POINTS, sigmoid, softmax, valenceArousalOf } from './decoding.js';
export { type LoadedModel, loadModel, readModelInfo, saveModel } from './files.js';
export { GruHead, Head, type HeadOutput } from './heads.js';
export { type ImportOptions, importCheckpoint } from './import.js';
export {
  CROP,
  DECODINGS,
  type Decoding,
  MODEL_INFO,
  type ModelInfo,
  SMOOTHING,
  type Smoothing,
  TUNING,
  type Tuning,
  withCrop,
} from './info.js';
export { type LoadWeightsOptions, loadWeights, type WeightsReport } from './load-weights.js';
export {
  type ByTask,
  buildNetwork,
  ImageNetwork,
  type Network,
  type NetworkOutput,
  SequenceNetwork,
} from './network.js';
export { openModel } from './open.js';
export { PRETRAINED, type PretrainedWeights, pretrainedOf } from './pretrained.js';
export { BACKBONES, backboneOf } from './registry.js';
export { NETWORK_SPEC, type NetworkSpec, outputsOf, VA_BINS } from './spec.js';
export { type ChangeInfo, checkStorable, storeTuning } from './store-tuning.js';
export { ensembleTuningOf, tuningOf, withEnsembleTuning, withTuning } from './tuning.js';
