// Keeps a process from exiting while a thread of it is within ONNX Runtime, which would abort it: `process.exit()` ends threads
// where they are. What the thread and the process know of each other stands on shared memory.

/** Places of the shared memory: 1 while the thread is at work, and 1 when it is to begin nothing more. */
const BUSY = 0;
const LEAVING = 1;
/** Milliseconds that an exit waits for a thread's work. */
const PATIENCE = 5000;

export const createGuard = (): Int32Array => new Int32Array(new SharedArrayBuffer(8));

/** In the thread: does something that holds back the exit meanwhile. @throws Error when the process is exiting already */
export async function atWork<Result>(guard: Int32Array, work: () => Promise<Result>): Promise<Result> {
  Atomics.store(guard, BUSY, 1);
  try {
    if (Atomics.load(guard, LEAVING) !== 0) throw new Error('the process exits');
    return await work();
  } finally {
    Atomics.store(guard, BUSY, 0);
    Atomics.notify(guard, BUSY);
  }
}

const guards = new Set<Int32Array>();

function waitForThreads(): void {
  for (const guard of guards) Atomics.store(guard, LEAVING, 1);
  for (const guard of guards) Atomics.wait(guard, BUSY, 1, PATIENCE);
}

/** In the process: its exit waits for the thread's work. @returns to be called when the thread has ended */
export function guardExit(guard: Int32Array): () => void {
  if (guards.size === 0) process.on('exit', waitForThreads);
  guards.add(guard);
  return () => {
    guards.delete(guard);
    if (guards.size === 0) process.off('exit', waitForThreads);
  };
}
