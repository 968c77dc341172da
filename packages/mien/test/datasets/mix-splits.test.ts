import fc from 'fast-check';
import { type FaceRow, findLeaks, mixManifests, readManifest, splitGroups } from 'mien/datasets';
import { LegacyNumpyRandom } from 'mien/random';
import { describe, expect, it } from 'vitest';
import { folderWith } from '../../../../test/folders.js';
import { faces, manifestOf, recipe } from '../support/manifests.js';

describe('what is on two sides of the split', () => {
  const sides = (one: Partial<FaceRow>, other: Partial<FaceRow>) => {
    const folder = folderWith({});
    const row = (name: string, more: Partial<FaceRow>): FaceRow => ({
      dataset: 'a',
      image: `${name}.jpg`,
      expression: 'fear',
      ...more,
    });
    return [
      { manifest: manifestOf(folder, 'one.parquet', [row('1', { split: 'train', ...one })]) },
      { manifest: manifestOf(folder, 'two.parquet', [row('2', { split: 'validation', ...other })]) },
    ];
  };

  it.each<[string, Partial<FaceRow>, Partial<FaceRow>, RegExp]>([
    [
      'a subject',
      { subject: 'Ann' },
      { subject: 'Ann' },
      /two\.parquet: found subject Ann of a in train \(.*one\.parquet\) and in validation \(.*two\.parquet\)/,
    ],
    [
      'a clip',
      { clip: 'v1' },
      { clip: 'v1', split: 'test' },
      /found clip v1 of a in train \(.*one\.parquet\) and in test \(.*two\.parquet\)/,
    ],
    [
      'a picture',
      { image: 'x.jpg' },
      { image: 'x.jpg' },
      /found picture \/data\/a\/x\.jpg in validation \(.*two\.parquet\) and in train \(.*one\.parquet\)/,
    ],
    [
      'a picture outside training',
      { image: 'x.jpg', split: 'test' },
      { image: 'x.jpg' },
      /found picture \/data\/a\/x\.jpg in test \(.*one\.parquet\) and in validation/,
    ],
    [
      'a video frame',
      { image: undefined, video: 'v.mp4', frame: 3 },
      { image: undefined, video: 'v.mp4', frame: 3 },
      /found picture \/data\/a\/v\.mp4, frame 3/,
    ],
  ])('is an error that names it and the files: %s', async (_, one, other, message) => {
    const inputs = sides(one, other);
    await expect(mixManifests(recipe({ inputs }))).rejects.toThrow(message);
    const { history } = await mixManifests(recipe({ inputs, leaks: 'report' }));
    expect(Object.keys(history.at(-1)?.tally.noted ?? {})).toEqual([
      expect.stringMatching(/^(subject|clip|picture)s on two sides of the split$/),
    ]);
  });

  it('is no error when only the names are the same', async () => {
    const other = { dataset: 'b', subject: 'Ann', clip: 'v1', image: '1.jpg' };
    expect(
      (await mixManifests(recipe({ inputs: sides({ subject: 'Ann', clip: 'v1' }, other) }))).faces.length,
    ).toBe(2);
  });

  it('is told once for each name', async () => {
    const rows = faces(6, ['fear'], { subject: 'Ann' }).map(
      (row, i): FaceRow => ({ ...row, split: i < 3 ? 'train' : 'test' }),
    );
    const file = manifestOf(folderWith({}), 'a.parquet', rows);
    expect(findLeaks(await readManifest(file))).toEqual([
      {
        kind: 'subject',
        name: 'Ann',
        dataset: 'a',
        sides: [
          { split: 'train', row: 0 },
          { split: 'test', row: 3 },
        ],
      },
    ]);
  });
});

describe('a split by groups', () => {
  const settings = fc.record({
    names: fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 40 }),
    seed: fc.nat(),
    cut: fc.integer({ min: 0, max: 10 }),
    permutation: fc.constantFrom('mien' as const, 'numpy-legacy' as const),
  });

  it('gives every group to one side, in the shares asked for, whatever their order', () => {
    fc.assert(
      fc.property(settings, ({ names, seed, cut, permutation }) => {
        const options = {
          by: 'subject' as const,
          train: cut / 10,
          validation: (10 - cut) / 10,
          test: 0,
          seed,
          permutation,
        };
        const sides = splitGroups(names, options);
        expect([...sides.keys()].sort()).toEqual([...names].sort());
        const train = [...sides.values()].filter((side) => side === 'train').length;
        expect(train).toBe(Math.floor((cut * names.length) / 10));
        expect(splitGroups([...names].reverse(), options)).toEqual(sides);
      }),
    );
  });

  it("is the reference's with numpy-legacy: the first 80 % of the permuted sorted names", () => {
    const names = Array.from({ length: 27 }, (_, i) => `SN${String(i).padStart(3, '0')}`);
    const sides = splitGroups(names, {
      by: 'subject',
      train: 0.8,
      validation: 0.2,
      test: 0,
      seed: 0,
      permutation: 'numpy-legacy',
    });
    const train = new LegacyNumpyRandom(0)
      .permutation(27)
      .slice(0, 21)
      .map((k) => names[k]);
    expect(names.filter((name) => sides.get(name) === 'train')).toEqual(train.sort());
  });

  it('keeps a subject together in a mixture', async () => {
    const rows = faces(40, ['fear', 'anger']).map(
      (row, i): FaceRow => ({ ...row, split: undefined, subject: `s${i % 8}` }),
    );
    const manifest = manifestOf(folderWith({}), 'a.parquet', rows);
    const split = { by: 'subject', train: 0.5, validation: 0.25, test: 0.25, seed: 3 };
    const { faces: mixed } = await mixManifests(recipe({ inputs: [{ manifest, split }] }));
    const subjects = new Map<string, Set<string>>();
    for (const { subject = '', split: side = '' } of mixed.rows())
      subjects.set(side, (subjects.get(side) ?? new Set()).add(subject));
    expect(['train', 'validation', 'test'].map((side) => subjects.get(side)?.size)).toEqual([4, 2, 2]);
  });
});
