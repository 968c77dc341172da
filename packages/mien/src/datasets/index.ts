// From a data set's own files to a manifest: a table with one row per face crop.

export { type Box, type FaceRow, type Occurrence, problemOf, SPLITS, type Split } from './face-row.js';
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
export { type FaceTableOptions, FIELDS, type Field, readFaceTable } from './table/index.js';
export { describeTally, Tally, type TallyRecord } from './tally.js';
