// The steps of an epoch: one batch of pictures with labels for each task, loaded ahead by other threads.

import type { Task } from '../labels/index.js';
import {
  type BrokenImage,
  createLoader,
  type LabelBatch,
  type LoadedBatch,
  type LoaderPool,
  type TransformInput,
} from '../loading/index.js';
import { Random } from '../random/index.js';
import type { EpochPlan } from '../sampling/index.js';
import type { TaskData } from './task-data.js';

export interface LabelledBatch {
  task: Task;
  pictures: LoadedBatch;
  /** Of every frame. */
  labels: LabelBatch;
}

export interface LoadedStep {
  /** From 0, within the epoch. */
  step: number;
  batches: readonly LabelledBatch[];
  /** Seconds that were spent waiting for them. */
  waited: number;
  /** Gives the pictures' memory back. */
  release(): void;
}

export interface StepOptions {
  data: readonly TaskData[];
  plan: EpochPlan;
  epoch: number;
  /** The first step wanted. */
  start: number;
  transform: TransformInput;
  /** Of augmentation. */
  seed: number;
  pool: LoaderPool;
  onBroken(broken: BrokenImage): void;
}

export async function* loadSteps(options: StepOptions): AsyncGenerator<LoadedStep, void> {
  const { data, plan, epoch, start, transform, seed, pool, onBroken } = options;
  const loaders = data.map(({ task, manifest, windows }, i) =>
    createLoader({
      manifest,
      ...(windows && { windows }),
      order: plan.order(epoch, task),
      transform,
      seed: Random.keyed(seed, i).uint32(),
      epoch,
      start,
      threads: pool,
      onBroken,
    }),
  );
  try {
    for (let step = start; step < plan.stepsPerEpoch; step++) {
      const asked = performance.now();
      const loaded = await Promise.all(loaders.map((loader) => loader.next()));
      const waited = (performance.now() - asked) / 1000;
      const batches = loaded.flatMap(({ value }, i): LabelledBatch[] => {
        const { task, labelsOf } = data[i] as TaskData;
        return value === undefined ? [] : [{ task, pictures: value, labels: labelsOf(value.rows) }];
      });
      const release = () => {
        for (const { pictures } of batches) pictures.release();
      };
      yield { step, batches, waited, release };
    }
  } finally {
    await Promise.all(loaders.map((loader) => loader.close()));
  }
}
