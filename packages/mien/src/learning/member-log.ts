// What a member writes while it trains: metrics as JSON Lines and as TensorBoard events, and plots.

import { join } from 'node:path';
import { type EpochRecord, EventLog, MetricsLog, type StepRecord } from './logs/index.js';

const METRICS = 'metrics.jsonl';

export interface MemberLog {
  step(record: StepRecord): void;
  epoch(record: EpochRecord): void;
  /** Bytes of each file that are written, for a checkpoint. */
  lengths(): Record<string, number>;
  close(): void;
}

const now = () => Date.now() / 1000;

/** @param lengths what a checkpoint knows of the files: what was written after it is cut off */
export function openMemberLog(folder: string, lengths: Readonly<Record<string, number>> = {}): MemberLog {
  const metrics = new MetricsLog(join(folder, METRICS), lengths[METRICS]);
  const known = Object.entries(lengths).find(([name]) => name.includes('tfevents'));
  const resume = known && { name: known[0], byteLength: known[1] };
  const events = new EventLog(folder, { clock: now, resume });
  const scalars = (step: number, values: Readonly<Record<string, number | undefined>>) => {
    for (const [tag, value] of Object.entries(values))
      if (value !== undefined) events.scalar(tag, value, step);
  };
  return {
    step(record) {
      metrics.append(record);
      const { step, loss, parts, lr, imagesPerSecond, waiting, gradientNorm } = record;
      scalars(step, {
        'loss/total': loss,
        ...Object.fromEntries(Object.entries(parts).map(([name, value]) => [`loss/${name}`, value])),
        'training/lr': lr,
        'training/gradient_norm': gradientNorm,
        'speed/images_per_second': imagesPerSecond,
        'speed/waiting': waiting,
      });
    },
    epoch(record) {
      metrics.append(record);
      const { step, scores } = record;
      const { EXPR, AU, VA } = scores;
      scalars(step, {
        'score/total': scores.total,
        'score/mean': scores.mean,
        'EXPR/f1': EXPR?.f1,
        'EXPR/accuracy': EXPR?.accuracy,
        'AU/f1': AU?.f1,
        'AU/accuracy': AU?.accuracy,
        'VA/ccc_valence': VA?.cccValence,
        'VA/ccc_arousal': VA?.cccArousal,
      });
    },
    lengths() {
      metrics.flush();
      events.flush();
      return { [METRICS]: metrics.byteLength, [events.name]: events.byteLength };
    },
    close() {
      metrics.close();
      events.close();
    },
  };
}
