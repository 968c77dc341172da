// A user's own table: any CSV, TSV, JSON Lines or Parquet file with a mapping of its columns.

export { type FaceTableOptions, FIELDS, type Field } from './options.js';
export { readFaceTable } from './read.js';
