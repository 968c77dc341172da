// The plan of an epoch: which samples stand in which batch of which task. It follows from the seed, the epoch and the
// step alone, so a run goes on after a stop as if there had been none, whatever threads and prefetching do.

import { createHash } from 'node:crypto';
import { TASKS, type Task } from '../labels/index.js';
import { Random } from '../random/index.js';
import { type AliasTable, aliasTable, drawWeighted } from './alias.js';

/** What one task's batches are drawn from. */
export interface TaskSource {
  /** What is to be drawn: row numbers of a manifest, or numbers of sequence windows [size]. */
  units: Int32Array;
  /** Draws with replacement in proportion to these [size]; without weights each unit comes once, in random order. */
  weights?: Float64Array | undefined;
  /** Units a batch, over all ranks together. */
  batchSize: number;
}

/**
 * Steps an epoch: as many as the `shortest` task has batches (the reference; of larger sets a part is seen), or the
 * `longest` (shorter tasks start over, drawn anew), or a number.
 */
export type EpochLength = 'shortest' | 'longest' | number;

export interface PlanOptions {
  /** At least one. */
  tasks: Partial<Record<Task, TaskSource>>;
  /** An integer ≥ 0. */
  seed: number;
  length?: EpochLength;
  /** Leave out a last batch that is not full. */
  dropLast?: boolean;
  /** Data-parallel training: this process's number, from 0, and how many there are. */
  rank?: number;
  ranks?: number;
}

export interface PlanStep {
  /** From 0, within the epoch. */
  step: number;
  /** One batch for each task of the plan: units. This rank's part of the batch. */
  batches: Partial<Record<Task, Int32Array>>;
}

/** Which samples make up each batch: a fixed order, so that any step can be begun at. */
export interface BatchOrder {
  /** Steps. */
  readonly steps: number;
  /** The most samples of a step. */
  readonly batchSize: number;
  /** @param step 0 … steps − 1 @returns sample numbers: rows of the manifest, or windows */
  samples(step: number): ArrayLike<number>;
  /** Place of the step's first sample in the whole batch, where several ranks share it. Default: 0. */
  first?(step: number): number;
}

/** A place in a plan, for checkpoints; plain JSON. */
export interface PlanState {
  epoch: number;
  /** The step that comes next. */
  step: number;
  /** Of what the plan was made from. Ranks do not count: a run may go on with more or fewer of them. */
  fingerprint: string;
}

export interface EpochPlan {
  stepsPerEpoch: number;
  /** The steps of an epoch, in order. @param from the first one wanted */
  steps(epoch: number, from?: number): Generator<PlanStep>;
  /** One task's batches of an epoch, as a loader takes them. @throws RangeError when the plan has no such task */
  order(epoch: number, task: Task): BatchOrder;
  state(epoch: number, step: number): PlanState;
  /** @throws RangeError when the state belongs to another plan: other units, weights, seed or lengths */
  fromState(state: PlanState): { epoch: number; step: number };
}

interface Lane {
  task: Task;
  source: TaskSource;
  table: AliasTable | undefined;
  /** Batches until the task's units are used up and it starts over. */
  batchesPerLap: number;
}

function laneOf(task: Task, source: TaskSource, dropLast: boolean): Lane {
  const { units, weights, batchSize } = source;
  if (!(Number.isSafeInteger(batchSize) && batchSize > 0))
    throw new RangeError(`${task}: batch size ${batchSize}; expected an integer ≥ 1`);
  if (weights !== undefined && weights.length !== units.length)
    throw new RangeError(`${task}: ${weights.length} weights for ${units.length} samples`);
  const batchesPerLap = (dropLast ? Math.floor : Math.ceil)(units.length / batchSize);
  if (batchesPerLap === 0)
    throw new RangeError(`${task}: ${units.length} samples make no batch of ${batchSize}`);
  return { task, source, table: weights && aliasTable(weights), batchesPerLap };
}

function stepsOf(lanes: readonly Lane[], length: EpochLength): number {
  const laps = lanes.map((lane) => lane.batchesPerLap);
  if (length === 'shortest') return Math.min(...laps);
  if (length === 'longest') return Math.max(...laps);
  if (Number.isSafeInteger(length) && length > 0) return length;
  throw new RangeError(`epoch length ${length}; expected "shortest", "longest" or an integer ≥ 1`);
}

function fingerprintOf(lanes: readonly Lane[], rest: readonly (string | number | boolean)[]): string {
  const hash = createHash('sha256').update(JSON.stringify(rest));
  for (const { task, source } of lanes) {
    const { units, weights, batchSize } = source;
    hash.update(JSON.stringify([task, units.length, batchSize, weights !== undefined]));
    hash.update(units);
    if (weights) hash.update(weights);
  }
  return hash.digest('hex').slice(0, 16);
}

/** @throws RangeError when a source makes no batch, or an option is out of its range */
export function epochPlan(options: PlanOptions): EpochPlan {
  const { tasks, seed, length = 'shortest', dropLast = true, rank = 0, ranks = 1 } = options;
  if (!(Number.isSafeInteger(seed) && seed >= 0))
    throw new RangeError(`seed ${seed}; expected an integer ≥ 0`);
  if (!(Number.isSafeInteger(rank) && Number.isSafeInteger(ranks) && rank >= 0 && rank < ranks))
    throw new RangeError(`rank ${rank} of ${ranks}`);
  const lanes = TASKS.flatMap((task) => {
    const source = tasks[task];
    return source === undefined ? [] : [laneOf(task, source, dropLast)];
  });
  if (lanes.length === 0) throw new RangeError('a plan without tasks');
  const stepsPerEpoch = stepsOf(lanes, length);
  let fingerprint: string | undefined;
  const identity = () => {
    fingerprint ??= fingerprintOf(lanes, [seed, length, dropLast]);
    return fingerprint;
  };

  /** Places in `units`, in the order of the lap. */
  function orderOf({ task, source, table }: Lane, epoch: number, lap: number): Int32Array {
    const random = Random.keyed(seed, TASKS.indexOf(task), epoch, lap);
    const size = source.units.length;
    return table === undefined ? random.permutation(size) : drawWeighted(table, size, random);
  }

  /** Where this rank's part of a batch of so many units begins, or ends. */
  const share = (length: number, upTo: number) => Math.floor((length * upTo) / ranks);

  /** Units of a task's batch, of all ranks. */
  function sizeOf({ source, batchesPerLap }: Lane, step: number): number {
    const start = (step % batchesPerLap) * source.batchSize;
    return Math.min(source.batchSize, source.units.length - start);
  }

  /** This rank's part of each batch of a task. The order of the lap at hand is kept, so going forwards is quick. */
  function batchesIn(lane: Lane, epoch: number): (step: number) => Int32Array {
    const { source, batchesPerLap } = lane;
    let current: { lap: number; order: Int32Array } | undefined;
    return (step) => {
      const lap = Math.floor(step / batchesPerLap);
      if (current?.lap !== lap) current = { lap, order: orderOf(lane, epoch, lap) };
      const start = (step % batchesPerLap) * source.batchSize;
      const size = sizeOf(lane, step);
      const part = current.order.subarray(start + share(size, rank), start + share(size, rank + 1));
      return part.map((place) => source.units[place] as number);
    };
  }

  function order(epoch: number, task: Task): BatchOrder {
    const lane = lanes.find((one) => one.task === task);
    if (lane === undefined) throw new RangeError(`the plan has no task ${task}`);
    const batchSize = Math.ceil(lane.source.batchSize / ranks);
    return {
      steps: stepsPerEpoch,
      batchSize,
      samples: batchesIn(lane, epoch),
      first: (step) => share(sizeOf(lane, step), rank),
    };
  }

  function* steps(epoch: number, from = 0): Generator<PlanStep> {
    const tasks = lanes.map((lane) => ({ task: lane.task, batchOf: batchesIn(lane, epoch) }));
    for (let step = from; step < stepsPerEpoch; step++)
      yield { step, batches: Object.fromEntries(tasks.map(({ task, batchOf }) => [task, batchOf(step)])) };
  }

  return {
    stepsPerEpoch,
    steps,
    order,
    state: (epoch, step) => ({ epoch, step, fingerprint: identity() }),
    fromState({ epoch, step, fingerprint: theirs }) {
      if (theirs !== identity())
        throw new RangeError(
          'the saved place belongs to another plan: the data, their weights, the batch sizes, the epoch length or the seed are not the same',
        );
      return { epoch, step };
    },
  };
}
