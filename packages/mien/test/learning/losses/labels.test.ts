import { tensor } from '@mien/torch';
import { type FaceRow, FaceTable } from 'mien/datasets';
import { ABAW1, TASKS } from 'mien/labels';
import { labelTensors, mixup, symmetricBeta } from 'mien/learning/losses';
import { labelGatherer } from 'mien/loading';
import { Random } from 'mien/random';
import { describe, expect, it } from 'vitest';
import { numbers, someLabels } from './support.js';

function batchOf(rows: Partial<FaceRow>[]) {
  const faces = new FaceTable(ABAW1);
  for (const row of rows) faces.push({ dataset: 'a', image: '1.jpg', ...row });
  return labelGatherer(faces)(rows.map((_, i) => i));
}

const OPTIONS = { tasks: TASKS, votes: false, device: 'cpu' } as const;

describe('labels as tensors', () => {
  const batch = batchOf([
    { expression: 'disgust', valence: 0.5, votes: [0, 0.25, 0.75, 0, 0, 0, 0] },
    { actionUnits: [1, 0, undefined, 1, undefined, 0, 0, 1] },
  ]);

  it('have targets and masks at the finest grain', () => {
    const { EXPR, AU, VA } = labelTensors(batch, OPTIONS);
    expect(EXPR?.target.toArray()).toEqual([
      [0, 0, 1, 0, 0, 0, 0],
      [0, 0, 0, 0, 0, 0, 0],
    ]);
    expect(EXPR?.known.toArray()).toEqual([1, 0]);
    expect(AU?.target.shape).toEqual([2, 8]);
    expect(AU?.known.toArray()).toEqual([
      [0, 0, 0, 0, 0, 0, 0, 0],
      [1, 1, 0, 1, 0, 1, 1, 1],
    ]);
    expect(VA?.target.toArray()).toEqual([
      [0.5, 0],
      [0, 0],
    ]);
    expect(VA?.known.toArray()).toEqual([
      [1, 0],
      [0, 0],
    ]);
  });

  it("take raters' votes, leave rows out that do not count, and hold the tasks asked for", () => {
    const labels = labelTensors(batch, { ...OPTIONS, votes: true, tasks: ['EXPR'] });
    expect(Object.keys(labels)).toEqual(['EXPR']);
    expect(labels.EXPR?.target.toArray()).toEqual([
      [0, 0.25, 0.75, 0, 0, 0, 0],
      [0, 0, 0, 0, 0, 0, 0],
    ]);
    const counted = labelTensors(batch, { ...OPTIONS, counts: Uint8Array.of(0, 1) });
    expect(counted.EXPR?.known.toArray()).toEqual([0, 0]);
    expect(numbers(counted.AU?.known ?? tensor([])).reduce((a, b) => a + b)).toBe(6);
    expect(() => labelTensors(batch, { ...OPTIONS, counts: Uint8Array.of(1) })).toThrow(
      '1 counts for 2 rows',
    );
  });
});

describe('mixup', () => {
  it('mixes pictures and labels alike, with one partner each; known is what both know', () => {
    const n = 6;
    const images = tensor(Array.from({ length: n }, (_, i) => [i, 10 * i]));
    const labels = someLabels(n, Random.seeded(1));
    const mixed = mixup(images, labels, Random.seeded(5), 0.4);
    const again = Random.seeded(5);
    const share = symmetricBeta(0.4, again);
    const partners = Array.from(again.permutation(n));
    const of = (values: number[][]) =>
      values.map((row, i) =>
        row.map((value, k) => share * value + (1 - share) * (values[partners[i] as number]?.[k] as number)),
      );
    const close = (found: unknown, expected: number[][]) =>
      expect((found as number[][]).flat()).toEqual(expected.flat().map((one) => expect.closeTo(one, 5)));
    close(mixed.images.toArray(), of(images.toArray() as number[][]));
    close(mixed.labels.AU?.target.toArray(), of(labels.AU.target.toArray() as number[][]));
    const known = numbers(labels.EXPR.known);
    expect(numbers(mixed.labels.EXPR?.known ?? tensor([]))).toEqual(
      known.map((one, i) => one * (known[partners[i] as number] as number)),
    );
  });

  it('mixes windows as a whole with the labels of their frames', () => {
    const images = tensor([
      [[1], [2]],
      [[3], [4]],
      [[5], [6]],
    ]);
    const labels = {
      VA: { target: images.reshape([6, 1]).expand([6, 2]), known: tensor(new Array(6).fill([1, 1])) },
    };
    const mixed = mixup(images, labels, Random.seeded(2), 1);
    expect(mixed.images.shape).toEqual([3, 2, 1]);
    expect(numbers(mixed.labels.VA?.target.select(1, 0) ?? images)).toEqual(numbers(mixed.images));
  });

  it('with alpha 0 mixes nothing', () => {
    const images = tensor([[1], [2]]);
    expect(mixup(images, {}, Random.seeded(1), 0).images).toBe(images);
  });

  it.each([0.01, 0.2, 1, 4])('draws shares from Beta(%d, %d): mean 1/2, variance 1/(4(2α + 1))', (alpha) => {
    const random = Random.seeded(3);
    const draws = Array.from({ length: 20_000 }, () => symmetricBeta(alpha, random));
    expect(draws.every((one) => one >= 0 && one <= 1)).toBe(true);
    const mean = draws.reduce((a, b) => a + b) / draws.length;
    const variance = draws.reduce((sum, one) => sum + (one - mean) ** 2, 0) / draws.length;
    expect(mean).toBeCloseTo(0.5, 1.7);
    expect(variance).toBeCloseTo(1 / (4 * (2 * alpha + 1)), 2);
  });
});
