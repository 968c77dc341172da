// Tables of predictions and labels: what their columns mean, and which rows are the same frame.

import { join } from 'node:path';
import fc from 'fast-check';
import { NumberColumn, TextColumn, writeParquet } from 'mien/files';
import { readPaired } from 'mien/judging';
import { describe, expect, it } from 'vitest';
import { folderWith } from '../../../../../test/folders.js';
import { facts, only, paired } from '../../support/paired.js';

describe('tables', () => {
  it('pair by clip and frame; names of columns and expressions are spelled in many ways', async () => {
    const result = await paired(
      {
        'p.csv':
          'video,frame,Expression,AU01,au_25,Valence,arousal\nv,1,Happy,1,0.75,0.5,\nv,0,6,0,0.25,0,0\n',
        'l.jsonl':
          '{"clip":"v","frame":0,"expression":"surprise","AU25":0}\n{"clip":"v","frame":1,"valence":0.5,"AU1":1}\n',
      },
      'p.csv',
      'l.jsonl',
    );
    const { EXPR, AU, VA } = only(result);
    expect(EXPR?.classes).toEqual(Int32Array.of(6, 4));
    expect(AU?.decisions.join()).toBe('0,0,0,0,0,0,0,0,1,0,0,0,0,0,0,1');
    expect(VA?.values).toEqual(Float32Array.of(0, 0, 0.5, 0));
    expect(facts(result.truth).map(({ expression, affect }) => [expression, affect])).toEqual([
      [6, [null, null]],
      [null, [0.5, null]],
    ]);
  });

  it('leave action units out that they have no column for, and say so', async () => {
    const { truth, notes } = await paired(
      {
        'p.csv': 'clip,frame,AU12\nv,0,1\n',
        'l.csv': 'clip,frame,AU12,AU15\nv,0,1,1\n',
      },
      'p.csv',
      'l.csv',
    );
    expect(facts(truth)[0]?.units).toEqual([null, null, null, null, 1, null, null, null]);
    expect(notes).toEqual([
      expect.stringMatching(/^AU15: not scored, as .*p\.csv has no predictions of it$/),
    ]);
  });

  it('pair by image where one side knows nothing else, also with the frames of videos', async () => {
    const files = {
      'image.csv': 'image,valence,arousal\nv/00002.jpg,0.25,0\nv/00001.jpg,0.5,0\n',
      'other.csv': 'image,valence,arousal\nv/00001.jpg,0.5,0\nv/00002.jpg,0.25,0\n',
      'frame.csv': 'clip,frame,valence,arousal\nv,0,0.5,0\nv,1,0.25,0\n',
    };
    for (const [one, two] of [
      ['image.csv', 'other.csv'],
      ['image.csv', 'frame.csv'],
      ['frame.csv', 'image.csv'],
    ] as const) {
      const result = await paired(files, one, two);
      expect(only(result).VA?.values).toEqual(result.truth.valenceArousal);
      expect(result.truth.length).toBe(2);
    }
  });

  it('have other names for columns, and columns of no use', async () => {
    const files = {
      'p.tsv': 'shot\tnumber\tVal\tAro\tseconds\nv\t0\t0.5\t0\t1.25\n',
      'l.csv': 'clip,frame,valence,arousal\nv,0,0.5,0\n',
    };
    const map = { clip: 'shot', frame: 'number', valence: 'Val', arousal: 'Aro' };
    // Both files are read with the same options: the labels have the plain names.
    await expect(paired(files, 'p.tsv', 'l.csv', { map, ignore: ['seconds'] })).resolves.toMatchObject({
      truth: { length: 1 },
    });
  });

  it('tell subjects, data sets and groups, by which scores are reported', async () => {
    const { truth } = await paired(
      {
        'p.csv': 'image,expression\na.jpg,0\nb.jpg,0\nc.jpg,0\n',
        'l.csv':
          'image,expression,subject,dataset,group\na.jpg,0,s1,d,young\nb.jpg,1,s1,d,old\nc.jpg,1,s1,e,young\n',
      },
      'p.csv',
      'l.csv',
    );
    expect(truth).toMatchObject({
      clusteredBy: 'subject',
      cluster: { codes: Int32Array.of(0, 0, 1), names: ['d/s1', 'e/s1'] },
      dataset: { codes: Int32Array.of(0, 0, 1), names: ['d', 'e'] },
      group: { codes: Int32Array.of(0, 1, 0), names: ['young', 'old'] },
    });
  });

  it('of Parquet are read column by column', async () => {
    const root = folderWith({ 'l.csv': 'clip,frame,expression,valence,arousal\nv,0,anger,0.5,0.25\n' });
    const [clip, frame, valence, arousal] = [
      new TextColumn(),
      new NumberColumn('int32'),
      new NumberColumn('float64'),
      new NumberColumn('float64'),
    ];
    clip.push('v');
    frame.push(0);
    valence.push(0.5);
    arousal.push(0.25);
    writeParquet(
      join(root, 'p.parquet'),
      [
        { name: 'clip', type: 'STRING', column: clip },
        { name: 'frame', type: 'INT32', column: frame },
        { name: 'valence', type: 'DOUBLE', column: valence },
        { name: 'arousal', type: 'DOUBLE', column: arousal },
      ],
      1,
      {},
    );
    const result = await readPaired([join(root, 'p.parquet')], join(root, 'l.csv'));
    expect(only(result).VA?.values).toEqual(Float32Array.of(0.5, 0.25));
  });
});

describe('the order of a table', () => {
  it('does not matter', async () => {
    const frames = fc.uniqueArray(fc.tuple(fc.constantFrom('v', 'w'), fc.nat(30)), {
      minLength: 1,
      maxLength: 20,
      selector: (pair) => pair.join(),
    });
    await fc.assert(
      fc.asyncProperty(frames, fc.infiniteStream(fc.nat(6)), async (keys, classes) => {
        const rows = keys.map(([clip, frame]) => `${clip},${frame},${classes.next().value}`);
        const table = (lines: readonly string[]) => `clip,frame,expression\n${lines.join('\n')}\n`;
        const { estimates, truth } = await paired(
          { 'p.csv': table(rows.toReversed()), 'l.csv': table(rows) },
          'p.csv',
          'l.csv',
        );
        expect(estimates[0]?.EXPR?.classes).toEqual(truth.expression);
        expect(truth.length).toBe(rows.length);
      }),
      { numRuns: 20 },
    );
  });
});
