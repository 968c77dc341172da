// NumPy's legacy generator (`numpy.random.RandomState`), of which the reference's data splits were drawn with seed 0:
// Mersenne Twister MT19937 (Matsumoto and Nishimura 1998), seeded by its plain 32-bit initialisation.

const N = 624;
const M = 397;

export class LegacyNumpyRandom {
  readonly #state = new Uint32Array(N);
  #next = N;

  /** @param seed 0 … 2^32 − 1 */
  constructor(seed: number) {
    const state = this.#state;
    state[0] = seed;
    for (let i = 1; i < N; i++) {
      const before = state[i - 1] ?? 0;
      state[i] = Math.imul(1812433253, before ^ (before >>> 30)) + i;
    }
  }

  #refill(): void {
    const state = this.#state;
    for (let i = 0; i < N; i++) {
      const y = ((state[i] ?? 0) & 0x80000000) | ((state[(i + 1) % N] ?? 0) & 0x7fffffff);
      state[i] = (state[(i + M) % N] ?? 0) ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.#next = 0;
  }

  /** Uniform in 0 … 2^32 − 1. */
  uint32(): number {
    if (this.#next >= N) this.#refill();
    let y = this.#state[this.#next++] ?? 0;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  /** Uniform in 0 … max: draws are masked to the smallest 2^b − 1 ≥ max, and drawn again above max. */
  #interval(max: number): number {
    if (max === 0) return 0;
    const mask = 2 ** (32 - Math.clz32(max)) - 1;
    for (;;) {
      const draw = (this.uint32() & mask) >>> 0;
      if (draw <= max) return draw;
    }
  }

  /** `RandomState.permutation(n)`: 0 … n − 1, shuffled from the last element down. */
  permutation(n: number): number[] {
    const order = Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.#interval(i);
      const other = order[j] as number;
      order[j] = order[i] as number;
      order[i] = other;
    }
    return order;
  }
}
