// What may be asked of `mien predict`, and what it answers.

import type { LabelSchema, Task } from '../../labels/index.js';
import type { FrameReading, ReadingProblem } from '../frames.js';
import type { ReadingModelOptions } from '../members.js';
import type { ReaderModel, ReaderOptions, ReadOptions } from '../reader/index.js';
import type { Job, Shard } from './jobs.js';
import type { OutputPaths } from './outputs.js';
import type { ReadingTally } from './tally.js';

export interface PredictOptions
  extends Pick<
      ReaderOptions,
      'models' | 'tasks' | 'faces' | 'detectEvery' | 'detector' | 'smallestFace' | 'smooth' | 'batch'
    >,
    ReadingModelOptions,
    Pick<ReadOptions, 'from' | 'to' | 'every'> {
  /** Files and folders; none where there is a camera. */
  sources: readonly string[];
  /** Read until `stop`. */
  camera?: string | undefined;
  /** The sources are face crops: nothing is looked for in them. */
  crops?: boolean | undefined;
  outputs?: OutputPaths | undefined;
  /** Also the 68 points in tables. */
  landmarks?: boolean | undefined;
  /** Only this part of the sources. */
  shard?: Shard | undefined;
  /** Leaves out what has all its outputs. */
  resume?: boolean | undefined;
  /** Makes anything that cannot be read an error, not a problem that is told. */
  strict?: boolean | undefined;
  /** As it was typed; kept with what is written. */
  command?: string | undefined;
  /** Ends at once and leaves nothing that is not whole. */
  signal?: AbortSignal | undefined;
  /** Ends a camera; what was read is kept. */
  stop?: AbortSignal | undefined;
  /** Called once all is open. */
  onStart?:
    | ((start: { models: readonly ReaderModel[]; jobs: readonly Job[]; skipped: number }) => void)
    | undefined;
  /** Called with the number of frames in all, once it is known or guessed. */
  onTotal?: ((frames: number) => void) | undefined;
  onFrame?: ((frame: FrameReading) => void) | undefined;
  /** Called with what was left out or broke off, as soon as it is known. */
  onProblem?: ((problem: ReadingProblem) => void) | undefined;
}

export interface Predicted {
  models: readonly ReaderModel[];
  schema: LabelSchema;
  tasks: readonly Task[];
  tally: ReadingTally;
  /** In the order in which they were finished. */
  written: string[];
  /** Videos and folders of pictures that had all their outputs. */
  skipped: number;
  problems: ReadingProblem[];
}
