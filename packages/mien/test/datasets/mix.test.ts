import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FaceRow, mixManifests, presetRecipe, readManifest, readMixRecipe } from 'mien/datasets';
import { ABAW1, ABAW3 } from 'mien/labels';
import { describe, expect, it } from 'vitest';
import { folderWith, ROOT } from '../../../../test/folders.js';
import { faces, manifestOf, recipe, STEP } from '../support/manifests.js';

const imagesOf = async (value: object): Promise<(string | undefined)[]> =>
  [...(await mixManifests(recipe(value))).faces.rows()].map(({ image }) => image);

describe('mixing', () => {
  it('puts the inputs one after the other, with all their history', async () => {
    const folder = folderWith({});
    const a = manifestOf(folder, 'a.parquet', faces(2, ['fear']));
    const b = manifestOf(folder, 'b.parquet', faces(1, ['anger'], { dataset: 'b' }));
    const mixture = await mixManifests(recipe({ inputs: [{ manifest: b }, { manifest: a }] }));
    expect([...mixture.faces.rows()].map(({ dataset, image }) => `${dataset}/${image}`)).toEqual([
      'b/0.jpg',
      'a/0.jpg',
      'a/1.jpg',
    ]);
    expect(mixture.history).toEqual([STEP, STEP, expect.objectContaining({ command: 'mix' })]);
    expect(mixture.roots).toEqual(
      new Map([
        ['b', '/data/b'],
        ['a', '/data/a'],
      ]),
    );
    expect(mixture.given).toEqual([
      { manifest: b, rows: 1, of: 1 },
      { manifest: a, rows: 2, of: 2 },
    ]);
  });

  it('keeps every n-th row of what the splits and tasks leave', async () => {
    const rows = faces(7, ['fear', 'anger']).map(
      (row, i): FaceRow =>
        i === 1
          ? { ...row, expression: undefined, valence: 0, arousal: 0 }
          : i === 2
            ? { ...row, split: 'test' }
            : row,
    );
    const manifest = manifestOf(folderWith({}), 'a.parquet', rows);
    expect(await imagesOf({ inputs: [{ manifest, splits: ['train'], tasks: ['EXPR'], every: 2 }] })).toEqual([
      '0.jpg',
      '4.jpg',
      '6.jpg',
    ]);
  });

  it('thins expressions one after the other, counting rows anew each time', async () => {
    // Rows: 0 neutral, 1 happiness, 2 neutral, 3 happiness, 4 neutral, 5 happiness
    const manifest = manifestOf(folderWith({}), 'a.parquet', faces(6, ['neutral', 'happiness']));
    const thin = [
      { expression: 'neutral', every: 4 }, // leaves 0, 1, 3, 4, 5
      { expression: 'happiness', every: 2 }, // of the numbers 1, 2, 4 among those: rows 3 and 5
    ];
    expect(await imagesOf({ inputs: [{ manifest, thin }] })).toEqual(['0.jpg', '3.jpg', '4.jpg', '5.jpg']);
  });

  it('caps an expression evenly: of an input, or of all training rows', async () => {
    const folder = folderWith({});
    const a = manifestOf(folder, 'a.parquet', faces(6, ['fear']));
    const b = manifestOf(
      folder,
      'b.parquet',
      faces(2, ['fear', 'anger'], { dataset: 'b', split: 'validation' }),
    );
    expect(await imagesOf({ inputs: [{ manifest: a, caps: { fear: 3, anger: 1 } }] })).toEqual([
      '0.jpg',
      '2.jpg',
      '4.jpg',
    ]);
    const mixture = await mixManifests(
      recipe({ inputs: [{ manifest: b }, { manifest: a }], caps: { fear: 2 } }),
    );
    expect([...mixture.faces.rows()].map(({ dataset, image }) => `${dataset}/${image}`)).toEqual([
      'b/0.jpg',
      'b/1.jpg',
      'a/0.jpg',
      'a/3.jpg',
    ]);
    expect(mixture.given.map(({ rows }) => rows)).toEqual([2, 2]);
  });

  it('drops what is only partly labelled when told to', async () => {
    const manifest = manifestOf(folderWith({}), 'a.parquet', [
      { dataset: 'a', image: '0', actionUnits: [1, 0, 0, 0, 0, 0, 0, undefined] },
      { dataset: 'a', image: '1', actionUnits: [1, 0, 0, 0, 0, 0, 0, 0] },
      { dataset: 'a', image: '2', valence: 0.5 },
      { dataset: 'a', image: '3', expression: 'fear' },
    ]);
    expect(await imagesOf({ inputs: [{ manifest }] })).toHaveLength(4);
    expect(await imagesOf({ inputs: [{ manifest, complete: true }] })).toEqual(['1', '3']);
  });

  it('takes labels of one schema to another by their names', async () => {
    const actionUnits = ABAW3.actionUnits.map((_, k) => (k % 2) as 0 | 1);
    const manifest = manifestOf(
      folderWith({}),
      'a.parquet',
      [
        {
          dataset: 'a',
          image: '0',
          expression: 'other',
          actionUnits,
          votes: [0.1, 0.2, 0, 0, 0.2, 0, 0, 0.5],
        },
        { dataset: 'a', image: '1', expression: 'other' },
        { dataset: 'a', image: '2', expression: 'disgust' },
        { dataset: 'a', image: '3' },
      ],
      { schema: ABAW3 },
    );
    const { faces: mixed, history } = await mixManifests(
      recipe({
        schema: 'abaw1',
        inputs: [{ manifest, actionUnits: ['AU12', 'AU1', 'AU26'], expressions: { disgust: 'anger' } }],
      }),
    );
    const rows = [...mixed.rows()];
    expect(rows.map(({ image, expression }) => [image, expression])).toEqual([
      ['0', undefined],
      ['2', 'anger'],
      ['3', undefined],
    ]);
    const unit = (name: 'AU1' | 'AU12') => actionUnits[ABAW3.actionUnits.indexOf(name)];
    expect(rows[0]?.actionUnits).toEqual([
      unit('AU1'),
      undefined,
      undefined,
      undefined,
      unit('AU12'),
      undefined,
      undefined,
      undefined,
    ]);
    expect(rows[0]?.votes?.map((vote) => vote.toFixed(3))).toEqual([
      '0.200',
      '0.400',
      '0.000',
      '0.000',
      '0.400',
      '0.000',
      '0.000',
    ]);
    expect(history.at(-1)?.tally.dropped['no label left']?.count).toBe(1);
  });

  it('can merge, rename and drop expressions', async () => {
    const manifest = manifestOf(
      folderWith({}),
      'a.parquet',
      faces(4, ['fear', 'surprise', 'anger', 'sadness']),
    );
    const schema = { name: 'three', actionUnits: [], expressions: ['startled', 'sadness', 'anger'] };
    const { faces: mixed } = await mixManifests(
      recipe({
        schema,
        inputs: [{ manifest, expressions: { fear: 'startled', surprise: 'startled', anger: null } }],
      }),
    );
    expect([...mixed.rows()].map(({ image, expression }) => [image, expression])).toEqual([
      ['0.jpg', 'startled'],
      ['1.jpg', 'startled'],
      ['3.jpg', 'sadness'],
    ]);
  });
});

describe('mixing is refused when', () => {
  it.each<[string, object, RegExp]>([
    [
      'an expression is unknown',
      { expressions: { hapiness: 'fear' } },
      /found "hapiness" in "expressions"; .*Did you mean "happiness"\?/,
    ],
    [
      'a thinned expression is unknown',
      { thin: [{ expression: 'neutrl', every: 2 }] },
      /found "neutrl" in "thin" or "caps"; .*Did you mean "neutral"\?/,
    ],
    ['a capped expression is unknown', { caps: { other: 2 } }, /found "other" in "thin" or "caps"/],
    [
      'a data set to rename is not there',
      { datasets: { b: 'c' } },
      /a\.parquet: found no data set "b"; expected one of a/,
    ],
    [
      'an expression has no place in the schema',
      { expressions: { fear: 'contempt' } },
      /found "contempt" in "expressions"; expected names of schema abaw1/,
    ],
    ['an action unit is unknown', { actionUnits: ['AU5'] }, /found "AU5" in "actionUnits"/],
    ['nothing is left', { splits: ['test'] }, /a\.parquet: found no face that is left/],
    [
      'faces have no subject to split by',
      { split: { by: 'subject', train: 1 } },
      /a\.parquet:1: found a face without a subject/,
    ],
    [
      'shares are not 1 together',
      { split: { by: 'clip', train: 0.5, validation: 0.4 } },
      /found shares of the split that are 0\.9 together; expected 1/,
    ],
    ['there is no manifest', { manifest: '/none/x.parquet' }, /x\.parquet: found no such file/],
  ])('%s', async (_, settings, message) => {
    const manifest = manifestOf(folderWith({}), 'a.parquet', faces(2, ['fear']));
    await expect(mixManifests(recipe({ inputs: [{ manifest, ...settings }] }))).rejects.toThrow(message);
  });

  it('the inputs have different schemas and none is chosen', async () => {
    const folder = folderWith({});
    const inputs = [
      { manifest: manifestOf(folder, 'a.parquet', faces(1, ['fear'])) },
      { manifest: manifestOf(folder, 'b.parquet', faces(1, ['other'], { dataset: 'b' }), { schema: ABAW3 }) },
    ];
    await expect(mixManifests(recipe({ inputs }))).rejects.toThrow(
      /found schema abaw1, but abaw3 in .*b\.parquet; expected one schema/,
    );
    expect((await mixManifests(recipe({ schema: 'abaw3', inputs }))).faces.length).toBe(2);
  });

  it('one name stands for two folders; until one is told where it lies, or is renamed', async () => {
    const folder = folderWith({});
    const a = { manifest: manifestOf(folder, 'a.parquet', faces(1, ['fear']), { roots: { a: '/data/x' } }) };
    const b = { manifest: manifestOf(folder, 'b.parquet', faces(1, ['fear']), { roots: { a: '/data/y' } }) };
    await expect(mixManifests(recipe({ inputs: [a, b] }))).rejects.toThrow(
      /b\.parquet: found data set a in \/data\/y; expected the folder that .*a\.parquet says, \/data\/x/,
    );
    expect((await mixManifests(recipe({ inputs: [a, { ...b, roots: { a: '/data/x' } }] }))).roots.size).toBe(
      1,
    );
    const renamed = await mixManifests(recipe({ inputs: [a, { ...b, datasets: { a: 'a2' } }] }));
    expect([...renamed.faces.rows()].map(({ dataset }) => dataset)).toEqual(['a', 'a2']);
    expect(renamed.roots.get('a2')).toBe('/data/y');
  });
});

describe("the reference's merged sets", () => {
  it('put all rows of the other data set into training, and leave validation whole', async () => {
    const folder = folderWith({});
    const affect = (i: number, split: 'train' | 'validation'): FaceRow => ({
      dataset: 'aff-wild2',
      image: `${split}${i}.jpg`,
      clip: split,
      frame: i,
      split,
      valence: 0,
      arousal: 0,
    });
    const own = [
      ...Array.from({ length: 11 }, (_, i) => affect(i, 'train')),
      ...Array.from({ length: 3 }, (_, i) => affect(i, 'validation')),
    ];
    own.splice(2, 0, { ...affect(99, 'train'), arousal: undefined }); // partly labelled: the reference never sees it
    const other = ['train', 'validation', 'test'].map(
      (split, i): FaceRow => ({
        dataset: 'afew-va',
        image: `${i}.png`,
        split: split as 'train',
        valence: 0.1,
        arousal: 0.1,
      }),
    );
    const preset = presetRecipe(
      'mixed-va',
      manifestOf(folder, 'own.parquet', own),
      manifestOf(folder, 'other.parquet', other),
    );
    const { faces: mixed } = await mixManifests(preset);
    expect([...mixed.rows()].map(({ image, split }) => `${image} ${split}`)).toEqual([
      'train0.jpg train',
      'train5.jpg train',
      'train10.jpg train',
      '0.png train',
      '1.png train',
      '2.png train',
      'validation0.jpg validation',
      'validation1.jpg validation',
      'validation2.jpg validation',
    ]);
  });
});

describe('a mixing recipe', () => {
  it('refuses a split for rows that are all assigned to one', async () => {
    const file = join(folderWith({}), 'mix.yaml');
    writeFileSync(
      file,
      'inputs:\n  - manifest: a.parquet\n    assign: train\n    split: {by: clip, train: 1}\n',
    );
    await expect(readMixRecipe(file)).rejects.toThrow(
      /mix\.yaml:4: found .* for inputs\[0\]\.split; expected either "assign" or "split"/,
    );
  });

  it('finds its manifests beside itself', async () => {
    const folder = folderWith({ 'recipes/mix.yaml': 'inputs:\n  - manifest: ../a.parquet\n    every: 2\n' });
    manifestOf(folder, 'a.parquet', faces(4, ['fear']));
    const read = await readMixRecipe(join(folder, 'recipes/mix.yaml'));
    expect((await mixManifests(read)).faces.length).toBe(2);
  });
});

describe('mien data mix', () => {
  const mien = (...args: string[]) =>
    spawnSync(process.execPath, [join(ROOT, 'packages/mien/dist/cli/main.js'), 'data', 'mix', ...args], {
      encoding: 'utf8',
    });

  it('does by options what a recipe of the same settings does', async () => {
    const folder = folderWith({});
    const rows = faces(40, [...ABAW1.expressions]).map((row, i): FaceRow => ({ ...row, clip: `c${i % 10}` }));
    const a = manifestOf(folder, 'a.parquet', rows);
    const b = manifestOf(
      folder,
      'b.parquet',
      rows.map((row) => ({ ...row, dataset: 'b' })),
    );
    const split = { by: 'clip', train: 0.5, validation: 0.5, seed: 7, permutation: 'numpy-legacy' };
    const common = { tasks: ['EXPR'], expressions: { anger: 'disgust', fear: null }, split };
    const file = join(folder, 'mix.yaml');
    writeFileSync(
      file,
      JSON.stringify({
        inputs: [
          { manifest: a, every: 2, ...common },
          { manifest: b, every: 3, ...common },
        ],
        caps: { disgust: 2 },
      }),
    ); // JSON is YAML
    const [one, two] = [join(folder, 'one.parquet'), join(folder, 'two.parquet')];
    const options =
      '--tasks EXPR --every 2,3 --map anger=disgust --map fear= --cap disgust=2 --split-by clip --shares train=0.5,validation=0.5 --seed 7 --permutation numpy-legacy';
    expect(mien(a, b, ...options.split(' '), '--out', one)).toMatchObject({ status: 0, stderr: '' });
    const run = mien('--recipe', file, '--out', two);
    expect(run).toMatchObject({ status: 0, stderr: '' });
    expect(run.stdout).toMatch(/^train: \d+ \(EXPR \d+\)$/m);
    const [first, second] = [await readManifest(one), await readManifest(two)];
    expect([...first.faces.rows()]).toEqual([...second.faces.rows()]);
    expect(first.faces.length).toBeGreaterThan(10);
  });

  it.each([
    ['two ways at once', ['a.parquet', '--recipe', 'r.yaml']],
    ['a preset without its manifests', ['--preset', 'mixed-au']],
    ['an unknown split', ['a.parquet', '--splits', 'trian']],
  ])('ends with 2 for %s', (_, args) => {
    expect(mien('--out', '/tmp/never.parquet', ...args)).toMatchObject({ status: 2, stdout: '' });
  });
});
