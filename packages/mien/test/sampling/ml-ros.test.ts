import fc from 'fast-check';
import { imbalance } from 'mien/datasets';
import { Random } from 'mien/random';
import { fairMlRos, type Oversampling, referenceMlRos } from 'mien/sampling';
import { describe, expect, it } from 'vitest';

/** Rows of 0 and 1. */
type Matrix = number[][];

const labelsOf = (matrix: Matrix) => ({
  width: matrix[0]?.length ?? 0,
  positive: Uint8Array.from(matrix.flat()),
});

const ratiosOf = (matrix: Matrix) => {
  const counts = matrix[0]?.map((_, k) => matrix.reduce((sum, row) => sum + (row[k] ?? 0), 0)) ?? [];
  return counts.map((count) => Math.max(...counts) / count);
};

/** The reference's own way, word for word: the matrix grows by 32 rows a round, and all of it is counted again. */
function naiveMlRos(matrix: Matrix, random: Random, threshold: number, cap: number): number[] {
  const grown = [...matrix];
  const cloneList: number[] = [];
  const rare = ratiosOf(grown).flatMap((ratio, k) => (ratio > threshold ? [k] : []));
  for (const label of rare) {
    const bag = matrix.flatMap((row, i) => (row[label] === 1 ? [i] : []));
    for (;;) {
      const drawn = Array.from({ length: 32 }, () => bag[random.integer(bag.length)] as number);
      bag.push(...drawn);
      grown.push(...drawn.map((i) => matrix[i] as number[]));
      cloneList.push(...drawn);
      if ((ratiosOf(grown)[label] as number) <= threshold || cloneList.length >= matrix.length * cap) break;
    }
    if (cloneList.length >= matrix.length * cap) break;
  }
  return matrix.map((_, i) => cloneList.filter((one) => one === i).length);
}

/** Matrices in which every label occurs, some far more often than others. */
const matrices = fc
  .tuple(fc.integer(), fc.integer({ min: 20, max: 200 }), fc.integer({ min: 2, max: 5 }))
  .map(([seed, size, width]) => {
    const random = Random.seeded(seed);
    const matrix: Matrix = Array.from({ length: size }, () =>
      Array.from({ length: width }, (_, k) => (random.chance(0.5 / (1 + k * k)) ? 1 : 0)),
    );
    for (let k = 0; k < width; k++) (matrix[k] as number[])[k] = 1;
    return matrix;
  });

/** One label a sample: label k on `counts[k]` samples. */
const disjoint = (counts: number[]): Matrix =>
  counts.flatMap((count, k) => Array.from({ length: count }, () => counts.map((_, j) => (j === k ? 1 : 0))));

const clonesWithLabel = (matrix: Matrix, { clones }: Oversampling, label: number) =>
  matrix.flatMap((row, i) => (row[label] === 1 ? [clones[i] as number] : []));

describe("the reference's ML-ROS", () => {
  it.each([
    ['capped', 0.5],
    ['uncapped', Number.POSITIVE_INFINITY],
  ])('clones what copying the whole matrix clones, with the same random numbers (%s)', (_, cap) => {
    fc.assert(
      fc.property(matrices, fc.integer(), (matrix, seed) => {
        const expected = naiveMlRos(matrix, Random.seeded(seed), 2, cap);
        expect([...referenceMlRos(labelsOf(matrix), Random.seeded(seed), { cap }).clones]).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  it('uses the MeanIR of the data for threshold 0', () => {
    fc.assert(
      fc.property(matrices, fc.integer(), (matrix, seed) => {
        const ratios = ratiosOf(matrix);
        const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
        const { clones, threshold } = referenceMlRos(labelsOf(matrix), Random.seeded(seed), { threshold: 0 });
        expect(threshold).toBeCloseTo(mean, 12);
        expect([...clones]).toEqual(naiveMlRos(matrix, Random.seeded(seed), threshold, 0.5));
      }),
      { numRuns: 30 },
    );
  });

  it('lets the first rare label use up the cap', () => {
    const matrix = disjoint([1000, 10, 10]);
    const result = referenceMlRos(labelsOf(matrix), Random.seeded(1));
    expect(clonesWithLabel(matrix, result, 2)).toEqual(new Array(10).fill(0));
    expect(result).toMatchObject({ total: 512, unfinished: [2] }); // the first multiple of 32 from 510 on
  });

  it('leaves a label that nobody shows out', () => {
    const matrix = disjoint([100, 0, 20]);
    const { empty, positives } = referenceMlRos(labelsOf(matrix), Random.seeded(1));
    expect(empty).toEqual([1]);
    expect(positives[1]).toBe(0);
    expect(positives[2]).toBe(52);
  });
});

describe('ML-ROS with a fair cap', () => {
  it('brings every label below the threshold where the cap allows', () => {
    const matrix = disjoint([1000, 480, 300]);
    const { positives, total, unfinished } = fairMlRos(labelsOf(matrix), Random.seeded(1));
    expect([...positives]).toEqual([1000, 500, 500]);
    expect(total).toBe(220);
    expect(unfinished).toEqual([]);
  });

  it('never clones more than the cap, nor a label that is not rare', () => {
    fc.assert(
      fc.property(matrices, fc.integer(), (matrix, seed) => {
        const { clones, total, positives, unfinished } = fairMlRos(labelsOf(matrix), Random.seeded(seed));
        expect(total).toBe(clones.reduce((sum, count) => sum + count, 0));
        expect(total).toBeLessThanOrEqual(matrix.length / 2);
        const grown = matrix.flatMap((row, i) => new Array(1 + (clones[i] as number)).fill(row));
        expect(imbalance(positives).perLabel).toEqual(ratiosOf(grown));
        const rare = ratiosOf(grown).flatMap((ratio, k) => (ratio > 2 ? [k] : []));
        expect(unfinished).toEqual(rare);
        if (rare.length > 0) expect(total).toBe(Math.floor(matrix.length / 2));
        if (ratiosOf(matrix).every((ratio) => ratio <= 2)) expect(total).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it('shares the cap: a label that stays rare got no less than any other, and its samples equally much', () => {
    const counts = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 2, maxLength: 5 });
    fc.assert(
      fc.property(counts, fc.integer(), (rare, seed) => {
        const matrix = disjoint([300, ...rare]);
        const result = fairMlRos(labelsOf(matrix), Random.seeded(seed));
        const perLabel = [0, ...rare].map((_, k) => clonesWithLabel(matrix, result, k));
        const totals = perLabel.map((clones) => clones.reduce((sum, count) => sum + count, 0));
        for (const label of result.unfinished)
          expect(totals[label]).toBeGreaterThanOrEqual(Math.max(...totals) - 1);
        for (const clones of perLabel.slice(1))
          expect(Math.max(...clones) - Math.min(...clones)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 60 },
    );
  });

  it('gives the same for the same seed, and another for another', () => {
    const labels = labelsOf(disjoint([300, 40]));
    const clones = (seed: number) => [...fairMlRos(labels, Random.seeded(seed)).clones];
    expect(clones(3)).toEqual(clones(3));
    expect(clones(3)).not.toEqual(clones(4));
  });

  it('needs a cap, and a threshold that can be reached', () => {
    const labels = labelsOf(disjoint([3, 1]));
    expect(() => fairMlRos(labels, Random.seeded(1), { cap: Number.POSITIVE_INFINITY })).toThrow(/finite/);
    expect(() => referenceMlRos(labels, Random.seeded(1), { threshold: 1 })).toThrow(
      /threshold 1; expected more than 1, or 0 for MeanIR/,
    );
  });
});

describe('imbalance', () => {
  it('is undefined for labels that never occur, and they do not enter the mean', () => {
    expect(imbalance([10, 0, 5])).toEqual({ perLabel: [1, undefined, 2], mean: 1.5 });
    expect(imbalance([0, 0])).toEqual({ perLabel: [undefined, undefined], mean: undefined });
  });
});
