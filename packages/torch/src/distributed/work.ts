// Waiting for operations that run on a group's own thread.
import type { Handle } from '../native.js';
import { tapeOf } from '../tape.js';
import { CollectiveError, type DistributedError, type Place, RendezvousError, reasonOf } from './errors.js';
import { type Job, native } from './native.js';

/** Between slices JavaScript can be interrupted, by `worker.terminate()` for one. */
const SLICE_MS = 100;
/** How much longer than its time-out an operation may take: libtorch's own error tells more than ours. */
const GRACE_MS = 1000;

/** @internal The group that an operation belongs to. */
export interface WorkPlace extends Omit<Place, 'operation'> {
  readonly handle: Handle;
}

/** @internal What became of a native operation. */
type Outcome<T> = { value: T } | { error: DistributedError };

const net = new FinalizationRegistry<Job>((job) => native.c10dForget(job));

/** An operation under way. Its tensors must not be used until `wait` has returned. */
export class Work<T> {
  readonly #place: WorkPlace;
  readonly #operation: string;
  readonly #job: Job;
  readonly #result: (outputs: Handle[]) => T;
  #outcome: Outcome<T> | undefined;

  /** @internal Operations of `ProcessGroup` return it. */
  constructor(place: WorkPlace, operation: string, job: Job, result: (outputs: Handle[]) => T) {
    this.#place = place;
    this.#operation = operation;
    this.#job = job;
    this.#result = result;
    net.register(this, job, this);
  }

  /** Whether it has ended, well or not. */
  get isCompleted(): boolean {
    return this.#outcome !== undefined || this.#poll(0);
  }

  /**
   * Blocks this thread until the operation has ended.
   * @param timeoutMs waits no longer than this, and leaves the operation under way. Default: until it ends, which it does
   * within the group's time-out
   * @returns the operation's result; the same one when it is called again
   * @throws CollectiveError if the operation failed, or the wait took too long
   */
  wait(timeoutMs: number = Number.POSITIVE_INFINITY): T {
    const start = performance.now();
    for (;;) {
      const left = timeoutMs - (performance.now() - start);
      if (this.#outcome !== undefined || this.#poll(Math.min(SLICE_MS, Math.max(0, Math.ceil(left))))) break;
      if (left <= 0) throw this.#error(`it had not ended after ${timeoutMs} ms of waiting`, true);
      this.#giveUpIfStuck();
    }
    const outcome = this.#outcome as Outcome<T>;
    if ('error' in outcome) throw outcome.error;
    return outcome.value;
  }

  /** Looks for an outcome for up to `milliseconds`. */
  #poll(milliseconds: number): boolean {
    try {
      if (!native.c10dWait(this.#job, milliseconds)) return false;
      const count = native.c10dTake(this.#job);
      this.#outcome = { value: this.#result(Array.from(tapeOf().subarray(0, count)) as Handle[]) };
    } catch (error) {
      this.#outcome = { error: this.#translate(error as Error & { missing?: number[] }) };
    }
    net.unregister(this);
    return true;
  }

  /** libtorch ends every operation in time, as far as is known. Where it doesn't, this does. */
  #giveUpIfStuck(): void {
    const { handle, timeoutMs } = this.#place;
    const running = native.c10dRunningFor(handle);
    if (running <= timeoutMs + GRACE_MS) return;
    const error = this.#error('the peers did not do their part in time', true);
    native.c10dGiveUp(handle, error.reason);
    native.c10dForget(this.#job);
    net.unregister(this);
    this.#outcome = { error };
  }

  #translate({ message, missing = [] }: Error & { missing?: number[] }): DistributedError {
    const { reason, timedOut } = reasonOf(message);
    return this.#error(reason, missing.length > 0 || timedOut, missing);
  }

  #error(reason: string, timedOut: boolean, missing: readonly number[] = []): DistributedError {
    const place = this.#fullPlace();
    return this.#operation === MEETING
      ? new RendezvousError(place, reason, timedOut, missing)
      : new CollectiveError(place, reason, timedOut);
  }

  #fullPlace(): Place {
    const { rank, worldSize, timeoutMs } = this.#place;
    return { rank, worldSize, timeoutMs, operation: this.#operation };
  }
}

/** @internal Name of the operation by which a group comes to be. */
export const MEETING = 'meeting the other processes';
