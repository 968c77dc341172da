// The processes that train one network together; one process is a team of one.

import type { nn } from '@mien/torch';
import type { TaskBatch } from './losses/index.js';

/** A module as a step uses it: its forward pass, and what is to be done between the backward pass and the optimiser. */
export interface Replica<M extends nn.Module> {
  forward(...inputs: Parameters<M['forward']>): ReturnType<M['forward']>;
  /** Afterwards every rank has the gradients of the whole batch. */
  reduceGradients(): void;
}

export interface Team {
  readonly rank: number;
  readonly size: number;
  /** Makes all ranks start from rank 0's weights. Normalisation then takes its statistics over all ranks. */
  join<M extends nn.Module>(module: M): Replica<M>;
  /** The batches of all ranks as one, gradients flowing into this rank's part. */
  whole(batches: TaskBatch[]): TaskBatch[];
  /** What the objective of the whole batch is multiplied by before the backward pass. */
  readonly lossScale: number;
  /** Whether any rank says so. */
  any(flag: boolean): boolean;
  /** Runs `body` on rank 0 alone; all get its result, which is plain data. */
  first<T>(body: () => Promise<T>): Promise<T>;
  /** Every rank's text, in their order. */
  collect(text: string): string[];
  leave(): void;
}

/** A process alone. */
export const SOLO: Team = {
  rank: 0,
  size: 1,
  lossScale: 1,
  join: <M extends nn.Module>(module: M) => ({
    forward: (...inputs: Parameters<M['forward']>) =>
      module.forward(...(inputs as never[])) as ReturnType<M['forward']>,
    reduceGradients: () => {},
  }),
  whole: (batches) => batches,
  any: (flag) => flag,
  first: (body) => body(),
  collect: (text) => [text],
  leave: () => {},
};

/** The processes that a launcher's environment names, or this one alone. */
export function teamOf(): Team {
  return SOLO;
}
