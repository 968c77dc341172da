// A loader thread: fills batches with pictures. All threads are sent every batch and take its pictures one by one from a
// shared counter, so that none waits for another and the loader's own thread need not deal them out.

import { parentPort } from 'node:worker_threads';
import { Random } from '../random/index.js';
import { isFatal, openImage, reasonOf } from './image-source.js';
import { CLOSE } from './threads.js';
import { createTransform, type Transform, type TransformSpec } from './transform.js';

/** What a loader has its pictures done with. */
export interface LoaderSettings {
  transform: TransformSpec;
  /** Frames of a sample. */
  frames: number;
  seed: number;
  epoch: number;
  /** [1] on shared memory: not 0 when the loader is closed and its batches may be left unfilled. */
  stopped: Int32Array;
}

export type LoadRequest =
  | { kind: 'begin'; loader: number; settings: LoaderSettings }
  | { kind: 'end'; loader: number }
  | {
      kind: 'load';
      loader: number;
      batch: number;
      step: number;
      /** Place of the first sample in the batch of all ranks. */
      first: number;
      /** Sample by sample, `frames` of each. */
      paths: readonly string[];
      /** [paths, 3, size, size] on shared memory. */
      images: Float32Array | Uint8Array;
      /** [1] on shared memory: the next picture to take. */
      next: Int32Array;
    };

/** This thread finds no more pictures to take. */
export interface LoadReply {
  batch: number;
  broken: { picture: number; reason: string }[];
  /** The path at which something was wrong that makes the whole source unusable. */
  fatal?: { path: string; message: string };
}

interface Loader extends LoaderSettings {
  apply: Transform;
}

const loaders = new Map<number, Loader>();
const port = parentPort;

async function load(request: Extract<LoadRequest, { kind: 'load' }>): Promise<LoadReply> {
  const { batch, step, first, paths, images, next } = request;
  const reply: LoadReply = { batch, broken: [] };
  const loader = loaders.get(request.loader);
  if (loader === undefined) return reply;
  const { apply, frames, seed, epoch, stopped, transform } = loader;
  const size = 3 * transform.size ** 2;
  for (;;) {
    const picture = Atomics.add(next, 0, 1);
    const path = paths[picture];
    if (path === undefined || Atomics.load(stopped, 0) !== 0) return reply;
    try {
      const opened = openImage(path);
      const image = opened instanceof Promise ? await opened : opened;
      // Frames of one sample draw from equal states, so they get the same change.
      const random = Random.keyed(seed, epoch, step, first + Math.floor(picture / frames));
      apply(image, random, images, picture * size);
    } catch (error) {
      if (isFatal(error)) return { ...reply, fatal: { path, message: error.message } };
      reply.broken.push({ picture, reason: reasonOf(error) });
    }
  }
}

async function serve(request: LoadRequest | typeof CLOSE): Promise<void> {
  if (request === CLOSE) port?.close();
  else if (request.kind === 'begin')
    loaders.set(request.loader, { ...request.settings, apply: createTransform(request.settings.transform) });
  else if (request.kind === 'end') loaders.delete(request.loader);
  else port?.postMessage(await load(request));
}

let served = Promise.resolve();
port?.on('message', (request: LoadRequest | typeof CLOSE) => {
  served = served.then(() => serve(request));
});
