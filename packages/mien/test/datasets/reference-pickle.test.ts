import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ReferencePickleOptions, readReferencePickle } from 'mien/datasets';
import { ABAW3 } from 'mien/labels';
import { describe, expect, it } from 'vitest';
import { folderWith } from '../../../../test/folders.js';
import { importRows } from '../support/importing.js';

const PICKLES = fileURLToPath(new URL('../fixtures/reference-pickles', import.meta.url));

function options(name: string, more: Partial<ReferencePickleOptions> = {}): ReferencePickleOptions {
  return {
    pickle: join(PICKLES, name),
    root: folderWith({ 'v1/00001.jpg': '', 'v1/00002.jpg': '', 'v1/00003.jpg': '', 'v2/00001.jpg': '' }),
    strip: ['/media/author/Aff-wild2-Challenge/cropped_aligned'],
    dataset: 'ref',
    codes: 'aff-wild2',
    ...more,
  };
}

const v1 = { dataset: 'ref', split: 'train', clip: 'v1' };

describe('import reference-pickle', () => {
  it.each(['annotations-p2.pkl', 'annotations-p4.pkl', 'annotations-p5.pkl'])(
    'reads three task sets with lists, tuples and arrays (%s)',
    async (name) => {
      const { rows } = await importRows(readReferencePickle, options(name));
      expect(rows).toEqual([
        { ...v1, image: 'v1/00001.jpg', frame: 0, actionUnits: [1, 0, 0, 0, 1, 0, 0, 1] },
        { ...v1, image: 'v1/00002.jpg', frame: 1, actionUnits: [0, 0, 1, 0, 0, 0, 0, 0] },
        { ...v1, image: 'v1/00002.jpg', frame: 1, expression: 'happiness' },
        { ...v1, image: 'v1/00003.jpg', frame: 2, expression: 'neutral' },
        {
          ...v1,
          image: 'v2/00001.jpg',
          clip: 'v2',
          split: 'validation',
          frame: 0,
          expression: 'surprise',
        },
        { ...v1, image: 'v1/00001.jpg', frame: 0, valence: 0.5, arousal: 0.125 },
        { ...v1, image: 'v1/00003.jpg', frame: 2, valence: -0.25 },
      ]);
    },
  );

  it('reads one task set alone, and action units by name where the schema orders them otherwise', async () => {
    const { rows } = await importRows(readReferencePickle, options('annotations-p4.pkl', { task: 'AU' }), {
      schema: ABAW3,
    });
    expect(rows).toHaveLength(2);
    const units = Object.fromEntries(ABAW3.actionUnits.map((unit, k) => [unit, rows[0]?.actionUnits?.[k]]));
    expect(units).toMatchObject({ AU1: 1, AU2: 0, AU12: 1, AU25: 1, AU7: undefined, AU26: undefined });
  });

  it('reads merged sets: an array in Fortran order, paths as objects and as texts', async () => {
    const { rows } = await importRows(readReferencePickle, options('mixed_au.pkl'));
    expect(rows).toEqual([
      { dataset: 'ref', image: 'v1/00001.jpg', split: 'train', actionUnits: [1, 0, 0, 0, 1, 0, 0, 1] },
      { dataset: 'ref', image: 'v1/00002.jpg', split: 'train', actionUnits: [0, 0, 1, 0, 0, 0, 0, 0] },
      { dataset: 'ref', image: 'v2/00001.jpg', split: 'validation', actionUnits: [1, 0, 0, 0, 1, 0, 0, 1] },
    ]);
    const { rows: affect } = await importRows(readReferencePickle, options('mixed_va.pkl'));
    expect(affect.map(({ valence, arousal }) => [valence, arousal])).toEqual([
      [0.5, -0.5],
      [0.25, 1],
    ]);
  });

  it('takes no labels from test sets, whose labels are dummies, and keeps their repeated frames', async () => {
    const { rows, noted } = await importRows(readReferencePickle, options('test_set.pkl'));
    expect(rows).toEqual([
      { ...v1, split: 'test', image: 'v1/00001.jpg', frame: 0 },
      { ...v1, split: 'test', image: 'v1/00001.jpg', frame: 1 },
      { ...v1, split: 'test', image: 'v1/00002.jpg', frame: 2 },
    ]);
    expect(noted).toEqual({ 'pictures named again (kept)': 1 });
  });

  it('knows the codes of ExpW', async () => {
    const { rows } = await importRows(readReferencePickle, options('expw.pkl', { codes: 'expw' }));
    expect(rows.map(({ expression }) => expression)).toEqual(['happiness', 'neutral']);
    const other = await importRows(readReferencePickle, options('expw.pkl'));
    expect(other.rows.map(({ expression }) => expression)).toEqual(['fear', 'surprise']);
  });

  it('says how to convert a pandas table', async () => {
    await expect(importRows(readReferencePickle, options('tables.pkl'))).rejects.toThrow(
      /tables\.pkl: found a pandas table \(pandas.*DataFrame\); expected .*\nimport pandas as pd, pickle; .*\npickle\.dump\(.*'plain\.pkl'/s,
    );
  });

  it('proposes what to strip from the paths of another machine', async () => {
    await expect(importRows(readReferencePickle, options('mixed_va.pkl', { strip: [] }))).rejects.toThrow(
      /mixed_va\.pkl:1, column Training_Set\/path: found "\/media\/author.*expected a path below .*--strip \/media\/author\/Aff-wild2-Challenge\/cropped_aligned\/$/,
    );
  });
});
