// From pictures to faces, and from faces to what models say of them.

export { type FaceReadings, type ReadFacesOptions, readFaces } from './crops.js';
export {
  FACE_DETECTORS,
  type FaceDetectorName,
  type FaceModelOptions,
  type FaceModels,
  openFaceFinder,
  openFaceFinders,
  openFaceModels,
} from './face-finder.js';
export type {
  ExpressionReading,
  FaceReading,
  FrameReading,
  ReadingProblem,
  UnitReading,
} from './frames.js';
export { type Judged, type JudgeOptions, judgeModels } from './judge.js';
export { type LabelledOptions, type LabelledReadings, readLabelled } from './labelled.js';
export {
  ENSEMBLE,
  findMembers,
  type Member,
  type MemberOptions,
  type OpenMembers,
  openMembers,
  openReadingModels,
  type ReadingModelOptions,
} from './members.js';
export * from './predict/index.js';
export * from './reader/index.js';
export {
  PAPER_THRESHOLDS,
  type ReferenceFile,
  type ReferenceTreeOptions,
  readReferenceTree,
} from './reference-tree.js';
export { estimateTestSet, type TestSetOptions } from './submission.js';
export * from './tables/index.js';
export { firstOccurrences, formatText, type TextContent, type TextTable } from './text.js';
export { type TunedModels, type TuneModelsOptions, tuneModels } from './tune-models.js';
