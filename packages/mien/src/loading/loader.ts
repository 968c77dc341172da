// The loader: batches of transformed pictures, in a fixed order, filled ahead by other threads.

import type { BatchOrder } from '../sampling/index.js';
import { type BrokenImage, countBroken, type LoadingReport } from './broken.js';
import type { Windows } from './clips.js';
import type { FaceSource } from './face-source.js';
import { openImage } from './image-source.js';
import { createLoaderPool, type LoaderPool } from './loader-pool.js';
import { closeGaps, type Plan, planStep } from './plan.js';
import { TRANSFORM, type TransformInput } from './transform.js';

export interface LoaderOptions {
  /** Its rows name picture files or pictures in packs, or some of each. */
  manifest: FaceSource;
  /** What each step loads: rows, or windows when there are some. */
  order: BatchOrder;
  /** Makes each sample a window of frames, all changed alike. */
  windows?: Windows;
  transform: TransformInput;
  /** With the epoch, the step and the place in the batch it fixes what is drawn for a sample. Default 0. */
  seed?: number;
  epoch?: number;
  /** The first step to load, of a run that goes on. */
  start?: number;
  /** A pool that others use too, and its owner closes; or how many threads; default one for each core. */
  threads?: LoaderPool | number;
  /** Batches that are prepared while one is used: memory is bounded by one more. Default 2. */
  prefetch?: number;
  signal?: AbortSignal;
  /** Called once for each picture that does not open. Default: a line on stderr. */
  onBroken?: (broken: BrokenImage) => void;
}

export interface LoadedBatch {
  step: number;
  /** B: samples in it. Samples that do not open are left out, so it may be fewer than the order has, and even 0. */
  length: number;
  /** T: frames of a sample; 1 without windows. */
  frames: number;
  /** S */
  size: number;
  /** [B, T, 3, S, S] on shared memory, until the batch is released. */
  readonly images: Float32Array | Uint8Array;
  /** [B, T] rows of the manifest. */
  rows: Int32Array;
  /** [B, T] 1 where a frame counts: 0 for filled-up and already covered frames of a window, and for a broken one, which shows
   * the nearest frame that opened. */
  counts: Uint8Array;
  /** Gives the memory of `images` back. */
  release(): void;
}

export interface Loader extends AsyncIterableIterator<LoadedBatch, undefined> {
  report(): LoadingReport;
  /** Ends loading; batches that were not released stay as they are. Also done by leaving a `for await` loop. */
  close(): Promise<void>;
}

interface Buffer {
  memory: SharedArrayBuffer;
  images: Float32Array | Uint8Array;
  /** [1] behind the images. */
  next: Int32Array;
}

const logBroken = ({ path, reason }: BrokenImage) => console.error(`left out ${path}: ${reason}`);

/**
 * The same options give the same batches, whatever the number of threads; a picture that does not open is left out.
 *
 * @throws z.ZodError when the transform is not one. Iterating throws a DataError when a pack is damaged, a row is a frame of a
 * video, or more than 1 % of at least 100 pictures (or all) do not open; Error when every buffer is held by batches that were
 * not released; and the signal's reason
 */
export function createLoader(options: LoaderOptions): Loader {
  const { manifest, order, windows, seed = 0, epoch = 0, start = 0, threads, prefetch = 2, signal } = options;
  const { onBroken = logBroken } = options;
  signal?.throwIfAborted();
  const transform = TRANSFORM.parse(options.transform);
  const frames = windows?.frames ?? 1;
  const pictureSize = 3 * transform.size ** 2;
  const ownPool = typeof threads === 'object' ? undefined : createLoaderPool(threads);
  const pool = typeof threads === 'object' ? threads : (ownPool as LoaderPool);
  const stopped = new Int32Array(new SharedArrayBuffer(4));
  const isStopped = () => Atomics.load(stopped, 0) !== 0;
  const thread = pool.begin({ transform, frames, seed, epoch, stopped });
  const broken = countBroken(manifest.file, manifest.faces.length);
  const free: Buffer[] = [];
  const inFlight: { plan: Plan; buffer: Buffer; result: ReturnType<typeof thread.load> }[] = [];
  let buffers = 0;
  let nextStep = start;

  function takeBuffer(): Buffer {
    const buffer = free.pop();
    if (buffer !== undefined) return buffer;
    buffers++;
    const length = order.batchSize * frames * pictureSize;
    const bytes = transform.output === 'uint8' ? 4 * Math.ceil(length / 4) : 4 * length;
    const memory = pool.take(bytes + 4);
    const images =
      transform.output === 'uint8' ? new Uint8Array(memory, 0, length) : new Float32Array(memory, 0, length);
    return { memory, images, next: new Int32Array(memory, bytes, 1) };
  }

  function fillAhead(): void {
    while (nextStep < order.steps && (free.length > 0 || buffers <= prefetch)) {
      const plan = planStep(nextStep, manifest, order, windows);
      nextStep++;
      const buffer = takeBuffer();
      Atomics.store(buffer.next, 0, 0);
      const result = thread.load({
        step: plan.step,
        first: plan.first,
        paths: plan.paths,
        images: buffer.images,
        next: buffer.next,
      });
      result.catch(() => {}); // it is awaited when its turn comes; until then a failure must not end the process
      inFlight.push({ plan, buffer, result });
    }
  }

  /** Counts what did not open, and closes the gaps that it leaves. */
  function settle(
    plan: Plan,
    buffer: Buffer,
    missing: readonly { picture: number; reason: string }[],
  ): LoadedBatch {
    const reasons = new Map(missing.map(({ picture, reason }) => [picture, reason]));
    plan.rows.forEach((row, picture) => {
      const reason = reasons.get(picture);
      const one = reason === undefined ? undefined : { row, path: plan.paths[picture] as string, reason };
      if (broken.count(row, one) && one !== undefined) onBroken(one);
    });
    const length = closeGaps(plan, buffer.images, frames, pictureSize, new Set(reasons.keys()));
    const pictures = length * frames;
    const images = buffer.images.subarray(0, pictures * pictureSize);
    let released = false;
    return {
      step: plan.step,
      length,
      frames,
      size: transform.size,
      rows: plan.rows.subarray(0, pictures),
      counts: plan.counts.subarray(0, pictures),
      get images() {
        if (released)
          throw new Error(`the batch of step ${plan.step} was released: its memory holds another one`);
        return images;
      },
      release() {
        if (released) return;
        released = true;
        if (isStopped()) return pool.give(buffer.memory);
        free.push(buffer);
        fillAhead();
      },
    };
  }

  async function* batches(): AsyncGenerator<LoadedBatch, undefined> {
    try {
      for (let step = start; step < order.steps; step++) {
        signal?.throwIfAborted();
        if (isStopped()) return undefined;
        fillAhead();
        const head = inFlight[0];
        if (head === undefined)
          throw new Error(`all ${buffers} batches are held: release() each when it is used`);
        const { broken: missing, fatal } = await head.result;
        signal?.throwIfAborted();
        if (fatal !== undefined) {
          await openImage(fatal.path); // errors lose their class on the way between threads: meet this one here
          throw new Error(fatal.message);
        }
        if (isStopped()) return undefined;
        inFlight.shift();
        const batch = settle(head.plan, head.buffer, missing);
        broken.check(false);
        yield batch;
      }
      broken.check(true);
      return undefined;
    } finally {
      await close();
    }
  }

  let closing: Promise<void> | undefined;
  function close(): Promise<void> {
    closing ??= (async () => {
      Atomics.store(stopped, 0, 1);
      signal?.removeEventListener('abort', close);
      thread.end();
      await Promise.allSettled(inFlight.map(({ result }) => result));
      for (const { memory } of [...free, ...inFlight.map(({ buffer }) => buffer)]) pool.give(memory);
      free.length = 0;
      inFlight.length = 0;
      await ownPool?.close();
    })();
    return closing;
  }
  signal?.addEventListener('abort', close);

  const iterator = batches();
  const leave = iterator.return.bind(iterator);
  return Object.assign(iterator, {
    report: broken.report,
    close,
    // A generator that was never begun would end without its `finally`.
    return: async () => {
      await close();
      return leave(undefined);
    },
  });
}
