// From a data set's own files to a manifest: a table with one row per face crop.

export { type AffectNetOptions, readAffectNet } from './affectnet.js';
export { AFFECTNET } from './affectnet-csv.js';
export { CK_PLUS, type CkPlusOptions, readCkPlus } from './ck-plus.js';
export { type ClassFolderOptions, readClassFolders } from './class-folders.js';
export { EMOTIONET, type EmotioNetOptions, readEmotioNet } from './emotionet.js';
export { type Box, type FaceRow, type Occurrence, problemOf, SPLITS, type Split } from './face-row.js';
export { FaceTable, intensityColumn, voteColumn } from './face-table.js';
export { FER_PLUS, type FerPlusOptions, readFerPlus } from './fer-plus.js';
export { type MajorityRule, majority, softLabel, VOTE_CLASSES } from './fer-plus-votes.js';
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
export {
  RAF_DB,
  RAF_DB_ATTRIBUTES,
  type RafDbAttribute,
  type RafDbOptions,
  readRafDb,
} from './raf-db.js';
export { type ReferencePickleOptions, readReferencePickle } from './reference-pickle.js';
export { REFERENCE_CODES, type ReferenceCodes } from './reference-pickle-labels.js';
export { type FaceTableOptions, FIELDS, type Field, readFaceTable } from './table/index.js';
export { describeTally, Tally, type TallyRecord } from './tally.js';
