// A seedable generator (xoroshiro128+, period 2^128 − 1) with the draws that sampling and augmentation need.

import { xoroshiro128plus, xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';

/** Four 32-bit integers; plain JSON, for checkpoints. */
export type RandomState = readonly [number, number, number, number];

/** murmur3's finaliser: every input bit changes every output bit with a probability near one half. */
function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

export class Random {
  readonly #generator: ReturnType<typeof xoroshiro128plus>;

  private constructor(generator: ReturnType<typeof xoroshiro128plus>) {
    this.#generator = generator;
  }

  /** @param seed an integer; its low 32 bits count */
  static seeded(seed: number): Random {
    return new Random(xoroshiro128plus(seed));
  }

  /**
   * A generator of its own for each combination of keys, such as (seed, epoch, image): the same keys give the same
   * draws whatever else was drawn before and on whichever thread.
   * @param keys integers from 0 to 2^53 − 1
   */
  static keyed(...keys: readonly number[]): Random {
    let hash = 0x9e3779b9;
    for (const key of keys) {
      hash = mix(Math.imul(hash, 31) ^ mix((key % 0x1_0000_0000) | 0));
      hash = mix(hash ^ Math.floor(key / 0x1_0000_0000));
    }
    const state = [1, 2, 3, 4].map((word) => mix(hash + Math.imul(word, 0x9e3779b9)));
    return Random.fromState(state as unknown as RandomState);
  }

  /** @param state what `state()` gave; not all zero */
  static fromState(state: RandomState): Random {
    if (state.every((word) => word === 0)) throw new RangeError('a random state of zeros only gives zeros');
    return new Random(xoroshiro128plusFromState(state));
  }

  /** What to save, to go on from here with `fromState`. */
  state(): RandomState {
    return [...this.#generator.getState()] as unknown as RandomState;
  }

  /** Uniform in 0 … 2^32 − 1. */
  uint32(): number {
    return this.#generator.next() >>> 0;
  }

  /** Uniform in [0, 1), with 53 bits. */
  float(): number {
    const high = this.uint32() >>> 5;
    const low = this.uint32() >>> 6;
    return (high * 0x400_0000 + low) / 0x20_0000_0000_0000;
  }

  /** Uniform in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.float();
  }

  /** Uniform in 0 … n − 1, without bias. @param n 1 … 2^32 */
  integer(n: number): number {
    const limit = 0x1_0000_0000 - (0x1_0000_0000 % n);
    for (;;) {
      const draw = this.uint32();
      if (draw < limit) return draw % n;
    }
  }

  /** True with probability `p`. */
  chance(p: number): boolean {
    return this.float() < p;
  }

  /** Normal with mean 0 and standard deviation 1 (Box and Muller 1958; one of the pair is thrown away, so that the
   * state is all there is to save). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.float())) * Math.cos(2 * Math.PI * this.float());
  }

  /** Orders `items` anew, in place (Fisher and Yates), and returns them. */
  shuffle<T extends { length: number; [index: number]: unknown }>(items: T): T {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const other = items[j];
      items[j] = items[i];
      items[i] = other;
    }
    return items;
  }

  /** 0 … n − 1 in random order. */
  permutation(n: number): Int32Array {
    return this.shuffle(Int32Array.from({ length: n }, (_, i) => i));
  }
}
