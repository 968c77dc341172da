// This side of the thread that finds faces: any number of videos and pictures at a time.

import { Worker } from 'node:worker_threads';
import type { RgbImage } from '../../images/index.js';
import { createGuard, guardExit } from './exit-guard.js';
import type { FaceReply, FaceRequest, FaceWorkerData } from './face-worker.js';
import type { FaceChoice } from './types.js';
import type { LocatedPicture, VideoFacesOptions } from './video-faces.js';

/** The faces of one video's frames, given in their order. */
export interface VideoLocator {
  /** The picture's memory is away until its faces are known, which may be when later ones were given, or at the end. */
  locate(picture: RgbImage): Promise<LocatedPicture>;
  /** No more pictures will come. */
  end(): void;
  /** Nothing more is wanted. */
  drop(): void;
}

export interface FaceThread {
  openVideo(options: VideoFacesOptions): VideoLocator;
  /** The faces of one picture, from the largest down. The picture's memory is away until they are known. */
  locate(picture: RgbImage, choice: FaceChoice): Promise<LocatedPicture>;
  /** What is still asked for fails. Resolves when the thread has ended. */
  close(): Promise<void>;
}

interface Pending {
  resolve(located: LocatedPicture): void;
  reject(error: unknown): void;
}

/** The picture in memory of its own, which can be handed over. */
function movable({ width, height, data }: RgbImage): RgbImage & { data: Uint8Array<ArrayBuffer> } {
  const { buffer, byteLength } = data;
  const own = buffer instanceof ArrayBuffer && buffer.byteLength === byteLength;
  return { width, height, data: own ? (data as Uint8Array<ArrayBuffer>) : new Uint8Array(data) };
}

export function startFaceThread(data: Omit<FaceWorkerData, 'guard'>): FaceThread {
  const guard = createGuard();
  const worker = new Worker(new URL('./face-worker.js', import.meta.url), {
    workerData: { ...data, guard } satisfies FaceWorkerData,
    execArgv: [], // those of the program may not suit a thread: --input-type
  });
  /** Of each video or picture what waits, in the order in which it was asked. */
  const pending = new Map<number, Pending[]>();
  let next = 0;
  /** Requests that the thread has not answered. */
  let asked = 0;
  let dead: { error: unknown } | undefined;
  let closing = false;
  const failAll = (error: unknown) => {
    dead ??= { error };
    for (const waiting of pending.values()) for (const { reject } of waiting.splice(0)) reject(error);
  };
  /**
   * A process ends though a reader was not closed, but not while something is waited for, nor while the thread is at
   * work, which would abort it.
   */
  const rest = () => {
    const waits = [...pending.values()].some(({ length }) => length > 0);
    if (asked === 0 && !waits && !closing) worker.unref();
  };
  const unguard = guardExit(guard);
  const exit = new Promise<void>((resolve) => {
    worker.on('exit', (code) => {
      unguard();
      failAll(
        new Error(closing ? 'the reader was closed' : `the thread that finds faces ended with ${code}`),
      );
      resolve();
    });
  });
  worker.on('error', failAll);
  worker.on('message', (reply: FaceReply) => {
    asked--;
    const waiting = pending.get(reply.video) ?? [];
    if ('error' in reply) for (const { reject } of waiting.splice(0)) reject(reply.error);
    else for (const located of reply.located) waiting.shift()?.resolve(located);
    rest();
  });
  rest();

  function post(request: FaceRequest, memory: ArrayBuffer[] = []): void {
    asked++;
    worker.ref();
    worker.postMessage(request, memory);
  }
  function ask(video: number, request: (picture: RgbImage) => FaceRequest, picture: RgbImage) {
    return new Promise<LocatedPicture>((resolve, reject) => {
      if (dead !== undefined) return reject(dead.error);
      const waiting = pending.get(video) ?? [];
      pending.set(video, waiting);
      waiting.push({ resolve, reject });
      const own = movable(picture);
      post(request(own), [own.data.buffer]);
    });
  }
  return {
    openVideo(options) {
      const video = next++;
      pending.set(video, []);
      post({ kind: 'begin', video, options });
      return {
        locate: (picture) => ask(video, (own) => ({ kind: 'frame', video, picture: own }), picture),
        end: () => post({ kind: 'end', video }),
        drop() {
          post({ kind: 'drop', video });
          pending.delete(video);
          rest();
        },
      };
    },
    locate(picture, choice) {
      const video = next++;
      const located = ask(video, (own) => ({ kind: 'picture', video, picture: own, choice }), picture);
      return located.finally(() => pending.delete(video));
    },
    async close() {
      closing = true;
      worker.ref();
      worker.postMessage({ kind: 'close' } satisfies FaceRequest);
      await exit;
    },
  };
}
