import { noGrad } from '../autograd.js';
import { loadInto, type Module, type StateSource } from '../nn/index.js';
import { aten } from '../operators.js';
import { keep, tidy } from '../scope.js';
import type { Tensor } from '../tensor.js';
import { placeOf } from './batch.js';

export interface WeightAverageOptions {
  /** Share of the average that an update keeps, in [0, 1]. Default: 0.999. */
  decay?: number;
  /**
   * Keep no more than (1 + n) / (10 + n) at the n-th update, so that the average forgets the random beginning soon.
   * Default: false.
   */
  warmUp?: boolean;
}

/** A weight average's state: what `loadStateDict` takes. */
export interface WeightAverageState {
  updates: number;
  averages: StateSource;
}

/**
 * An exponential moving average of a module's parameters and buffers (Polyak averaging): often better, and steadier, than
 * the weights themselves. Buffers that are not floating-point (counts) are copied.
 *
 *     average ← decay·average + (1 − decay)·value
 */
export class WeightAverage implements Disposable {
  readonly decay: number;
  readonly warmUp: boolean;
  readonly #module: Module;
  readonly #averages: Map<string, Tensor>;
  #updates = 0;
  #swapped = false;

  /**
   * Starts from the module's present values.
   * @throws RangeError for a decay outside [0, 1]
   */
  constructor(module: Module, { decay = 0.999, warmUp = false }: WeightAverageOptions = {}) {
    if (!(decay >= 0 && decay <= 1)) throw new RangeError(`expected a decay within [0, 1], found ${decay}`);
    this.decay = decay;
    this.warmUp = warmUp;
    this.#module = module;
    this.#averages = keep(
      tidy(() => new Map(Array.from(module.stateDict(), ([key, value]) => [key, value.clone()]))),
    );
  }

  /** Updates made. */
  get updates(): number {
    return this.#updates;
  }

  /** Share of the average that the next update keeps. */
  get nextDecay(): number {
    return this.warmUp ? Math.min(this.decay, (1 + this.#updates) / (10 + this.#updates)) : this.decay;
  }

  /** Takes the module's present values into the average; after every step of the optimiser. */
  update(): void {
    this.#refuseWhileSwapped('update');
    const decay = this.nextDecay;
    this.#updates++;
    noGrad(() =>
      tidy(() => {
        for (const [averages, values] of this.#pairsByPlace()) {
          // Not decay·average + (1 − decay)·value, whose rounding would move the average of a value that stays the same.
          const differences = aten._foreachSub(values, averages) as Tensor[];
          aten._foreachAdd_(averages, differences, { alpha: 1 - decay });
        }
      }),
    );
  }

  /** Floating-point averages and values that multi-tensor operators may work on together; others are copied. */
  #pairsByPlace(): Iterable<[averages: Tensor[], values: Tensor[]]> {
    const places = new Map<string, [Tensor[], Tensor[]]>();
    for (const [key, value] of this.#module.stateDict()) {
      const average = this.#averageOf(key);
      const place = placeOf(value);
      if (placeOf(average) !== place) average.setData(average.to(value));
      if (!value.dtype.includes('float')) {
        average.copy_(value);
        continue;
      }
      const known = places.get(place);
      if (known === undefined) places.set(place, [[average], [value]]);
      else {
        known[0].push(average);
        known[1].push(value);
      }
    }
    return places.values();
  }

  #averageOf(key: string): Tensor {
    const average = this.#averages.get(key);
    if (average === undefined)
      throw new RangeError(`'${key}' was added to the module after its average was begun`);
    return average;
  }

  /**
   * Copies the averages into a module.
   * @param module of the same structure; default: the averaged one
   * @throws StateDictError if it has another structure
   */
  applyTo(module: Module = this.#module): void {
    this.#refuseWhileSwapped('applyTo');
    module.loadStateDict(this.#averages);
  }

  /**
   * Puts the averages in the module's place until the result is disposed of: `using _ = average.swap()`, then evaluate or
   * save. Nothing is copied. The module must not be trained in between.
   */
  swap(): Disposable {
    this.#refuseWhileSwapped('swap');
    this.#exchange();
    this.#swapped = true;
    const back = (): void => {
      if (!this.#swapped) return;
      this.#exchange();
      this.#swapped = false;
    };
    return { [Symbol.dispose]: back };
  }

  #exchange(): void {
    noGrad(() =>
      tidy(() => {
        const tensors = new Map([...this.#module.namedParameters(), ...this.#module.namedBuffers()]);
        for (const [key, tensor] of tensors) {
          const average = this.#averages.get(key);
          if (average === undefined) continue; // not persistent: it has no average
          const value = tensor.detach();
          tensor.setData(average);
          average.setData(value);
        }
      }),
    );
  }

  #refuseWhileSwapped(what: string): void {
    if (this.#swapped)
      throw new Error(`${what}: the averages are in the module's place; dispose of the swap first`);
  }

  /** The averages, sharing memory with this, and the number of updates. */
  stateDict(): { updates: number; averages: Map<string, Tensor> } {
    this.#refuseWhileSwapped('stateDict');
    const averages = noGrad(() =>
      Array.from(this.#averages, ([key, value]): [string, Tensor] => [key, value.detach()]),
    );
    return { updates: this.#updates, averages: new Map(averages) };
  }

  /**
   * Takes over a state, copied. Nothing is changed if it fails.
   * @throws StateDictError with every missing, unexpected and mis-shaped key
   */
  loadStateDict({ updates, averages }: WeightAverageState): void {
    this.#refuseWhileSwapped('loadStateDict');
    const targets = Array.from(this.#averages, ([key, tensor]) => ({ key, tensor, zeroIfMissing: false }));
    loadInto('WeightAverage', targets, averages, { strict: true });
    this.#updates = updates;
  }

  /** Frees the averages. */
  dispose(): void {
    for (const average of this.#averages.values()) average.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
