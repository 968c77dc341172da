// Training, and what a run leaves behind.

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
