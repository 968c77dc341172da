// Training, as programs start it: in a thread of its own, with events to follow and a way to stop.

import { availableParallelism, cpus, hostname, totalmem } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { torchInfo } from '@mien/torch';
import { version } from '../version.js';
import type { TrainingEvent } from './events.js';
import type { Recipe } from './recipe-files.js';
import type { Selection } from './run.js';
import { createRun, ENVIRONMENT_FILE, openRun, readJson } from './run-folder.js';
import type { TrainingEnd, TrainingJob } from './train-worker.js';

/** Who trains, of several processes. */
export interface Launch {
  rank: number;
  size: number;
}

/** What torchrun, or `mien train --nproc`, tells a process. */
const launchOf = ({ RANK = '0', WORLD_SIZE = '1' } = process.env): Launch => ({
  rank: Number(RANK),
  size: Number(WORLD_SIZE),
});

export interface TrainOptions extends Selection {
  /** Of the run: a new one, or with `resume` one that was begun. */
  folder: string;
  /** Of a new run. */
  recipe?: Recipe;
  /** Default: the environment's. */
  launch?: Launch;
  onEvent?: (event: TrainingEvent) => void;
  /** Saves and stops. */
  signal?: AbortSignal;
}

/** What a run is trained with; the same on every resumption, since results depend on it. */
interface Environment {
  mien: string;
  node: string;
  libtorch: string;
  device: string;
  /** Cores of one operator. */
  threads: number;
  processes: number;
  processor: string | undefined;
  cores: number;
  memoryGB: number;
  host: string;
}

function deviceOf(wanted: string): string {
  const { cuda } = torchInfo();
  if (wanted === 'auto') return cuda ? 'cuda' : 'cpu';
  if (wanted.startsWith('cuda') && !cuda)
    throw new Error(`device ${wanted}: this libtorch has no CUDA; expected cpu or auto`);
  return wanted;
}

function environmentOf({ phases: [first] }: Recipe, size: number): Environment {
  const cores = availableParallelism();
  return {
    mien: version,
    node: process.versions.node,
    libtorch: torchInfo().version,
    device: deviceOf(first?.device ?? 'auto'),
    threads: first?.threads ?? Math.max(1, Math.floor(cores / size)),
    processes: size,
    processor: cpus()[0]?.model,
    cores,
    memoryGB: Math.round(totalmem() / 1e9),
    host: hostname(),
  };
}

/** Loading takes a small part of the time: more threads than this only wait. */
const MOST_LOADERS = 8;

/**
 * Trains a run to its end, or goes on with one that was stopped or killed: it ends with the same weights, bit for bit, as if it
 * had not been, on the same machine and with as many processes.
 * @returns whether it came to its end; false: it was asked to stop and saved what there is
 * @throws Error that names file and reason; the run can be resumed
 */
export async function train(options: TrainOptions): Promise<boolean> {
  const { folder, launch = launchOf(), onEvent = () => {}, signal } = options;
  const { phases, stage, students, teacher } = options;
  const { recipe, environment } = await prepare(options, launch);
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const job: TrainingJob = {
    folder,
    recipe,
    selection: { phases, stage, students, teacher },
    threads: environment.threads,
    device: environment.device,
    loaders: Math.min(MOST_LOADERS, Math.max(1, Math.floor(environment.cores / launch.size))),
    stop,
  };
  const worker = new Worker(new URL('./train-worker.js', import.meta.url), { workerData: job });
  const onAbort = () => void Atomics.store(stop, 0, 1);
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  let stopped = false;
  try {
    await new Promise<void>((resolve, reject) => {
      worker.on('message', (message: TrainingEvent | TrainingEnd) => {
        if (message.kind === 'end') resolve();
        else if (message.kind === 'failed')
          reject(Object.assign(new Error(message.message), { name: message.name, stack: message.stack }));
        else {
          if (message.kind === 'stopped') stopped = true;
          onEvent(message);
        }
      });
      worker.on('error', reject);
      worker.on('exit', (code) => reject(new Error(`the training thread ended with code ${code}`)));
    });
  } finally {
    signal?.removeEventListener('abort', onAbort);
    await worker.terminate();
  }
  return !stopped;
}

/** A new run's folder is made by rank 0; the others, and whoever resumes, read it. */
async function prepare({ folder, recipe }: TrainOptions, { rank, size }: Launch) {
  if (recipe !== undefined) {
    const environment = environmentOf(recipe, size);
    if (rank === 0) createRun(folder, recipe, { ...environment });
    return { recipe, environment };
  }
  const resumed = await openRun(folder);
  const known = await readJson<Environment>(join(folder, ENVIRONMENT_FILE));
  return { recipe: resumed, environment: known ?? environmentOf(resumed, size) };
}
