import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { LegacyNumpyRandom, Random } from 'mien/random';
import { describe, expect, it } from 'vitest';
import { GOLDEN } from '../support/golden.js';

describe('LegacyNumpyRandom', () => {
  it("permutes as NumPy's legacy generator does with seed 0", () => {
    const golden: Record<string, number[]> = JSON.parse(
      readFileSync(`${GOLDEN}/datasets/expected/legacy_permutations.json`, 'utf8'),
    );
    expect(Object.keys(golden).length).toBeGreaterThan(5);
    for (const [n, order] of Object.entries(golden))
      expect(new LegacyNumpyRandom(0).permutation(Number(n))).toEqual(order);
  });
});

describe('Random', () => {
  it('goes on from a saved state as if nothing had happened', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(50), (seed, draws) => {
        const one = Random.seeded(seed);
        for (let i = 0; i < draws; i++) one.float();
        const other = Random.fromState(JSON.parse(JSON.stringify(one.state())));
        expect(Array.from({ length: 5 }, () => other.uint32())).toEqual(
          Array.from({ length: 5 }, () => one.uint32()),
        );
      }),
    );
  });

  it('gives a generator of its own for each key', () => {
    const firsts = new Set<number>();
    for (let epoch = 0; epoch < 50; epoch++)
      for (let image = 0; image < 200; image++) firsts.add(Random.keyed(7, epoch, image).float());
    expect(firsts.size).toBe(50 * 200);
    expect(Random.keyed(7, 3, 2 ** 40).uint32()).toBe(Random.keyed(7, 3, 2 ** 40).uint32());
    expect(Random.keyed(7, 3, 2 ** 40).uint32()).not.toBe(Random.keyed(7, 3, 0).uint32());
  });

  it('draws integers uniformly (chi-squared, 99.9 %)', () => {
    const counts = new Array(10).fill(0);
    const random = Random.seeded(1);
    for (let i = 0; i < 100_000; i++) counts[random.integer(10)]++;
    const chiSquared = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
    expect(chiSquared).toBeLessThan(27.88); // 9 degrees of freedom
  });

  it('draws normal numbers of mean 0 and variance 1', () => {
    const random = Random.keyed(1, 2);
    const draws = Array.from({ length: 50_000 }, () => random.normal());
    const mean = draws.reduce((a, b) => a + b, 0) / draws.length;
    const variance = draws.reduce((a, b) => a + (b - mean) ** 2, 0) / draws.length;
    expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(draws.length));
    expect(Math.abs(variance - 1)).toBeLessThan(4 * Math.sqrt(2 / draws.length));
  });

  it('shuffles into a permutation', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(300), (seed, n) => {
        const order = [...Random.seeded(seed).permutation(n)];
        expect(order.toSorted((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
      }),
    );
  });
});
