// A team of worker threads with one script. Errors in a thread end the team.

import { Worker } from 'node:worker_threads';

export interface Threads<Request, Reply> {
  readonly count: number;
  post(thread: number, request: Request): void;
  /** Lets every thread finish what it was sent, then ends it. */
  close(): Promise<void>;
  onReply: (reply: Reply, thread: number) => void;
  /** A thread has died; nothing more will come. */
  onDeath: (error: Error) => void;
}

/** What a thread is sent last. */
export const CLOSE = 'close';

export function startThreads<Request, Reply>(script: URL, count: number): Threads<Request, Reply> {
  let closing = false;
  const threads: Threads<Request, Reply> = {
    count,
    post: (thread, request) => workers[thread]?.postMessage(request),
    async close() {
      closing = true;
      for (const worker of workers) worker.postMessage(CLOSE);
      await Promise.all(exits);
    },
    onReply: () => {},
    onDeath: () => {},
  };
  const workers = Array.from({ length: count }, (_, thread) => {
    const worker = new Worker(script);
    worker.on('message', (reply: Reply) => threads.onReply(reply, thread));
    worker.on('error', (error) => threads.onDeath(error));
    return worker;
  });
  const exits = workers.map(
    (worker) =>
      new Promise<void>((resolve) => {
        worker.on('exit', (code) => {
          if (!closing) threads.onDeath(new Error(`a loader thread ended with ${code}`));
          resolve();
        });
      }),
  );
  return threads;
}
