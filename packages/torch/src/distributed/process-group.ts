// Several processes that work on the same thing, each on its part of the data.
import { randomUUID } from 'node:crypto';
import { deserialize, serialize } from 'node:v8';
import { fromBytes } from '../creation.js';
import type { Handle } from '../native.js';
import { tidy } from '../scope.js';
import { tapeOf } from '../tape.js';
import { Tensor } from '../tensor.js';
import { readBytes } from '../typed-arrays.js';
import {
  agentStoreAttempt,
  glooInterfaces,
  type LaunchSettings,
  readLaunchEnvironment,
} from './environment.js';
import { native } from './native.js';
import { MEETING, Work, type WorkPlace } from './work.js';

/** How the ranks' values become one; `avg` is for floating-point tensors. */
export type ReduceOp = 'sum' | 'avg' | 'product' | 'min' | 'max';

/** Gloo works between CPUs (tensors on other devices are copied there and back), NCCL between GPUs. */
export type Backend = 'gloo' | 'nccl';

/** How a process group is made. What is left out of `LaunchSettings` comes from the environment that torchrun sets. */
export interface ProcessGroupOptions extends Partial<LaunchSettings> {
  /** Default: `gloo`. */
  backend?: Backend;
  /** The longest that meeting the others, or one operation, may take, in milliseconds. Default: 10 minutes. */
  timeoutMs?: number;
  /**
   * Before each operation, compare what the ranks ask for: a mistake is then an error on every rank. Without it, ranks
   * that ask for different things get wrong values or are ended by Gloo. It costs one small message. Default: true.
   */
  verify?: boolean;
}

export interface AllReduceOptions {
  /** Default: `sum`. */
  op?: ReduceOp;
  /** Return at once, with a `Work` to wait for. */
  async?: boolean;
}

const DEFAULT_TIMEOUT_MS = 600_000;
/** How long `destroy` waits for an operation that is still under way. */
const CLOSE_MS = 5000;
const CLOSE_SLICE_MS = 100;

/** Tells this thread of this process from all others that come to the same store. */
const INSTANCE = randomUUID();
let opened = 0;

/**
 * Processes that exchange tensors. All of them must call the same operations in the same order; each call blocks the
 * calling thread until it is done. When one process fails, the others get a `CollectiveError` within the time-out.
 */
export class ProcessGroup implements Disposable {
  readonly backend: Backend;
  /** Which of the processes this is: 0 … worldSize − 1. */
  readonly rank: number;
  readonly worldSize: number;
  /** Which of this machine's processes this is. */
  readonly localRank: number;
  readonly timeoutMs: number;
  readonly #verify: boolean;
  #handle: Handle;

  /**
   * Meets the other processes.
   * @throws LaunchEnvironmentError for settings that neither the options nor the environment holds
   * @throws RendezvousError if they do not all come within the time-out, with the ranks that are missing
   */
  constructor(options: ProcessGroupOptions = {}) {
    const { backend = 'gloo', timeoutMs = DEFAULT_TIMEOUT_MS, verify = true, ...given } = options;
    const settings = readLaunchEnvironment(given);
    checkSettings(settings, backend, timeoutMs);
    const { rank, worldSize, localRank, masterAddr, masterPort } = settings;
    this.backend = backend;
    this.rank = rank;
    this.worldSize = worldSize;
    this.localRank = localRank;
    this.timeoutMs = timeoutMs;
    this.#verify = verify;
    opened++;
    const attempt = agentStoreAttempt();
    const [handle, job] = native.c10dOpen({
      backend,
      host: masterAddr,
      port: masterPort,
      serve: rank === 0 && attempt === undefined,
      rank,
      size: worldSize,
      localRank,
      timeoutMs,
      verify,
      // The agent's store outlives a group, so that the groups of one process need keys of their own there.
      prefix: attempt === undefined ? 'mien' : `worker/attempt_${attempt}/mien/${opened}`,
      instance: INSTANCE,
      name: `${INSTANCE}/${opened}`,
      interfaces: glooInterfaces(),
    });
    this.#handle = handle;
    try {
      this.#work(MEETING, job, () => undefined).wait();
    } catch (error) {
      this.destroy();
      throw error;
    }
  }

  /** Whether it was destroyed. */
  get isDestroyed(): boolean {
    return this.#handle === 0;
  }

  /** @internal */
  get _handle(): Handle {
    return this.#live();
  }

  /**
   * Replaces the values of `tensor` by those of all ranks together, the same on every rank to the last bit. float16 and
   * bfloat16 are summed in float32.
   * @param tensor same shape and dtype on every rank; any strides
   * @returns the same tensor, or with `async` the work to wait for
   * @throws CollectiveError
   */
  allReduce(tensor: Tensor, options?: AllReduceOptions & { async?: false }): Tensor;
  allReduce(tensor: Tensor, options: AllReduceOptions & { async: true }): Work<Tensor>;
  allReduce(tensor: Tensor, { op = 'sum', async = false }: AllReduceOptions = {}): Tensor | Work<Tensor> {
    const work = this._allReduce(tensor, op, `allReduce(${op}) of ${describe(tensor)}`);
    return async ? work : work.wait();
  }

  /** @internal With what the ranks compare first; '' skips that, for parts of something that was compared. */
  _allReduce(tensor: Tensor, op: ReduceOp, description: string): Work<Tensor> {
    const job = native.c10dAllReduce(this.#live(), this.#checked(description), tensor._handle, op);
    return this.#work(description || `allReduce(${op})`, job, () => tensor);
  }

  /**
   * Replaces the values of the tensors by those of rank `src`. Many small tensors are sent together.
   * @param tensors same shapes and dtypes on every rank; any strides
   * @returns what was passed
   * @throws CollectiveError
   */
  broadcast<T extends Tensor | readonly Tensor[]>(tensors: T, src = 0): T {
    const list: readonly Tensor[] = tensors instanceof Tensor ? [tensors] : tensors;
    this.#checkRank(src);
    const what = list.map(describe).join(', ');
    const operation = `broadcast from rank ${src} of ${list.length === 1 ? what : `${list.length} tensors`}`;
    const tape = tapeOf(list.length);
    list.forEach((tensor, i) => {
      tape[i] = tensor._handle;
    });
    const description = this.#checked(`broadcast from rank ${src} of ${what}`);
    const job = native.c10dBroadcast(this.#live(), description, src, list.length);
    return this.#work(operation, job, () => tensors).wait();
  }

  /**
   * The tensors of all ranks, in the order of ranks.
   * @param tensor same shape and dtype on every rank; any strides
   * @throws CollectiveError
   */
  allGather(tensor: Tensor): Tensor[] {
    return this._allGather(tensor, `allGather of ${describe(tensor)}`);
  }

  /** @internal Under the name of what it is a part of. */
  _allGather(tensor: Tensor, operation: string): Tensor[] {
    const job = native.c10dAllGather(this.#live(), this.#checked(operation), tensor._handle);
    return this.#work(operation, job, (outputs) => outputs.map((handle) => new Tensor(handle))).wait();
  }

  /**
   * This rank's part of the ranks' tensors together.
   * @param tensor [worldSize · n, …], same shape and dtype on every rank
   * @returns [n, …]: rows rank · n … (rank + 1) · n − 1 of what `allReduce` gives
   * @throws CollectiveError
   */
  reduceScatter(tensor: Tensor, { op = 'sum' }: { op?: ReduceOp } = {}): Tensor {
    const operation = `reduceScatter(${op}) of ${describe(tensor)}`;
    const description = this.#checked(operation);
    const job = native.c10dReduceScatter(this.#live(), description, tensor._handle, op, this.worldSize);
    return this.#work(operation, job, ([handle]) => new Tensor(handle as Handle)).wait();
  }

  /**
   * Waits until every rank is here.
   * @throws CollectiveError
   */
  barrier(): void {
    this.#work('barrier', native.c10dBarrier(this.#live(), 'barrier'), () => undefined).wait();
  }

  /**
   * Gives `tensor` to rank `dst`, and returns when it has arrived.
   * @param tag which message this is, where several are under way between two ranks; < 2^20
   * @throws CollectiveError, also on the other side if that expects another shape or dtype
   */
  send(tensor: Tensor, dst: number, tag = 0): void {
    this.#checkPeer(dst, tag);
    const operation = `send to rank ${dst} of ${describe(tensor)}`;
    const job = native.c10dSend(this.#live(), describe(tensor), tensor._handle, dst, tag);
    this.#work(operation, job, () => undefined).wait();
  }

  /**
   * Replaces the values of `tensor` by what rank `src` sends.
   * @throws CollectiveError, also on the other side if that sends another shape or dtype
   */
  receive(tensor: Tensor, src: number, tag = 0): Tensor {
    this.#checkPeer(src, tag);
    const operation = `receive from rank ${src} of ${describe(tensor)}`;
    const job = native.c10dReceive(this.#live(), describe(tensor), tensor._handle, src, tag);
    return this.#work(operation, job, () => tensor).wait();
  }

  /**
   * The value that rank `src` passes: numbers (NaN too), strings, arrays, objects, maps, typed arrays, as
   * `structuredClone` copies them. Other ranks' values are not looked at.
   * @throws CollectiveError
   */
  broadcastObject<T>(value: T, src = 0): T {
    const mine = this.rank === src ? serialize(value) : new Uint8Array(0);
    return tidy(() => {
      const length = this.broadcast(sizeTensor(mine.length), src).item();
      const bytes = this.rank === src ? mine : new Uint8Array(length);
      const received = readBytes(this.broadcast(fromBytes(bytes, 'uint8', [length]), src));
      return this.rank === src ? value : (deserialize(received) as T);
    });
  }

  /**
   * The values of all ranks, in the order of ranks; see `broadcastObject` for what they may be.
   * @throws CollectiveError
   */
  allGatherObject<T>(value: T): T[] {
    const mine = serialize(value);
    return tidy(() => {
      const lengths = this.allGather(sizeTensor(mine.length)).map((length) => length.item());
      const longest = Math.max(...lengths);
      const padded = new Uint8Array(longest);
      padded.set(mine);
      const all = this.allGather(fromBytes(padded, 'uint8', [longest]));
      return all.map((bytes, rank) => deserialize(readBytes(bytes).subarray(0, lengths[rank])) as T);
    });
  }

  /**
   * Leaves the group. Operations that are under way are waited for, a few seconds at most, and others fail. The other
   * ranks get errors if they go on.
   */
  destroy(): void {
    if (this.#handle === 0) return;
    const handle = this.#handle;
    this.#handle = 0;
    const start = performance.now();
    while (!native.c10dClose(handle, CLOSE_SLICE_MS)) {
      // An operation that was given up, or takes long: the group's thread ends by itself, after it.
      const stuck = native.c10dRunningFor(handle) > this.timeoutMs;
      if (stuck || performance.now() - start > CLOSE_MS) return;
    }
  }

  [Symbol.dispose](): void {
    this.destroy();
  }

  #live(): Handle {
    if (this.#handle === 0) throw new Error('the process group was destroyed');
    return this.#handle;
  }

  #work<T>(operation: string, job: number, result: (outputs: Handle[]) => T): Work<T> {
    const { rank, worldSize, timeoutMs } = this;
    const place: WorkPlace = { rank, worldSize, timeoutMs, handle: this.#live() };
    return new Work(place, operation, job, result);
  }

  #checked(description: string): string {
    return this.#verify ? description : '';
  }

  #checkRank(rank: number): void {
    if (Number.isInteger(rank) && rank >= 0 && rank < this.worldSize) return;
    throw new RangeError(`expected a rank from 0 to ${this.worldSize - 1}, found ${rank}`);
  }

  #checkPeer(rank: number, tag: number): void {
    this.#checkRank(rank);
    if (rank === this.rank) throw new RangeError(`rank ${rank} cannot exchange messages with itself`);
    if (!Number.isInteger(tag) || tag < 0 || tag >= MAX_TAG) {
      throw new RangeError(`expected a tag from 0 to ${MAX_TAG - 1}, found ${tag}`);
    }
  }
}

const MAX_TAG = 1 << 20;

function describe(tensor: Tensor): string {
  return `${tensor.dtype}[${tensor.shape.join(', ')}]`;
}

function sizeTensor(length: number): Tensor {
  return fromBytes(new Uint8Array(BigInt64Array.of(BigInt(length)).buffer), 'int64', [1]);
}

function checkSettings(
  { rank, worldSize, masterPort }: LaunchSettings,
  backend: string,
  timeoutMs: number,
): void {
  const integer = (name: string, value: number, low: number, high: number) => {
    if (Number.isInteger(value) && value >= low && value <= high) return;
    throw new RangeError(`${name}: expected an integer from ${low} to ${high}, found ${value}`);
  };
  if (backend !== 'gloo' && backend !== 'nccl') {
    throw new RangeError(`backend: expected gloo or nccl, found '${backend}'`);
  }
  integer('worldSize', worldSize, 1, 1 << 20);
  integer('rank', rank, 0, worldSize - 1);
  integer('masterPort', masterPort, worldSize === 1 ? 0 : 1, 65535);
  integer('timeoutMs', timeoutMs, 1, 2 ** 31 - 1);
}
