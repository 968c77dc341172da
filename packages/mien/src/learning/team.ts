// The processes that train one network together; one process is a team of one.

import { cat, distributed, nn, type Tensor } from '@mien/torch';
import { TASKS } from '../labels/index.js';
import type { LabelTensors, TaskBatch } from './losses/index.js';

/** A module as a step uses it: its forward pass, and what is to be done between the backward pass and the optimiser. */
export interface Replica<M extends nn.Module> {
  forward(...inputs: Parameters<M['forward']>): ReturnType<M['forward']>;
  /** Afterwards every rank has the gradients of the whole batch. */
  reduceGradients(): void;
}

export interface Team {
  readonly rank: number;
  readonly size: number;
  /** Which of this machine's processes this is. */
  readonly localRank: number;
  /** What the objective of the whole batch is multiplied by before the backward pass. */
  readonly lossScale: number;
  /** Makes all ranks start from rank 0's weights. Normalisation then takes its statistics over all ranks. */
  join<M extends nn.Module>(module: M): Replica<M>;
  /** The batches of all ranks as one, gradients flowing into this rank's part. */
  whole(batches: TaskBatch[]): TaskBatch[];
  /** Whether any rank says so. */
  any(flag: boolean): boolean;
  /** Runs `body` on rank 0 alone; all get its result, which is plain data. */
  first<T>(body: () => Promise<T>): Promise<T>;
  /** Every rank's text, in their order. */
  collect(text: string): string[];
  leave(): void;
}

/** A process alone. */
const SOLO: Team = {
  rank: 0,
  size: 1,
  localRank: 0,
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

/** Tensors [n, …] side by side, so that one exchange carries them all; and how to take them apart again. */
function sideBySide() {
  const columns: Tensor[] = [];
  const takers: (() => void)[] = [];
  let width = 0;
  let whole: Tensor | undefined;
  return {
    /** @param take gets the rows of all ranks */
    add(tensor: Tensor, take: (tensor: Tensor) => void) {
      const start = width;
      const flat = tensor.ndim === 1 ? tensor.unsqueeze(1) : tensor;
      const size = flat.shape[1] as number;
      columns.push(flat.float());
      width += size;
      takers.push(() => {
        const part = (whole as Tensor).narrow(1, start, size);
        take(tensor.ndim === 1 ? part.squeeze(1) : part);
      });
    },
    exchange(gather: (tensor: Tensor) => Tensor) {
      whole = gather(cat(columns, 1));
      for (const take of takers) take();
    },
  };
}

/** A batch of which every tensor holds the rows of all ranks. */
function gathered(batch: TaskBatch, gather: (tensor: Tensor) => Tensor): TaskBatch {
  const labels: LabelTensors = {};
  const all: TaskBatch = { task: batch.task, logits: {}, labels, ...(batch.teacher && { teacher: {} }) };
  const pack = sideBySide();
  for (const task of TASKS) {
    for (const key of ['logits', 'teacher'] as const) {
      const tensor = batch[key]?.[task];
      const into = all[key];
      if (tensor !== undefined && into !== undefined)
        pack.add(tensor, (one) => {
          into[task] = one;
        });
    }
    const label = batch.labels[task];
    if (label === undefined) continue;
    const both = { target: label.target, known: label.known };
    labels[task] = both;
    for (const key of ['target', 'known'] as const)
      pack.add(label[key], (one) => {
        both[key] = one;
      });
  }
  if (batch.counts !== undefined)
    pack.add(batch.counts, (one) => {
      all.counts = one;
    });
  pack.exchange(gather);
  return all;
}

/** What rank 0's work came to. */
type Outcome<T> = { value: T } | { failure: string };

function teamWith(group: distributed.ProcessGroup): Team {
  const { rank, worldSize } = group;
  return {
    rank,
    size: worldSize,
    localRank: group.localRank,
    // Gradients are averaged over ranks; each has its part of the whole batch's, which are to be summed.
    lossScale: worldSize,
    join<M extends nn.Module>(module: M) {
      nn.convertSyncBatchNorm(module, { group });
      const parallel = new distributed.DistributedDataParallel(module, { group });
      return {
        forward: (...inputs: Parameters<M['forward']>) => parallel.forward(...inputs),
        reduceGradients: () => parallel.reduceGradients(),
      };
    },
    whole: (batches) =>
      batches.map((batch) => gathered(batch, (tensor) => distributed.allGatherWithGradient(tensor, group))),
    any: (flag) => group.allGatherObject(flag).some((one) => one),
    async first<T>(body: () => Promise<T>) {
      let outcome: Outcome<T> = { failure: '' };
      let error: unknown;
      if (rank === 0)
        try {
          outcome = { value: await body() };
        } catch (reason) {
          error = reason;
          outcome = { failure: reason instanceof Error ? reason.message : String(reason) };
        }
      const told = group.broadcastObject(outcome, 0); // also of a failure: the others would wait for ever
      if (error !== undefined) throw error;
      if ('failure' in told) throw new Error(`rank 0 failed: ${told.failure}`);
      return told.value;
    },
    collect: (text) => group.allGatherObject(text),
    leave: () => distributed.destroyProcessGroup(),
  };
}

/**
 * The processes that a launcher's environment names (`WORLD_SIZE` and others, as torchrun sets them), or this one alone.
 * @throws LaunchEnvironmentError, RendezvousError
 */
export function joinTeam(device: string): Team {
  if (Number(process.env.WORLD_SIZE ?? '1') <= 1) return SOLO;
  const backend = device.startsWith('cuda') ? 'nccl' : 'gloo';
  return teamWith(distributed.initProcessGroup({ backend }));
}
