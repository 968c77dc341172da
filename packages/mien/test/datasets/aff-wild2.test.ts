import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { matchFrames, standardName } from 'mien/datasets';
import { ABAW3 } from 'mien/labels';
import { describe, expect, it } from 'vitest';
import { AU_HEADER, EXPR_HEADER, importTree, tree, VA_HEADER } from '../support/aff-wild2.js';

const AU_A = '1,0,0,0,0,0,0,1';
const AU_PARTIAL = '1,-1,0,0,0,0,0,1';
const AU_NONE = '-1,-1,-1,-1,-1,-1,-1,-1';
const aus = (...lines: string[]) => [AU_HEADER, ...lines].join('\n');

describe('importing Aff-Wild2', () => {
  it('gives crop n the label of line n, counted after the header', async () => {
    const { rows } = await importTree(
      tree({ 'EXPR_Set/Training_Set/v.txt': `${EXPR_HEADER}\n0\n1\n2\n3\n` }, { v: [2, 4] }),
    );
    expect(rows).toEqual([
      {
        dataset: 'aff-wild2',
        image: 'v/00002.jpg',
        split: 'train',
        clip: 'v',
        frame: 1,
        expression: 'anger',
      },
      {
        dataset: 'aff-wild2',
        image: 'v/00004.jpg',
        split: 'train',
        clip: 'v',
        frame: 3,
        expression: 'fear',
      },
    ]);
  });

  it('counts crops without a label, labels without a crop, and other files', async () => {
    const text = `${EXPR_HEADER}\n0\n-1\n2\n3\n`;
    const { tally } = await importTree(
      tree({ 'EXPR_Set/Training_Set/v.txt': text, 'readme.txt': '' }, { v: [1, 2, 'Thumbs.db'] }),
    );
    expect(tally.kept).toBe(1);
    expect(tally.dropped).toEqual({
      'no label for the crop': { count: 1, examples: ['EXPR_Set/Training_Set/v.txt'] },
    });
    expect(tally.noted['labels without a crop']?.count).toBe(2);
    expect(tally.noted['no crops: passed over']?.examples).toEqual([expect.stringMatching(/v\/Thumbs\.db$/)]);
  });

  it('keeps a partly labelled frame with what is missing missing, or drops it as the reference does', async () => {
    const made = tree(
      {
        'AU_Set/Training_Set/v.txt': aus(AU_A, AU_PARTIAL, AU_NONE),
        'VA_Set/Training_Set/v.txt': `${VA_HEADER}\n0.5,-5\n-5.0,-5\n-0.25,1\n`,
      },
      { v: [1, 2, 3] },
    );
    const kept = await importTree(made);
    expect(
      kept.rows.map(({ frame, actionUnits, valence, arousal }) => [frame, actionUnits ?? [valence, arousal]]),
    ).toEqual([
      [0, [1, 0, 0, 0, 0, 0, 0, 1]],
      [1, [1, undefined, 0, 0, 0, 0, 0, 1]],
      [0, [0.5, undefined]],
      [2, [-0.25, 1]],
    ]);
    const dropped = await importTree(made, { partial: 'drop' });
    expect(dropped.rows.map(({ frame }) => frame)).toEqual([0, 2]);
    expect(dropped.tally.dropped['partly labelled']?.count).toBe(2);
  });

  it('calls a video what stands before the first dot, and knows nothing of subjects', async () => {
    const { rows } = await importTree(
      tree({ 'AU_Set/Validation_Set/46-30-484x360_left.v2.txt': aus(AU_A) }, { '46-30-484x360_left': [1] }),
    );
    expect(rows[0]).toMatchObject({ clip: '46-30-484x360_left', split: 'validation' });
    expect(rows[0]?.subject).toBeUndefined();
  });

  it('takes byte order marks, CRLF, blank lines at the end, and a last line without an end', async () => {
    const { rows } = await importTree(
      tree(
        {
          'EXPR_Set/Training_Set/a.txt': `\ufeff${EXPR_HEADER}\r\n0\r\n1\r\n`,
          'EXPR_Set/Training_Set/b.txt': `${EXPR_HEADER}\n2\n3\n\n\n`,
          'EXPR_Set/Training_Set/c.txt': `${EXPR_HEADER}\n4\n5`,
        },
        { a: [1, 2], b: [1, 2], c: [1, 2] },
      ),
    );
    expect(rows.map(({ expression }) => expression)).toEqual([
      'neutral',
      'anger',
      'disgust',
      'fear',
      'happiness',
      'sadness',
    ]);
  });

  it("takes crops named as other programs name them: MTCNN's blanks, OpenFace's prefix", async () => {
    const { rows } = await importTree(
      tree(
        {
          'EXPR_Set/Training_Set/a.txt': `${EXPR_HEADER}\n0\n1\n`,
          'EXPR_Set/Training_Set/b.txt': `${EXPR_HEADER}\n2\n3\n`,
        },
        { a: ['     1.jpg', '     2.jpg'], b: ['frame_det_00_000002.bmp', 'frame_det_01_000001.bmp'] },
      ),
    );
    expect(rows.map(({ image, frame, expression }) => [image, frame, expression])).toEqual([
      ['a/     1.jpg', 0, 'neutral'],
      ['a/     2.jpg', 1, 'anger'],
      ['b/frame_det_00_000002.bmp', 1, 'fear'],
    ]);
  });

  it('orders crops by number, not by name', async () => {
    const lines = Array.from({ length: 100_001 }, () => '0');
    const { rows } = await importTree(
      tree(
        { 'EXPR_Set/Training_Set/v.txt': [EXPR_HEADER, ...lines].join('\n') },
        { v: ['100000.jpg', '99999.jpg', '00007.jpg'] },
      ),
    );
    expect(rows.map(({ frame }) => frame)).toEqual([6, 99_998, 99_999]);
  });

  it('counts and drops a video without crops; a strict import stops there', async () => {
    const made = tree(
      {
        'EXPR_Set/Training_Set/a.txt': `${EXPR_HEADER}\n0\n-1\n2\n`,
        'EXPR_Set/Training_Set/b.txt': `${EXPR_HEADER}\n0\n`,
      },
      { b: [1] },
    );
    const { rows, tally } = await importTree(made);
    expect(rows).toHaveLength(1);
    expect(tally.dropped['no crops of the video']).toEqual({
      count: 2,
      examples: ['EXPR_Set/Training_Set/a.txt'],
    });
    await expect(importTree(made, { strict: true })).rejects.toThrow(
      /found no crops of video a; expected pictures/,
    );
  });

  it('reads the folders and labels of later challenges', async () => {
    const { rows } = await importTree(
      tree(
        {
          'AU_Detection_Challenge/Train_Set/v.txt': `${ABAW3.actionUnits.join()}\n1,0,0,0,1,0,0,0,0,0,0,-1\n`,
          'EXPR_Recognition_Challenge/Validation_Set/w.txt': `${EXPR_HEADER},Other\n7\n`,
          'VA_Estimation_Challenge/Train_Set/v.txt': `${VA_HEADER}\n-1,1\n`,
        },
        { v: [1], w: [1] },
      ),
      { schema: ABAW3 },
    );
    expect(rows.map(({ expression, actionUnits, valence }) => expression ?? actionUnits ?? valence)).toEqual([
      [1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, undefined],
      'other',
      -1,
    ]);
  });

  it('reads the tasks asked for, and misses one that is not there', async () => {
    const made = tree(
      { 'AU_Set/Training_Set/v.txt': aus(AU_A), 'VA_Set/Training_Set/v.txt': `${VA_HEADER}\n0,0\n` },
      { v: [1] },
    );
    expect((await importTree(made, { tasks: ['VA'] })).rows).toHaveLength(1);
    await expect(importTree(made, { tasks: ['EXPR'] })).rejects.toThrow(
      /found no labels for EXPR; expected a folder EXPR_Set or/,
    );
  });
});

describe('a video in training for one task and in validation for another', () => {
  const made = () =>
    tree(
      {
        'AU_Set/Training_Set/v.txt': aus(AU_A, AU_A, AU_NONE),
        'EXPR_Set/Validation_Set/v.txt': `${EXPR_HEADER}\n-1\n4\n4\n`,
        'EXPR_Set/Training_Set/w.txt': `${EXPR_HEADER}\n1\n`,
      },
      { v: [1, 2, 3], w: [1] },
    );

  it('has its crops counted that are on both sides', async () => {
    const { rows, tally } = await importTree(made());
    expect(rows.map(({ clip, split, frame }) => [clip, split, frame])).toEqual([
      ['v', 'train', 0],
      ['v', 'train', 1],
      ['w', 'train', 0],
      ['v', 'validation', 1],
      ['v', 'validation', 2],
    ]);
    expect(tally.noted['crops in training for one task and in validation for another']).toEqual({
      count: 1,
      examples: ['v: AU train, EXPR validation'],
    });
  });

  it('cannot be joined, and the error names it', async () => {
    await expect(importTree(made(), { join: true })).rejects.toThrow(
      /EXPR_Set\/Validation_Set\/v\.txt: found video v in validation for EXPR; expected train, where it is for AU .*--tasks/,
    );
  });
});

describe('joining the sets', () => {
  it('makes one row of a crop, with the labels of all tasks', async () => {
    const { rows, tally } = await importTree(
      tree(
        {
          'AU_Set/Validation_Set/a.txt': aus(AU_NONE, AU_PARTIAL, AU_NONE),
          'EXPR_Set/Validation_Set/a.txt': `${EXPR_HEADER}\n4\n4\n-1\n`,
          'VA_Set/Training_Set/b.txt': `${VA_HEADER}\n0.5,-0.5\n`,
        },
        { a: [1, 2, 3], b: [1] },
      ),
      { join: true },
    );
    expect(rows.map(({ dataset: _, image: __, ...rest }) => rest)).toEqual([
      { split: 'train', clip: 'b', frame: 0, valence: 0.5, arousal: -0.5 },
      { split: 'validation', clip: 'a', frame: 0, expression: 'happiness' },
      {
        split: 'validation',
        clip: 'a',
        frame: 1,
        expression: 'happiness',
        actionUnits: [1, undefined, 0, 0, 0, 0, 0, 1],
      },
    ]);
    expect(tally.dropped).toEqual({ 'no label for the crop': { count: 1, examples: ['a'] } });
  });
});

describe('links among the crops', () => {
  it('are followed, and one that leads to itself is passed over', async () => {
    const made = tree({ 'EXPR_Set/Training_Set/v.txt': `${EXPR_HEADER}\n0\n1\n2\n` }, { v: [1, 2] });
    const { symlinkSync } = await import('node:fs');
    symlinkSync('00003.jpg', join(made.crops, 'v/00003.jpg'));
    symlinkSync(join(made.crops, 'v'), join(made.crops, 'v/loop'));
    symlinkSync('v', join(made.crops, 'w'));
    mkdirSync(join(made.annotations, 'EXPR_Set/Validation_Set'));
    symlinkSync('../Training_Set/v.txt', join(made.annotations, 'EXPR_Set/Validation_Set/w.txt'));
    const { rows, tally } = await importTree(made);
    expect(rows.map(({ image }) => image)).toEqual([
      'v/00001.jpg',
      'v/00002.jpg',
      'w/00001.jpg',
      'w/00002.jpg',
    ]);
    expect(tally.noted['no crops: passed over']?.count).toBe(4);
  });
});

describe('matchFrames', () => {
  it('refuses a crop beyond the labels', () => {
    const crops = { folder: 'c', numbers: [1, 4], name: (i: number) => standardName([1, 4][i] ?? 0) };
    expect(() => matchFrames(crops, [0, 1, 2], 'l.txt')).toThrow(
      /l\.txt: found 3 label lines; expected at least 4, because of the crop c\/00004\.jpg/,
    );
  });
});
