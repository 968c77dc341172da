// Predictions and labels in files: which frames are the same, and what counts.

import { join } from 'node:path';
import type { FaceRow } from 'mien/datasets';
import {
  ActionUnitMetric,
  type Estimates,
  ExpressionMetric,
  readPaired,
  ValenceArousalMetric,
} from 'mien/judging';
import { ABAW1, ABAW3 } from 'mien/labels';
import { describe, expect, it } from 'vitest';
import { folderWith } from '../../../../../test/folders.js';
import { AU_HEADER, EXPR_HEADER, VA_HEADER } from '../../support/aff-wild2.js';
import { GOLDEN } from '../../support/golden.js';
import { manifestOf } from '../../support/manifests.js';
import { facts, only, paired } from '../../support/paired.js';

const TEXT = join(GOLDEN, 'datasets/expected/text');

const NO_UNITS = Array(8).fill(null);

describe('text files of videos', () => {
  it('pair by task, video and line; frames without a label do not count', async () => {
    const result = await paired({
      'p/AU_Set/v.txt': `${AU_HEADER}\n1,0,0,0,1,0,0,0\n0,0,0,0,0,0,0,1\n`,
      'p/EXPR_Set/w.txt': `${EXPR_HEADER}\n4\n0\n6`,
      'p/VA_Set/v.txt': `${VA_HEADER}\r\n0.25,-0.5\r\n-1,1\r\n`,
      'l/AU_Set/Validation_Set/v.txt': `${AU_HEADER}\n1,0,0,0,-1,0,0,0\n-1,-1,-1,-1,-1,-1,-1,-1\n`,
      'l/EXPR_Set/Validation_Set/w.txt': `${EXPR_HEADER}\n4\n-1\n5\n`,
      'l/EXPR_Set/Training_Set/x.txt': `${EXPR_HEADER}\n0\n`,
      'l/VA_Set/Validation_Set/v.txt': `${VA_HEADER}\n0.5,-5\n-5,-5.0\n`,
    });
    expect(facts(result.truth)).toEqual([
      {
        clip: 'v',
        frame: 0,
        expression: null,
        units: [1, 0, 0, 0, null, 0, 0, 0],
        affect: [0.5, null],
      },
      { clip: 'w', frame: 0, expression: 4, units: NO_UNITS, affect: [null, null] },
      { clip: 'w', frame: 2, expression: 5, units: NO_UNITS, affect: [null, null] },
    ]);
    const { AU, EXPR, VA } = only(result);
    expect(AU?.decisions.slice(0, 8)).toEqual(Uint8Array.of(1, 0, 0, 0, 1, 0, 0, 0));
    expect(AU?.probabilities).toBeUndefined();
    expect(EXPR?.classes.slice(1)).toEqual(Int32Array.of(4, 6));
    expect(VA?.values.slice(0, 2)).toEqual(Float32Array.of(0.25, -0.5));
    expect(result.truth).toMatchObject({ clusteredBy: 'clip', cluster: { names: ['v', 'w'] } });
    expect(result.notes).toEqual([]);
  });

  it('are found under the names of later editions, and of other splits', async () => {
    const { truth, estimates } = await paired(
      {
        'p/AU_Detection_Challenge/v.txt': `${ABAW3.actionUnits.join()}\n${'1,'.repeat(11)}0\n`,
        'l/AU_Detection_Challenge/Train_Set/v.txt': `${ABAW3.actionUnits.join()}\n${'1,'.repeat(11)}1\n`,
      },
      'p',
      'l',
      { schema: ABAW3, split: 'train' },
    );
    expect([truth.length, estimates[0]?.AU?.decisions.join()]).toEqual([1, '1,1,1,1,1,1,1,1,1,1,1,0']);
  });

  it('of one folder take their task from the only one that is asked for', async () => {
    const files = { 'p/v.txt': `${VA_HEADER}\n0.1,0.2\n`, 'l/v.txt': `${VA_HEADER}\n0.1,0.2\n` };
    expect((await paired(files, 'p', 'l', { tasks: ['VA'] })).truth.length).toBe(1);
    expect((await paired(files, 'p/v.txt', 'l/v.txt', { tasks: ['VA'] })).truth.length).toBe(1);
    await expect(paired(files)).rejects.toThrow(
      /p\/v\.txt: found a file of one video that does not tell its task; .* such as --tasks AU$/,
    );
  });

  it('that are named by their task are those of the only video on the other side', async () => {
    const result = await paired({
      'p/VA.txt': `${VA_HEADER}\n0.1,0.2\n`,
      'p/EXPR.txt': `${EXPR_HEADER}\n1\n`,
      'l/VA_Set/some.video.txt': `${VA_HEADER}\n0.3,0.4\n`,
      'l/EXPR_Set/some.video.txt': `${EXPR_HEADER}\n2\n`,
    });
    expect(result.truth.length).toBe(1);
    expect(only(result)).toMatchObject({ VA: { values: Float32Array.of(0.1, 0.2) } });
  });

  it('may hold probabilities: of action units with a threshold, of expressions with a sum of 1', async () => {
    const files = {
      'p/AU.txt': `${AU_HEADER}\n0.2,0.8,0,1,0.5,0,0,0\n`,
      'p/EXPR.txt': `${EXPR_HEADER}\n0.1,0.1,0.1,0.1,0.33,0.13,0.13\n`,
      'l/AU.txt': `${AU_HEADER}\n0,1,0,1,0,0,0,0\n`,
      'l/EXPR.txt': `${EXPR_HEADER}\n4\n`,
    };
    const { AU, EXPR } = only(await paired(files));
    expect([AU?.decisions.join(), EXPR?.classes.join()]).toEqual(['0,1,0,1,0,0,0,0', '4']);
    expect(EXPR?.probabilities?.reduce((sum, one) => sum + one)).toBeCloseTo(1, 6);
    expect(AU?.probabilities?.[1]).toBeCloseTo(0.8, 6);
    expect(only(await paired(files, 'p', 'l', { threshold: 0.15 })).AU?.decisions.join()).toBe(
      '1,1,0,1,1,0,0,0',
    );
  });
});

describe('files with a line per image', () => {
  const IMAGES = 'v/00001.jpg,0.5,-0.5,3,1,0,0,0,0,0,0,0,0,0,0,1';

  it('of all tasks pair with labels of the same form', async () => {
    const result = await paired(
      {
        'p.txt': `image,valence,arousal,expression,aus\n${IMAGES}\n`,
        'l.txt': `image,valence,arousal,expression,${ABAW3.actionUnits.join()}\n${IMAGES.replace('0.5,-0.5,3', '-5,-5,-1')}\nv/00002.jpg,-5,-5,-1${',-1'.repeat(12)}\n`,
      },
      'p.txt',
      'l.txt',
      { schema: ABAW3 },
    );
    expect(result.truth).toMatchObject({ length: 1, expressionKnown: Uint8Array.of(0) });
    expect(only(result)).toMatchObject({
      AU: { decisions: Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1) },
    });
    expect(result.notes).toEqual([
      expect.stringMatching(/^EXPR: not scored, as .*l\.txt has nothing of it$/),
      expect.stringMatching(/^VA: not scored/),
    ]);
  });

  it('of one task lie in a folder of the task, and pair with label files of videos', async () => {
    const result = await paired(
      {
        'p/EXPR/predictions.txt': `image_location,${EXPR_HEADER},Other\nv/00002.jpg,7\nv/00001.jpg,0\n`,
        'p/VA/predictions.txt': 'image_location,valence,arousal\nw/00001.jpg,0.1,0.2\n',
        'l/EXPR_Recognition_Challenge/Validation_Set/v.txt': `${EXPR_HEADER},Other\n0\n7\n`,
        'l/VA_Estimation_Challenge/Validation_Set/w.txt': `${VA_HEADER}\n0.1,0.2\n`,
      },
      'p',
      'l',
      { schema: ABAW3 },
    );
    expect(only(result).EXPR?.classes.slice(0, 2)).toEqual(Int32Array.of(0, 7));
    expect(result.truth.length).toBe(3);
  });
});

describe('manifests as labels', () => {
  const ROWS: FaceRow[] = [
    { dataset: 'a', image: 'v/00001.jpg', split: 'validation', clip: 'v', frame: 0, expression: 'anger' },
    {
      dataset: 'a',
      image: 'v/00001.jpg',
      split: 'validation',
      clip: 'v',
      frame: 0,
      valence: 0.5,
      arousal: 0,
    },
    { dataset: 'a', image: 'w/00001.jpg', split: 'train', clip: 'w', frame: 0, expression: 'fear' },
    { dataset: 'a', image: 'v/00003.jpg', split: 'validation', clip: 'v', frame: 2, expression: 'happiness' },
  ];

  it('give their split and schema; rows of one frame may have different labels', async () => {
    const root = folderWith({
      'p/EXPR_Set/v.txt': `${EXPR_HEADER}\n1\n0\n4\n`,
      'p/VA_Set/v.txt': `${VA_HEADER}\n0.5,0\n0,0\n0,0\n`,
      'image.csv': 'image,expression\nv/00003.jpg,happy\nv/00001.jpg,anger\n',
    });
    const labels = manifestOf(root, 'l.parquet', ROWS);
    const text = await readPaired([join(root, 'p')], labels);
    expect(text.truth).toMatchObject({ length: 3, schema: ABAW1, clusteredBy: 'clip' });
    expect(text.estimates[0]?.EXPR?.classes.join()).toBe('1,1,4');
    const table = await readPaired([join(root, 'image.csv')], labels);
    expect(table.estimates[0]?.EXPR?.classes.join()).toBe('1,4');
  });

  it('refuse two faces in one frame', async () => {
    const root = folderWith({ 'p/EXPR_Set/v.txt': `${EXPR_HEADER}\n1\n0\n4\n` });
    const labels = manifestOf(root, 'l.parquet', [...ROWS, ROWS[0] as FaceRow]);
    await expect(readPaired([join(root, 'p')], labels)).rejects.toThrow(
      /l\.parquet:5: found a second EXPR label for frame 0 of v; expected one face per frame/,
    );
  });
});

describe('several files of predictions', () => {
  it('are of the same frames, and named so that they can be told apart', async () => {
    const root = folderWith({
      'x/p.csv': 'image,expression,valence,arousal\na.jpg,0,0,0\n',
      'y/p.csv': 'image,expression\na.jpg,1\n',
      'l.csv': 'image,expression,valence,arousal\na.jpg,1,0,0\n',
    });
    const files = ['x/p.csv', 'y/p.csv'].map((name) => join(root, name));
    const { estimates, notes } = await readPaired(files, join(root, 'l.csv'));
    expect(estimates.map(({ name, EXPR }) => [name, EXPR?.classes[0]])).toEqual([
      [files[0], 0],
      [files[1], 1],
    ]);
    expect(estimates[0]?.VA).toBeUndefined();
    expect(notes).toEqual([`VA: not scored, as ${files[1]} has nothing of it`]);
  });
});

describe('surplus predictions', () => {
  const files = {
    'p/VA_Set/v.txt': `${VA_HEADER}\n0,0\n`,
    'p/VA_Set/w.txt': `${VA_HEADER}\n0,0\n`,
    'l/VA_Set/v.txt': `${VA_HEADER}\n0,0\n`,
  };

  it('pass where that is wanted', async () => {
    await expect(paired(files)).rejects.toThrow(/p\/VA_Set\/w\.txt:2: found predictions for video w; /);
    expect((await paired(files, 'p', 'l', { surplus: 'ignore' })).truth.length).toBe(1);
  });
});

describe('a small example, by hand', () => {
  it('scores as computed on paper', async () => {
    const { estimates, truth } = await paired({
      'p/AU.txt': `${AU_HEADER}\n1,0,0,0,0,0,0,0\n1,0,0,0,0,0,0,0\n`,
      'l/AU.txt': `${AU_HEADER}\n1,0,0,0,0,0,0,0\n0,1,0,0,0,0,0,0\n`,
      'p/EXPR.txt': `${EXPR_HEADER}\n0\n1\n`,
      'l/EXPR.txt': `${EXPR_HEADER}\n0\n2\n`,
      'p/VA.txt': `${VA_HEADER}\n0,0.5\n1,0.5\n`,
      'l/VA.txt': `${VA_HEADER}\n0,-0.5\n0.5,0.5\n`,
    });
    const { AU, EXPR, VA } = estimates[0] as Required<Estimates>;
    const units = new ActionUnitMetric(8);
    units.update(AU.decisions, truth.actionUnits, truth.actionUnitsKnown);
    expect(units.compute().f1PerUnit.slice(0, 2)).toEqual([2 / 3, 0]); // AU1: 1 hit, 1 false alarm; AU2: 1 miss
    expect(units.compute().accuracy).toBe(14 / 16);
    const classes = new ExpressionMetric(7);
    classes.update(EXPR.classes, truth.expression, truth.expressionKnown);
    expect(classes.compute()).toMatchObject({ f1: 1 / 3, accuracy: 1 / 2 });
    const affect = new ValenceArousalMetric();
    affect.update(VA.values, truth.valenceArousal, truth.valenceArousalKnown);
    // valence: cov 1/8, variances 1/4 and 1/16, means 1/2 and 1/4: 2/8 / (1/4 + 1/16 + 1/16) = 2/3; arousal: cov 0
    expect(affect.compute().valence.ccc).toBeCloseTo(2 / 3, 12);
    expect(affect.compute().arousal.ccc).toBe(0);
  });

  it("reads the reference's own files", async () => {
    const [decisions, values] = ['test_cnn_AU.txt', 'edge_VA_float32.txt'].map((name) => join(TEXT, name));
    const units = await readPaired([decisions as string], decisions as string, { tasks: ['AU'] });
    expect(units.truth.length).toBe(9);
    expect(only(units).AU?.decisions.join()).toBe(units.truth.actionUnits.join());
    const affect = await readPaired([values as string], values as string, { tasks: ['VA'] });
    expect(only(affect).VA?.values.slice(0, 4)).toEqual(Float32Array.of(0.0312, 0.1562, -0.0312, -0.1562));
    const raw = await readPaired([join(TEXT, 'raw_AU_float32.txt')], join(TEXT, 'raw_AU_float32.txt'), {
      tasks: ['AU'],
    }).catch((error: Error) => error.message);
    expect(raw).toMatch(/raw_AU_float32\.txt:2, column AU1: found "0\.8714"; expected an integer/);
  });
});
