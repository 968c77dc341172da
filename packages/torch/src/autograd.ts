// Gradients of several outputs at once, and the modes under which operators are recorded.
import { CollectiveError, type Place, reasonOf } from './distributed/errors.js';
import { TorchError } from './errors.js';
import type { Handle } from './native.js';
import { native } from './native.js';
import { TAG, tapeOf } from './tape.js';
import { type BackwardOptions, Tensor } from './tensor.js';

/** Puts lists of tensors onto the tape. */
function writeLists(...lists: readonly (readonly (Tensor | null)[])[]): void {
  const tape = tapeOf(lists.reduce((length, list) => length + 2 + 2 * list.length, 0));
  let at = 0;
  for (const list of lists) {
    tape[at++] = TAG.list;
    tape[at++] = list.length;
    for (const tensor of list) {
      if (tensor === null) {
        tape[at++] = TAG.null;
      } else {
        tape[at++] = TAG.tensor;
        tape[at++] = tensor._handle;
      }
    }
  }
}

function translating<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    const { message } = error as Error;
    if (!isCollectiveFailure(error)) throw new TorchError(message);
    const { reason, timedOut } = reasonOf(message);
    throw new CollectiveError(error, reason, timedOut);
  }
}

/** Some layers exchange tensors with other processes in the backward pass. */
function isCollectiveFailure(error: unknown): error is Place {
  return (error as { code?: string }).code === 'ERR_C10D';
}

/**
 * Accumulates into `grad` of the leaves the gradient of the sum of `tensors`, each weighted by its entry of `gradients`.
 * @param gradients same shapes as `tensors`; empty, or null entries, for tensors with one element
 */
export function backward(
  tensors: readonly Tensor[],
  gradients: readonly (Tensor | null)[] = [],
  options: BackwardOptions = {},
): void {
  writeLists(tensors, gradients, options.inputs ?? []);
  translating(() => native.backward(options.retainGraph, options.createGraph ?? false));
}

/** Options of `grad`. */
export interface GradOptions {
  gradOutputs?: readonly (Tensor | null)[];
  retainGraph?: boolean;
  createGraph?: boolean;
  /** Give null for inputs that the outputs don't depend on, instead of an error. */
  allowUnused?: boolean;
}

/** The gradients of the sum of `outputs` with respect to each of `inputs`; nothing is accumulated. */
export function grad(
  outputs: readonly Tensor[],
  inputs: readonly Tensor[],
  options: GradOptions = {},
): (Tensor | null)[] {
  writeLists(outputs, options.gradOutputs ?? [], inputs);
  const count = translating(() =>
    native.gradients(options.retainGraph, options.createGraph ?? false, options.allowUnused ?? false),
  );
  const handles = Array.from(tapeOf().subarray(0, count)) as Handle[];
  return handles.map((handle) => (handle === 0 ? null : new Tensor(handle)));
}

/** Runs `body` without recording for the backward pass. */
export function noGrad<T>(body: () => T): T {
  return withGradMode(false, body);
}

/** Runs `body` with recording on, inside `noGrad`. */
export function enableGrad<T>(body: () => T): T {
  return withGradMode(true, body);
}

function withGradMode<T>(on: boolean, body: () => T): T {
  const before = native.gradEnabled();
  native.setGradEnabled(on);
  try {
    return refusePromise('noGrad', body());
  } finally {
    native.setGradEnabled(before);
  }
}

/** Whether operators are recorded on this thread. */
export function isGradEnabled(): boolean {
  return native.gradEnabled();
}

/** Like `noGrad`, and faster: tensors made inside can never take part in a backward pass. */
export function inferenceMode<T>(body: () => T): T {
  native.inferenceMode(true);
  try {
    return refusePromise('inferenceMode', body());
  } finally {
    native.inferenceMode(false);
  }
}

export function isInferenceMode(): boolean {
  return native.inInferenceMode();
}

/** Options of `autocast`. */
export interface AutocastOptions {
  device?: 'cpu' | 'cuda';
  /** Default: bfloat16 on the CPU, float16 on CUDA. */
  dtype?: 'bfloat16' | 'float16';
  enabled?: boolean;
  /** Remember casted weights until the outermost region ends. */
  cache?: boolean;
}

/** Runs `body` with convolutions and matrix products in a shorter float; others stay in float32 where precision counts. */
export function autocast<T>(body: () => T, options: AutocastOptions = {}): T {
  const device = options.device ?? 'cpu';
  const before = native.autocast(device);
  const dtype = options.dtype ?? (device === 'cpu' ? 'bfloat16' : 'float16');
  native.setAutocast(device, options.enabled ?? true, dtype, options.cache ?? true);
  native.autocastNesting(1);
  try {
    return refusePromise('autocast', body());
  } finally {
    native.autocastNesting(-1);
    native.setAutocast(device, ...before);
  }
}

export function isAutocastEnabled(device: 'cpu' | 'cuda' = 'cpu'): boolean {
  return native.autocast(device)[0];
}

/** Modes belong to the thread: an asynchronous body would leave its mode at the first `await`. */
function refusePromise<T>(what: string, result: T): T {
  if (result instanceof Promise) throw new TypeError(`${what}: the body must not be asynchronous`);
  return result;
}
