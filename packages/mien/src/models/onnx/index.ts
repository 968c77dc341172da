// Models as ONNX files: exported by tracing, checked against libtorch, and read without it.

export type { Difference } from './accuracy.js';
export { type Calibration, type CalibrationOptions, loadCalibration } from './calibration.js';
export type { ConvertOptions } from './convert.js';
export {
  type ExportOptions,
  type ExportReport,
  exportOnnx,
  INT8_TOLERANCE,
  type Quantisation,
  TOLERANCES,
} from './export.js';
export { INPUT as ONNX_INPUT, PRECISIONS, type Precision } from './metadata.js';
export { type OnnxInfo, parseOnnxInfo, type ReadOnnxOptions, readOnnxInfo } from './read.js';
export { type Floats, openSession, type Session, type SessionOptions } from './runtime.js';
export { type TranscodeOptions, transcodeTensorFlow } from './tensorflow.js';
export {
  drawPatches,
  type OutputError,
  type Validation,
  type ValidationOptions,
  validateOnnx,
} from './validate.js';
export { OnnxExportError } from './write.js';
