// Loader threads that several loaders may share, as the three tasks of one training run do.

import { availableParallelism } from 'node:os';
import type { LoaderSettings, LoadReply, LoadRequest } from './load-worker.js';
import { startThreads } from './threads.js';

export type LoadJob = Omit<Extract<LoadRequest, { kind: 'load' }>, 'kind' | 'batch' | 'loader'>;
export type LoadResult = Pick<LoadReply, 'broken' | 'fatal'>;

export interface LoaderPool {
  /** @returns what fills batches by these settings */
  begin(settings: LoaderSettings): { load(job: LoadJob): Promise<LoadResult>; end(): void };
  /** Memory for a batch. It is used again and again, by later loaders too: threads that saw it let go of it late. */
  take(bytes: number): SharedArrayBuffer;
  /** Gives memory back that nobody uses. */
  give(memory: SharedArrayBuffer): void;
  /** Ends the threads, once they have done what they were given. */
  close(): Promise<void>;
}

interface Pending {
  /** Threads that have not replied. */
  left: number;
  result: LoadResult;
  resolve: (result: LoadResult) => void;
  reject: (error: Error) => void;
}

/** @param threads default: one for each core */
export function createLoaderPool(threads: number = availableParallelism()): LoaderPool {
  const team = startThreads<LoadRequest, LoadReply>(new URL('./load-worker.js', import.meta.url), threads);
  const pending = new Map<number, Pending>();
  const unused = new Map<number, SharedArrayBuffer[]>();
  let dead: Error | undefined;
  let loaders = 0;
  let batches = 0;
  team.onReply = ({ batch, broken, fatal }) => {
    const waiting = pending.get(batch);
    if (waiting === undefined) return;
    waiting.result.broken.push(...broken);
    if (fatal !== undefined) waiting.result.fatal = fatal;
    if (--waiting.left > 0) return;
    pending.delete(batch);
    waiting.resolve(waiting.result);
  };
  team.onDeath = (error) => {
    dead = error;
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
  };
  const postToAll = (request: LoadRequest) => {
    for (let thread = 0; thread < team.count; thread++) team.post(thread, request);
  };
  return {
    begin(settings) {
      const loader = loaders++;
      postToAll({ kind: 'begin', loader, settings });
      return {
        load: (job) =>
          new Promise((resolve, reject) => {
            if (dead !== undefined) return reject(dead);
            const batch = batches++;
            pending.set(batch, { left: team.count, result: { broken: [] }, resolve, reject });
            postToAll({ kind: 'load', loader, batch, ...job });
          }),
        end: () => postToAll({ kind: 'end', loader }),
      };
    },
    take: (bytes) => unused.get(bytes)?.pop() ?? new SharedArrayBuffer(bytes),
    give(memory) {
      const same = unused.get(memory.byteLength);
      if (same === undefined) unused.set(memory.byteLength, [memory]);
      else same.push(memory);
    },
    close: () => team.close(),
  };
}
