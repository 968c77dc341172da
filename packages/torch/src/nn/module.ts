// The base of all layers and networks: it knows its parameters, buffers and children, by PyTorch's names.
import { inspect } from 'node:util';
import { noGrad } from '../autograd.js';
import type { DType } from '../dtypes.js';
import { keep, tidy } from '../scope.js';
import type { Tensor, ToOptions } from '../tensor.js';
import { zeroGrads } from './gradients.js';
import { Parameter } from './parameter.js';
import { formatModule } from './repr.js';
import {
  type LoadOptions,
  type LoadReport,
  loadInto,
  type StateSource,
  type StateTarget,
} from './state-dict.js';

/** Something that a module holds under a key of its state dict. */
type Held = Parameter | Tensor | Module;

interface Slot {
  readonly kind: 'parameter' | 'buffer' | 'module';
  value: Held | null;
  /** Buffers: whether it is part of the state dict. */
  readonly persistent: boolean;
  readonly zeroIfMissing: boolean;
}

/** Options of `registerBuffer`. */
export interface BufferOptions {
  /** Part of the state dict. Default: true. */
  persistent?: boolean;
  /** A state dict without it is complete, and sets it to zero: for buffers that older versions did not write. */
  zeroIfMissing?: boolean;
}

/** Marks, in the order of the slots, a property that holds a parameter or module under its own name. */
const PROPERTY = Symbol('property');

const NONE: readonly unknown[] = [];

const FLOATING: ReadonlySet<DType> = new Set(['float32', 'float64', 'float16', 'bfloat16']);

/**
 * A layer or network.
 *
 * An own enumerable property that holds a `Parameter` or a `Module` makes it part of this module, its name being the key
 * in state dicts; order is that of declaration. Where the key is to differ from the property, register it and keep what
 * `register…` returns: `readonly runningMean = this.registerBuffer('running_mean', zeros([n]))`. A `#private` field is
 * not looked at; arrays of modules are refused, since they would silently not be trained (use `ModuleList`).
 */
export abstract class Module {
  readonly #slots = new Map<string, Slot | typeof PROPERTY>();
  #training = true;
  /** Own parameters whose gradients `freeze` switched off; undefined: not frozen. */
  #frozen: Set<Parameter> | undefined;

  /** Computes the output. Parameters and result are each module's own. */
  abstract forward(...inputs: never[]): unknown;

  /** Whether dropout drops and batch normalisation uses the batch's own statistics. */
  get training(): boolean {
    return this.#training;
  }

  /** Whether `freeze` was called. */
  get frozen(): boolean {
    return this.#frozen !== undefined;
  }

  /**
   * Makes `parameter` part of this module under `key`; `null` holds the place.
   * @throws TypeError if the key is taken or holds a dot
   */
  registerParameter<P extends Parameter | null>(key: string, parameter: P): P {
    this.#register(key, { kind: 'parameter', value: parameter, persistent: true, zeroIfMissing: false });
    return parameter;
  }

  /**
   * Makes a tensor that is state but not trained part of this module; it is kept out of scopes.
   * @throws TypeError if the key is taken or holds a dot
   */
  registerBuffer<T extends Tensor | null>(key: string, tensor: T, options: BufferOptions = {}): T {
    const { persistent = true, zeroIfMissing = false } = options;
    this.#register(key, {
      kind: 'buffer',
      value: tensor === null ? null : keep(tensor),
      persistent,
      zeroIfMissing,
    });
    return tensor;
  }

  /**
   * Makes `module` a child of this module under `key`.
   * @throws TypeError if the key is taken or holds a dot
   */
  registerModule<M extends Module>(key: string, module: M): M {
    this.#register(key, { kind: 'module', value: module, persistent: true, zeroIfMissing: false });
    return module;
  }

  #register(key: string, slot: Slot): void {
    if (key === '' || key.includes('.')) {
      throw new TypeError(`'${key}' cannot be the key of a ${slot.kind}: it must not be empty or hold a dot`);
    }
    this.#noticeProperties();
    const known = this.#slots.get(key);
    if (known === PROPERTY || (known !== undefined && (known.value !== null || known.kind !== slot.kind))) {
      throw new TypeError(`${this.constructor.name} has '${key}' already`);
    }
    this.#slots.set(key, slot);
  }

  /** @internal For containers, whose children may be exchanged. */
  protected replaceModule(key: string, module: Module | null): void {
    this.#slots.delete(key);
    if (module !== null) this.registerModule(key, module);
  }

  /** Gives properties that appeared since the last look their place in the order. */
  #noticeProperties(): Set<unknown> {
    const registered = new Set<unknown>();
    for (const slot of this.#slots.values()) if (slot !== PROPERTY) registered.add(slot.value);
    for (const [key, value] of Object.entries(this)) {
      // A property whose value is registered under a key is this module's own name for it.
      if (isHeld(value) && !registered.has(value)) this.#slots.set(key, PROPERTY);
    }
    return registered;
  }

  /** What it holds itself, in order, with nothing for places that are null. */
  #held(): { key: string; slot: Slot | undefined; value: Held }[] {
    this.#refuseHidden(this.#noticeProperties());
    const held: { key: string; slot: Slot | undefined; value: Held }[] = [];
    for (const [key, slot] of this.#slots) {
      if (slot !== PROPERTY) {
        if (slot.value !== null) held.push({ key, slot, value: slot.value });
        continue;
      }
      const value = (this as Record<string, unknown>)[key];
      if (isHeld(value)) held.push({ key, slot: undefined, value });
    }
    return held;
  }

  #refuseHidden(registered: ReadonlySet<unknown>): void {
    for (const [key, value] of Object.entries(this)) {
      const items = Array.isArray(value) ? value : value instanceof Map ? [...value.values()] : NONE;
      if (items.some((item) => isHeld(item) && !registered.has(item))) {
        throw new TypeError(
          `${this.constructor.name}.${key} holds modules or parameters in an array or map, where they are not found; ` +
            'use ModuleList or ModuleDict, or register them',
        );
      }
    }
  }

  #ownParameters(): [string, Parameter][] {
    return this.#held().flatMap(({ key, value }) => (value instanceof Parameter ? [[key, value]] : []));
  }

  #ownBuffers(): [string, Tensor, Slot][] {
    return this.#held().flatMap(({ key, value, slot }) =>
      slot?.kind === 'buffer' ? [[key, value as Tensor, slot]] : [],
    );
  }

  #ownChildren(): [string, Module][] {
    return this.#held().flatMap(({ key, value }) => (value instanceof Module ? [[key, value]] : []));
  }

  /** All parameters, each once. */
  parameters(): Parameter[] {
    return this.namedParameters().map(([, parameter]) => parameter);
  }

  /** All parameters with their keys; one that several modules share appears once, under its first key. */
  namedParameters(prefix = ''): [string, Parameter][] {
    return once(this.namedModules(prefix).flatMap(([path, module]) => below(path, module.#ownParameters())));
  }

  /** All buffers, each once, persistent or not. */
  buffers(): Tensor[] {
    return this.namedBuffers().map(([, buffer]) => buffer);
  }

  namedBuffers(prefix = ''): [string, Tensor][] {
    return once(
      this.namedModules(prefix).flatMap(([path, module]) =>
        below(
          path,
          module.#ownBuffers().map(([key, buffer]) => [key, buffer]),
        ),
      ),
    );
  }

  /** The modules directly inside, each once. */
  children(): Module[] {
    return this.namedChildren().map(([, module]) => module);
  }

  namedChildren(): [string, Module][] {
    return once(this.#ownChildren());
  }

  /** This module and all below it, each once, parents first. */
  modules(): Module[] {
    return this.namedModules().map(([, module]) => module);
  }

  namedModules(prefix = ''): [string, Module][] {
    const found = new Map<Module, string>();
    const visit = (path: string, module: Module): void => {
      if (found.has(module)) return;
      found.set(module, path);
      for (const [key, child] of module.#ownChildren()) visit(join(path, key), child);
    };
    visit(prefix, this);
    return Array.from(found, ([module, path]) => [path, module]);
  }

  /** Puts this module and all below it in training mode, or out of it; frozen ones stay out of it. */
  train(on = true): this {
    for (const module of this.modules()) module.#training = on && module.#frozen === undefined;
    return this;
  }

  /** Puts this module and all below it in evaluation mode. */
  eval(): this {
    return this.train(false);
  }

  /** Switches gradients of all parameters on or off; those of frozen modules stay off. */
  requiresGrad_(on = true): this {
    for (const module of this.modules()) {
      if (on && module.#frozen !== undefined) continue;
      for (const [, parameter] of module.#ownParameters()) parameter.requiresGrad = on;
    }
    return this;
  }

  /**
   * Holds this module and all below it still: no gradients, and evaluation mode whatever `train` says, so that the
   * statistics of batch normalisation do not move. `unfreeze`, also of a part, undoes it.
   */
  freeze(): this {
    for (const module of this.modules()) {
      module.#frozen ??= new Set();
      for (const [, parameter] of module.#ownParameters()) {
        if (!parameter.requiresGrad) continue;
        module.#frozen.add(parameter);
        parameter.requiresGrad = false;
      }
      module.#training = false;
    }
    return this;
  }

  /** Gives gradients back to the parameters that `freeze` took them from. The mode follows at the next `train`. */
  unfreeze(): this {
    for (const module of this.modules()) {
      for (const parameter of module.#frozen ?? []) if (!parameter.isDisposed) parameter.requiresGrad = true;
      module.#frozen = undefined;
    }
    return this;
  }

  /** Forgets the gradients, or sets them to zero: then optimisers still step, with what momentum they have. */
  zeroGrad({ setToNone = true }: { setToNone?: boolean } = {}): void {
    zeroGrads(this.parameters(), setToNone);
  }

  /**
   * Changes dtype (of floating-point tensors only), device or memory layout (of four dimensions only) of parameters,
   * their gradients and buffers, within the same objects: optimisers made before stay valid.
   * @throws TypeError for a dtype that is not floating-point
   */
  to({ dtype, device, memoryFormat }: Pick<ToOptions, 'dtype' | 'device' | 'memoryFormat'>): this {
    if (dtype !== undefined && !FLOATING.has(dtype)) {
      throw new TypeError(
        `a module's parameters are floating-point: expected one of ${[...FLOATING].join(', ')}, found ${dtype}`,
      );
    }
    const convert = (tensor: Tensor): void => {
      const target: ToOptions = {};
      if (dtype !== undefined && FLOATING.has(tensor.dtype)) target.dtype = dtype;
      if (device !== undefined) target.device = device;
      if (memoryFormat !== undefined && tensor.ndim === 4) target.memoryFormat = memoryFormat;
      if (Object.keys(target).length === 0) return;
      const converted = tensor.to(target);
      if (converted !== tensor) tensor.setData(converted);
    };
    noGrad(() =>
      tidy(() => {
        for (const tensor of [...this.parameters(), ...this.buffers()]) {
          const { grad } = tensor;
          convert(tensor);
          if (grad !== null) convert(grad);
        }
      }),
    );
    return this;
  }

  #stateTargets(prefix: string, into: StateTarget[] = []): StateTarget[] {
    for (const [key, tensor] of this.#ownParameters())
      into.push({ key: prefix + key, tensor, zeroIfMissing: false });
    for (const [key, tensor, { persistent, zeroIfMissing }] of this.#ownBuffers()) {
      if (persistent) into.push({ key: prefix + key, tensor, zeroIfMissing });
    }
    for (const [key, child] of this.#ownChildren()) child.#stateTargets(`${prefix}${key}.`, into);
    return into;
  }

  /**
   * Parameters and persistent buffers by PyTorch's keys, in PyTorch's order: own parameters, own buffers, children.
   * The tensors are detached and share the module's memory: what is to outlive the next training step must be cloned.
   * @param prefix is put before every key, as it is
   */
  stateDict(prefix = ''): Map<string, Tensor> {
    return noGrad(() => new Map(this.#stateTargets(prefix).map(({ key, tensor }) => [key, tensor.detach()])));
  }

  /**
   * Copies values into parameters and buffers. Nothing is changed if it fails.
   * @param source tensors, or the plain records that checkpoint readers return
   * @param options `strict` (default): missing and unexpected keys are errors
   * @returns keys that were missing or unexpected
   * @throws StateDictError with every missing, unexpected and mis-shaped key
   */
  loadStateDict(source: StateSource, options: LoadOptions = {}): LoadReport {
    return loadInto(this.constructor.name, this.#stateTargets(''), source, options);
  }

  /** Frees parameters, gradients and buffers of this module and all below it. */
  dispose(): void {
    const tensors = [...this.parameters(), ...this.buffers()];
    for (const tensor of tensors) tensor.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** What stands between the parentheses when the module is printed. */
  protected describe(): string {
    return '';
  }

  /** The tree of modules, as PyTorch prints it. */
  toString(): string {
    return formatModule(this.constructor.name, this.describe(), this.#ownChildren());
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

/** A module from one tensor to one tensor. */
export interface Layer extends Module {
  forward(input: Tensor): Tensor;
}

function isHeld(value: unknown): value is Parameter | Module {
  return value instanceof Parameter || value instanceof Module;
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

function below<T>(path: string, named: [string, T][]): [string, T][] {
  return named.map(([key, value]) => [join(path, key), value]);
}

/** The first mention of every value. */
function once<T>(named: [string, T][]): [string, T][] {
  const seen = new Set<T>();
  return named.filter(([, value]) => !seen.has(value) && seen.add(value));
}
