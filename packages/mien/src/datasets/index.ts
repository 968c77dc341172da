// From a data set's own files to a manifest: a table with one row per face crop.

export { AFEW_ALIGNMENTS, type AfewVaOptions, readAfewVa, splitAfewVa } from './afew-va.js';
export * from './aff-wild2/index.js';
export { type AffectNetOptions, readAffectNet } from './affectnet.js';
export { AFFECTNET } from './affectnet-csv.js';
export { type CheckOptions, checkManifest, type DataCheck } from './check.js';
export type { CopyGroup, CopyReport } from './check-copies.js';
export { CK_PLUS, type CkPlusOptions, readCkPlus } from './ck-plus.js';
export { type ClassFolderOptions, readClassFolders } from './class-folders.js';
export {
  CROP_FORMATS,
  type CropFormat,
  type CropsOptions,
  type CropsResult,
  type CropsRun,
  type FaceFinders,
  isPicture,
  isVideo,
  makeCrops,
} from './crops/index.js';
export { type DisfaOptions, readDisfa, splitDisfa } from './disfa.js';
export { EMOTIONET, type EmotioNetOptions, readEmotioNet } from './emotionet.js';
export * from './export/index.js';
export { type ExpwFace, type ExpwOptions, readExpw, readExpwList } from './expw.js';
export { type Box, type FaceRow, type Occurrence, problemOf, SPLITS, type Split } from './face-row.js';
export { FaceTable, intensityColumn, voteColumn } from './face-table.js';
export { FER_PLUS, type FerPlusOptions, readFerPlus } from './fer-plus.js';
export { type MajorityRule, majority, softLabel, VOTE_CLASSES } from './fer-plus-votes.js';
export { type Imbalance, imbalance } from './imbalance.js';
export {
  dropOrThrow,
  type ImportOptions,
  importFaces,
  importManifest,
  type OnProgress,
  type ReadContext,
  type Reader,
} from './import.js';
export {
  type ClassCount,
  countLabels,
  type LabelCounts,
  type Spread,
  type UnitCount,
} from './label-counts.js';
export { MAX_FRAME, splitOf } from './labelling.js';
export {
  isManifest,
  type Manifest,
  type ManifestStep,
  pathOf,
  readManifest,
  writeManifest,
} from './manifest.js';
export * from './mix/index.js';
export {
  RAF_DB,
  RAF_DB_ATTRIBUTES,
  type RafDbAttribute,
  type RafDbOptions,
  readRafDb,
} from './raf-db.js';
export { readTogether } from './read-together.js';
export { type ReferencePickleOptions, readReferencePickle } from './reference-pickle.js';
export { REFERENCE_CODES, type ReferenceCodes } from './reference-pickle-labels.js';
export {
  type ActionUnitSamples,
  type ExpressionSamples,
  rowsOf,
  type SamplesOf,
  type SplitOrNone,
  samplesOf,
  type TaskSamples,
  TRAINING,
  taskTest,
  type ValenceArousalSamples,
} from './samples.js';
export { commonSchema, countFaces, type Extent, type FaceCounts } from './stats.js';
export { type FaceTableOptions, FIELDS, type Field, readFaceTable } from './table/index.js';
export { describeTally, Tally, type TallyRecord } from './tally.js';
export { binOf, cellsOf, dataEdges, fixedEdges, VA_BINS } from './va-grid.js';
