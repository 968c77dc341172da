// From files and folders to tables, annotated videos and pages: all that `mien predict` does.

export type { Job, Shard } from './jobs.js';
export type { Predicted, PredictOptions } from './options.js';
export { type OutputFormat, type OutputPaths, PredictUsageError } from './outputs.js';
export { predict } from './predict.js';
export type { Range, ReadingTally } from './tally.js';
export { type PredictTreesOptions, predictReferenceTrees } from './trees.js';
