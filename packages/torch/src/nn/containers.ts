// Modules that hold others.
import { openScope } from '../scope.js';
import type { Tensor } from '../tensor.js';
import { type Layer, Module } from './module.js';

/**
 * Passes `input` through one layer after the other and frees every intermediate result as soon as the next is there:
 * memory that is used again at once stays in the processor's cache. (What the backward pass needs, autograd holds
 * itself.) All that the layers make is freed, but for the result and what they `keep()`.
 */
export function pipe(input: Tensor, layers: Iterable<Layer>): Tensor {
  using scope = openScope();
  let current = input;
  for (const layer of layers) {
    const next = layer.forward(current);
    if (next !== current && current._scope === scope) current.dispose();
    current = next;
  }
  return scope.release(current);
}

/**
 * Layers, one after the other, with the keys `'0'`, `'1'`, … or, from an object or map, their names.
 * See `pipe` for what becomes of intermediate results.
 */
export class Sequential extends Module implements Iterable<Layer> {
  readonly #layers: Layer[];

  constructor(layers: Readonly<Record<string, Layer>> | ReadonlyMap<string, Layer>);
  constructor(...layers: Layer[]);
  constructor(...args: [Readonly<Record<string, Layer>> | ReadonlyMap<string, Layer>] | Layer[]) {
    super();
    const named = entriesOf(args);
    this.#layers = named.map(([key, layer]) => this.registerModule(key, layer));
  }

  forward(input: Tensor): Tensor {
    return pipe(input, this.#layers);
  }

  get length(): number {
    return this.#layers.length;
  }

  /** The layer at a position (negative: from the end). */
  at(index: number): Layer | undefined {
    return this.#layers.at(index);
  }

  [Symbol.iterator](): Iterator<Layer> {
    return this.#layers.values();
  }
}

function entriesOf(args: unknown[]): [string, Layer][] {
  const [first] = args;
  if (args.length !== 1 || first instanceof Module)
    return (args as Layer[]).map((layer, i) => [String(i), layer]);
  return first instanceof Map ? [...first] : Object.entries(first as Record<string, Layer>);
}

/** A list of modules with the keys `'0'`, `'1'`, …; it does nothing with them. */
export class ModuleList<M extends Module = Module> extends Module implements Iterable<M> {
  readonly #modules: M[] = [];

  constructor(modules: Iterable<M> = []) {
    super();
    this.push(...modules);
  }

  /** Adds modules at the end and returns the new length. */
  push(...modules: M[]): number {
    for (const module of modules) {
      this.registerModule(String(this.#modules.length), module);
      this.#modules.push(module);
    }
    return this.#modules.length;
  }

  get length(): number {
    return this.#modules.length;
  }

  /** The module at a position (negative: from the end). */
  at(index: number): M | undefined {
    return this.#modules.at(index);
  }

  [Symbol.iterator](): Iterator<M> {
    return this.#modules.values();
  }

  /** @throws TypeError always: a list has no order of computation of its own */
  override forward(): never {
    throw new TypeError('a ModuleList computes nothing; call the modules in it');
  }
}

/** Modules by name; it does nothing with them. */
export class ModuleDict<M extends Module = Module> extends Module implements Iterable<[string, M]> {
  readonly #modules = new Map<string, M>();

  constructor(modules: Readonly<Record<string, M>> | Iterable<readonly [string, M]> = []) {
    super();
    const entries = Symbol.iterator in modules ? modules : Object.entries(modules);
    for (const [key, module] of entries) this.set(key, module);
  }

  get size(): number {
    return this.#modules.size;
  }

  /** @throws RangeError for an unknown name */
  get(key: string): M {
    const module = this.#modules.get(key);
    if (module === undefined) {
      throw new RangeError(`no module '${key}' among ${[...this.#modules.keys()].join(', ') || 'none'}`);
    }
    return module;
  }

  has(key: string): boolean {
    return this.#modules.has(key);
  }

  /** Adds a module, or exchanges the one of that name. */
  set(key: string, module: M): this {
    this.replaceModule(key, module);
    this.#modules.set(key, module);
    return this;
  }

  keys(): IterableIterator<string> {
    return this.#modules.keys();
  }

  values(): IterableIterator<M> {
    return this.#modules.values();
  }

  [Symbol.iterator](): Iterator<[string, M]> {
    return this.#modules.entries();
  }

  /** @throws TypeError always: a dictionary has no order of computation of its own */
  override forward(): never {
    throw new TypeError('a ModuleDict computes nothing; call the modules in it');
  }
}
