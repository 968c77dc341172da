import fc from 'fast-check';
import { FaceTable, samplesOf } from 'mien/datasets';
import { ABAW1 } from 'mien/labels';
import { checkParity } from 'mien/parity';
import { Random } from 'mien/random';
import {
  aliasTable,
  BALANCES,
  balanceTask,
  cloneWeights,
  drawWeighted,
  expectedDraws,
  inverseCountWeights,
  referenceCloneWeights,
} from 'mien/sampling';
import { describe, expect, it } from 'vitest';
import { GOLDEN } from '../support/golden.js';

/** A table of faces with all kinds of labels, unevenly spread. */
function someFaces(seed: number, size: number): FaceTable {
  const random = Random.seeded(seed);
  const faces = new FaceTable(ABAW1);
  for (let i = 0; i < size; i++)
    faces.push({
      dataset: 'a',
      image: `${i}.jpg`,
      expression: ABAW1.expressions[Math.floor(7 * random.float() ** 3)],
      valence: random.float() ** 2,
      arousal: random.float() ** 2 - 0.5,
      actionUnits: ABAW1.actionUnits.map((_, k) => (random.chance(0.4 / (1 + k)) ? 1 : 0)),
    });
  return faces;
}

describe('balancing weights', () => {
  it("are the reference's", async () => {
    const outcomes = [];
    for await (const outcome of checkParity(GOLDEN)) if (outcome.part === 'samplers') outcomes.push(outcome);
    expect(outcomes).toHaveLength(8);
    expect(outcomes.filter(({ passed }) => !passed)).toEqual([]);
  });

  it('of clones: once more for each clone, or as the reference miscounts them', () => {
    const clones = Int32Array.of(0, 1, 3, 0);
    expect([...cloneWeights(clones)]).toEqual([1, 2, 4, 1]);
    expect([...referenceCloneWeights(clones)]).toEqual([1 / 4, 1 / 4, 3 / 4, 1 / 4]);
  });

  it('make every class equally likely to be drawn (chi-squared, 99.9 %)', () => {
    const classes = Int32Array.from([0, 1, 2, 3].flatMap((k) => new Array(10 ** k).fill(k)));
    const draws = drawWeighted(aliasTable(inverseCountWeights(classes)), 40_000, Random.seeded(1));
    const counts = [0, 0, 0, 0];
    for (const i of draws) counts[classes[i] as number] = (counts[classes[i] as number] as number) + 1;
    const chiSquared = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
    expect(chiSquared).toBeLessThan(16.27); // 3 degrees of freedom
  });

  it.each(BALANCES)('%s: expected draws add up to the number of faces', (balance) => {
    const faces = someFaces(1, 500);
    for (const task of ['EXPR', 'AU', 'VA'] as const) {
      const { weights } = balanceTask(task, samplesOf([faces], task), balance, { schema: ABAW1, seed: 1 });
      if (balance === 'none') expect(weights).toBeUndefined();
      else
        expect(expectedDraws(weights as Float64Array).reduce((sum, count) => sum + count, 0)).toBeCloseTo(
          500,
        );
    }
  });

  it('spread valence and arousal: by the extremes of the data as the reference, or by a fixed grid', () => {
    const faces = new FaceTable(ABAW1);
    for (const valence of [0, 0.01, 0.02, 0.4])
      faces.push({ dataset: 'a', image: `${valence}.jpg`, valence, arousal: 0 });
    const samples = samplesOf([faces], 'VA');
    const weights = (balance: 'paper' | 'mien' | 'mild') => [
      ...(balanceTask('VA', samples, balance, { schema: ABAW1, seed: 0 }).weights ?? []),
    ];
    expect(weights('mien')).toEqual([1 / 3, 1 / 3, 1 / 3, 1]); // cells 0.1 wide
    expect(weights('mild')).toEqual([1 / 3, 1 / 3, 1 / 3, 1].map(Math.sqrt));
    expect(weights('paper')).toEqual([1 / 2, 1 / 2, 1, 1]); // cells 0.02 wide
  });

  it('say in words what could not be balanced', () => {
    const faces = new FaceTable(ABAW1);
    for (let i = 0; i < 40; i++)
      faces.push({
        dataset: 'a',
        image: `${i}.jpg`,
        actionUnits: ABAW1.actionUnits.map((_, k) => (k === 0 || (k === 1 && i === 0) ? 1 : 0)),
      });
    const { notes } = balanceTask('AU', samplesOf([faces], 'AU'), 'mien', { schema: ABAW1, seed: 0 });
    expect(notes).toEqual([
      'no face shows AU4, AU6, AU12, AU15, AU20, AU25: left out of balancing',
      'still rare after cloning: AU2',
    ]);
  });
});

describe('an alias table', () => {
  it('holds exactly the probabilities that the weights say', () => {
    const weights = fc
      .array(fc.oneof(fc.constant(0), fc.double({ min: 1e-6, max: 1e6, noNaN: true })), { minLength: 1 })
      .filter((list) => list.some((weight) => weight > 0));
    fc.assert(
      fc.property(weights, (list) => {
        const { threshold, alias } = aliasTable(Float64Array.from(list));
        const probability = new Float64Array(list.length);
        threshold.forEach((share, i) => {
          expect(share).toBeGreaterThanOrEqual(0);
          expect(share).toBeLessThanOrEqual(1);
          probability[i] = (probability[i] as number) + share / list.length;
          const other = alias[i] as number;
          probability[other] = (probability[other] as number) + (1 - share) / list.length;
        });
        const sum = list.reduce((total, weight) => total + weight, 0);
        list.forEach((weight, i) => {
          expect(Math.abs((probability[i] as number) - weight / sum)).toBeLessThan(1e-12);
          if (weight === 0) expect(probability[i]).toBe(0);
        });
      }),
    );
  });

  it('refuses what is no weight, and names it', () => {
    expect(() => aliasTable(Float64Array.of(1, -1))).toThrow('weight -1 of sample 1; expected a number ≥ 0');
    expect(() => aliasTable(Float64Array.of(Number.NaN))).toThrow('weight NaN of sample 0');
    expect(() => aliasTable(Float64Array.of(0, 0))).toThrow('2 weights, none above 0');
  });
});
