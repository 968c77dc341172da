// What training writes down: metrics in JSON Lines and TensorBoard's events. Needs no libtorch, so that reports can read it.

export { type LogState, MemberLog, type MemberLogOptions } from './member-log.js';
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
export { crc32c, EventLog, type EventLogOptions } from './tensorboard.js';
