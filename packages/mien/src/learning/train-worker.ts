// The thread that trains: the main thread stays free for progress and signals.

import { parentPort, workerData } from 'node:worker_threads';
import { type Device, setNumThreads } from '@mien/torch';
import { createLoaderPool } from '../loading/index.js';
import type { TrainingEvent } from './events.js';
import { Stopped, type Workplace } from './member-job.js';
import { drawMissingDemo } from './phase-data.js';
import type { Recipe } from './recipe-files.js';
import { runTraining, type Selection } from './run.js';
import { joinTeam } from './team.js';

export interface TrainingJob {
  folder: string;
  recipe: Recipe;
  selection: Selection;
  threads: number;
  device: string;
  /** Threads that load pictures. */
  loaders: number;
  /** [1] on shared memory: not 0 when training is to stop. */
  stop: Int32Array;
}

/** The worker's last word. */
export type TrainingEnd =
  | { kind: 'end' }
  | { kind: 'failed'; name: string; message: string; stack: string | undefined };

async function work(job: TrainingJob, emit: (event: TrainingEvent) => void): Promise<void> {
  const { folder, recipe, selection, threads, device, loaders, stop } = job;
  setNumThreads(threads);
  const team = joinTeam(device);
  const pool = createLoaderPool(loaders);
  const place: Workplace = {
    team,
    pool,
    device: device === 'cuda' ? `cuda:${team.localRank}` : (device as Device),
    emit: team.rank === 0 ? emit : () => {},
    stopRequested: () => Atomics.load(stop, 0) !== 0,
  };
  try {
    await team.first(async () => {
      for (const phase of recipe.phases)
        await drawMissingDemo(phase, (done, total) => emit({ kind: 'drawing', done, total }));
      return null;
    });
    await runTraining(folder, recipe, selection, place);
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    place.emit({ kind: 'stopped', checkpoint: error.checkpoint });
  } finally {
    await pool.close();
    team.leave();
  }
}

const port = parentPort;
if (port !== null) {
  const post = (message: TrainingEvent | TrainingEnd) => port.postMessage(message);
  work(workerData as TrainingJob, post).then(
    () => post({ kind: 'end' }),
    (error: Error) =>
      post({ kind: 'failed', name: error.name, message: error.message ?? String(error), stack: error.stack }),
  );
}
