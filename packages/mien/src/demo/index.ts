// A first training that needs no data set: what `mien start` shows on a machine that has just been set up.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { MouthJob, MouthProgress } from './train-mouths.js';

export type { MouthJob, MouthProgress } from './train-mouths.js';

/** Trains in a worker thread, so that this one stays free, and calls `report` after each epoch. */
export async function runMouthDemo(job: MouthJob, report: (progress: MouthProgress) => void): Promise<void> {
  const worker = new Worker(new URL('train-mouths.js', import.meta.url), { workerData: job });
  worker.on('message', report);
  await once(worker, 'exit');
}
