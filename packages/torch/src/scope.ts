// Who frees tensors, and when.
//
// A tensor made while a scope is open belongs to that scope and is freed when it closes, unless it is returned from it or
// kept. A tensor that belongs to no scope is freed by `dispose()`, by `using`, or, as the last net, after the garbage
// collector finds it unreachable. The net needs the event loop to turn and is never soon enough for a training loop,
// which makes hundreds of megabytes a step: train inside `tidy`.
import type { Handle } from './native.js';
import { native } from './native.js';
import { tapeOf } from './tape.js';

/** What a scope needs of a tensor. */
export interface Owned {
  /** @internal */ _handle: Handle;
  /** @internal The scope it belongs to; `null`: none, the garbage collector watches over it. */ _scope: Scope | null;
}

const net = new FinalizationRegistry<Handle>((handle) => native.dispose(handle));

let current: Scope | null = null;

/**
 * A region whose tensors are freed when it closes. Close it with `using` or `dispose()`; scopes nest and close in
 * reverse order.
 */
export class Scope implements Disposable {
  readonly #outer: Scope | null;
  #owned: Owned[] = [];
  #open = true;

  constructor() {
    this.#outer = current;
    current = this;
  }

  /** @internal */
  _adopt(tensor: Owned): void {
    tensor._scope = this;
    this.#owned.push(tensor);
  }

  /** Hands tensors to the scope around this one (or to nobody), so that they outlive this one. */
  release<T>(value: T): T {
    eachTensor(value, (tensor) => {
      if (tensor._scope === this) this.#outer ? this.#outer._adopt(tensor) : watch(tensor);
    });
    return value;
  }

  dispose(): void {
    if (!this.#open) return;
    if (current !== this) throw new Error('scopes close in reverse order: an inner scope is still open');
    this.#open = false;
    current = this.#outer;
    free(this.#owned.filter((tensor) => tensor._scope === this));
    this.#owned = [];
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** Opens a scope: `using scope = openScope()`. */
export function openScope(): Scope {
  return new Scope();
}

/**
 * Runs `body` and frees every tensor it made, except those in what it returns (a tensor, or arrays, maps and plain
 * objects of them) and those it kept.
 */
export function tidy<T>(body: () => T): T {
  const scope = new Scope();
  try {
    const result = body();
    if (result instanceof Promise)
      throw new TypeError('tidy: the body must not be asynchronous; use a Scope');
    return scope.release(result);
  } finally {
    scope.dispose();
  }
}

/** Takes tensors out of every scope: from now on the caller frees them. */
export function keep<T>(value: T): T {
  eachTensor(value, (tensor) => {
    if (tensor._scope !== null) watch(tensor);
  });
  return value;
}

/** @internal A new tensor joins the innermost scope, or the net. */
export function own(tensor: Owned): void {
  if (current !== null) current._adopt(tensor);
  else watch(tensor);
}

/** @internal The tensor was freed by its owner: the net forgets it. */
export function forget(tensor: Owned): void {
  if (tensor._scope === null) net.unregister(tensor);
  tensor._scope = null;
}

function watch(tensor: Owned): void {
  tensor._scope = null;
  net.register(tensor, tensor._handle, tensor);
}

function free(tensors: Owned[]): void {
  const tape = tapeOf(tensors.length);
  let count = 0;
  for (const tensor of tensors) {
    if (tensor._handle === 0) continue;
    tape[count++] = tensor._handle;
    tensor._handle = 0;
    tensor._scope = null;
  }
  if (count > 0) native.disposeMany(count);
}

function isOwned(value: object): value is Owned {
  return '_handle' in value && '_scope' in value;
}

/** Calls `visit` for every tensor in nested arrays, maps and plain objects. */
function eachTensor(value: unknown, visit: (tensor: Owned) => void, seen = new Set<object>()): void {
  if (typeof value !== 'object' || value === null) return;
  if (isOwned(value)) {
    visit(value);
    return;
  }
  if (seen.has(value)) return;
  const items =
    Array.isArray(value) || value instanceof Map || value instanceof Set
      ? value.values()
      : Object.getPrototypeOf(value) === Object.prototype
        ? Object.values(value)
        : undefined;
  if (items === undefined) return;
  seen.add(value);
  for (const item of items) eachTensor(item, visit, seen);
}
