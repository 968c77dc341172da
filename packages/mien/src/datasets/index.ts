// From a data set's own files to a manifest: a table with one row per face crop.

export * from './aff-wild2/index.js';
export * from './export/index.js';
export { type Box, type FaceRow, type Occurrence, problemOf, SPLITS, type Split } from './face-row.js';
export type { Box } from '../faces/index.js';
export { AFEW_ALIGNMENTS, type AfewVaOptions, readAfewVa, splitAfewVa } from './afew-va.js';
export {
  CROP_FORMATS,
  type CropFormat,
  type CropsOptions,
  type CropsResult,
  type CropsRun,
  makeCrops,
} from './crops/index.js';
export { type DisfaOptions, readDisfa, splitDisfa } from './disfa.js';
export { type ExpwFace, type ExpwOptions, readExpw, readExpwList } from './expw.js';
export { type FaceRow, type Occurrence, problemOf, SPLITS, type Split } from './face-row.js';
export { FaceTable, intensityColumn, voteColumn } from './face-table.js';
export {
  dropOrThrow,
  type ImportOptions,
  importFaces,
  importManifest,
  type OnProgress,
  type ReadContext,
  type Reader,
} from './import.js';
export { type Manifest, type ManifestStep, pathOf, readManifest, writeManifest } from './manifest.js';
export * from './mix/index.js';
export { describeTally, Tally, type TallyRecord } from './tally.js';
