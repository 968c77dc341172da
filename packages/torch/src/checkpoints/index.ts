// Checkpoints: weights in from PyTorch's `.pth` and from safetensors, out to safetensors. Everything here works on
// plain bytes, without the native engine, so that models can be converted where libtorch is not installed.
export {
  CheckpointError,
  type CheckpointErrorCode,
  type CheckpointErrorPlace,
  isCheckpointError,
} from './error.js';
export { NUMPY_GLOBALS } from './numpy-globals.js';
export type { PicklePlace } from './pickle-cursor.js';
export type { UnpickleOptions } from './pickle-machine.js';
export {
  PICKLE_LIMITS,
  type PickleCall,
  PickledGlobal,
  type PickleGlobals,
  type PickleLimits,
  type PickleResolver,
} from './pickle-types.js';
export { readPth } from './pth.js';
export type { PthFile, PthOptions } from './pth-types.js';
export { PYTHON_GLOBALS } from './python-globals.js';
export { isRawTensor, type RawStateDict, type RawTensor } from './raw-tensor.js';
export {
  openSafetensors,
  readSafetensors,
  type SafetensorsContent,
  type SafetensorsFile,
} from './safetensors.js';
export { type WriteSafetensorsOptions, writeSafetensors } from './safetensors-write.js';
export type { StateDictOptions } from './state-dict.js';
export { unpickle } from './unpickle.js';
