import type { Handle } from './native.js';
import { native } from './native.js';
import { Tensor } from './tensor.js';
import type { Device } from './values.js';

const net = new FinalizationRegistry<Handle>((handle) => native.disposeGenerator(handle));

/** A source of random numbers with a state of its own, for the operators that take `generator`. */
export class Generator {
  /** @internal */ readonly _handle: Handle;

  /** @internal Use `generator()`. */
  constructor(handle: Handle) {
    this._handle = handle;
    net.register(this, handle);
  }

  /** Restarts the sequence from `seed`, a safe integer. */
  manualSeed(seed: number): this {
    native.seedGenerator(this._handle, seed);
    return this;
  }

  /** The seed from which the sequence started. */
  get initialSeed(): number {
    return native.generatorSeed(this._handle);
  }

  /** The whole state, a `uint8` tensor: what a checkpoint stores. */
  getState(): Tensor {
    return new Tensor(native.generatorState(this._handle));
  }

  setState(state: Tensor): this {
    native.setGeneratorState(this._handle, state._handle);
    return this;
  }
}

/** A fresh generator; without a seed it starts from libtorch's fixed default seed. */
export function generator(options: { seed?: number; device?: Device } = {}): Generator {
  const made = new Generator(native.makeGenerator(options.device ?? 'cpu'));
  if (options.seed !== undefined) made.manualSeed(options.seed);
  return made;
}

/**
 * The generator that operators use when none is passed (dropout, `randn`…). It is one for the whole process: workers
 * that draw from it at the same time disturb each other's sequences.
 */
export function defaultGenerator(device: Device = 'cpu'): Generator {
  return new Generator(native.defaultGenerator(device));
}

/** Seeds the default generators of all devices. */
export function manualSeed(seed: number): void {
  native.manualSeed(seed);
}
