// All that a member of a run logs: metrics.jsonl for programs and the same figures for TensorBoard, kept at one state.

import { join } from 'node:path';
import { type EpochRecord, MetricsLog, type StepRecord } from './metrics-log.js';
import { EventLog } from './tensorboard.js';

/** Where the logs stand: plain JSON for a checkpoint. */
export interface LogState {
  /** Bytes of `metrics.jsonl`. */
  metrics: number;
  events: { name: string; byteLength: number };
}

/** TensorBoard's tags of a step; charts are grouped by what stands before the slash. */
function stepScalars({ loss, parts, lr, ...rest }: StepRecord): [string, number][] {
  return [
    ['loss/all', loss],
    ...Object.entries(parts).map(([part, value]): [string, number] => [`loss/${part}`, value]),
    ['training/learning rate', lr],
    ['training/images per second', rest.imagesPerSecond],
    ['training/share of time waiting', rest.waiting],
    ...(rest.gradientNorm === undefined
      ? []
      : [['training/gradient norm', rest.gradientNorm] satisfies [string, number]]),
  ];
}

/** TensorBoard's tags of an epoch. */
function epochScalars({ scores: { mean, total, EXPR, AU, VA } }: EpochRecord): [string, number][] {
  const scalars: [string, number | undefined][] = [
    ['score/mean of tasks', mean],
    ['score/sum', total],
    ['score/EXPR', EXPR?.score],
    ['score/AU', AU?.score],
    ['score/valence CCC', VA?.cccValence],
    ['score/arousal CCC', VA?.cccArousal],
    ['EXPR/F1', EXPR?.f1],
    ['EXPR/accuracy', EXPR?.accuracy],
    ['AU/F1', AU?.f1],
    ['AU/accuracy', AU?.accuracy],
  ];
  return scalars.flatMap(([tag, value]): [string, number][] => (value === undefined ? [] : [[tag, value]]));
}

export interface MemberLogOptions {
  /** Seconds since 1970. */
  clock: () => number;
  /** Goes on where a checkpoint left the logs; without it they begin anew. */
  resume?: LogState | undefined;
}

export class MemberLog {
  readonly #metrics: MetricsLog;
  readonly #events: EventLog;

  /** @param folder the member's @throws DataError when the logs cannot be written, or are not those of the checkpoint */
  constructor(folder: string, { clock, resume }: MemberLogOptions) {
    this.#metrics = new MetricsLog(join(folder, 'metrics.jsonl'), resume?.metrics);
    this.#events = new EventLog(folder, { clock, resume: resume?.events });
  }

  append(record: StepRecord | EpochRecord): void {
    this.#metrics.append(record);
    const scalars = record.kind === 'step' ? stepScalars(record) : epochScalars(record);
    for (const [tag, value] of scalars) this.#events.scalar(tag, value, record.step);
  }

  /** Shown by TensorBoard beside the curves, such as the recipe. @param text Markdown */
  text(tag: string, text: string): void {
    this.#events.text(tag, text, 0);
  }

  /** For a checkpoint: what was logged so far is on the disk when this returns. */
  state(): LogState {
    this.#metrics.flush();
    this.#events.flush();
    const { name, byteLength } = this.#events;
    return { metrics: this.#metrics.byteLength, events: { name, byteLength } };
  }

  close(): void {
    this.#metrics.close();
    this.#events.close();
  }
}
