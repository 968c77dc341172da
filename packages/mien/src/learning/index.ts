// Training: recipes, losses, teacher and students, and the runs that they leave behind.

export type { DataDescription } from './describe-data.js';
export type { MemberScores, TrainingEvent } from './events.js';
export {
  EPOCH_RECORD,
  type EpochRecord,
  LOSS_PARTS,
  type LossPart,
  type Metrics,
  MetricsLog,
  readMetrics,
  SCORES,
  type Scores,
  STEP_RECORD,
  type StepRecord,
} from './metrics-log.js';
export { PHASE_RECIPE, type PhaseRecipe } from './recipe.js';
export { formatRecipe, type Recipe, readRecipe, resolveRecipe } from './recipe-files.js';
export type { Selection } from './run.js';
export type { ReadSample } from './samples.js';
export type { Summary } from './summary.js';
export { crc32c, EventLog, type EventLogOptions } from './tensorboard.js';
export { type Launch, type TrainOptions, train } from './train.js';
