import { type RafDbOptions, readRafDb } from 'mien/datasets';
import { ABAW3 } from 'mien/labels';
import { describe, expect, it } from 'vitest';
import { folderWith } from '../../../../test/folders.js';
import { importRows } from '../support/importing.js';

const ATTRIBUTES = ['10.5\t20.5', '30 21', '20 30', '12 40', '28 41', '1', '2', '3'].join('\n');

const TREE = {
  'basic/EmoLabel/list_patition_label.txt':
    'train_00001.jpg 5\ntrain_00002.jpg 1\ntest_0001.jpg 7\ntrain_00003.jpg 2\n',
  'basic/Image/aligned/train_00001_aligned.jpg': '',
  'basic/Image/aligned/train_00002_aligned.jpg': '',
  'basic/Image/aligned/test_0001_aligned.jpg': '',
  'basic/Image/original/train_00001.jpg': '',
  'basic/Image/original/test_0001.jpg': '',
  'basic/Annotation/manual/train_00001_manu_attri.txt': ATTRIBUTES,
  'basic/Annotation/boundingbox/train_00001_boundingbox.txt': '4.5 6.5 104.5 126.5 \n',
};

const options = (more: Partial<RafDbOptions> = {}): RafDbOptions => ({
  root: folderWith(TREE),
  images: 'aligned',
  group: ['gender', 'race', 'age'],
  ...more,
});

describe('import raf-db', () => {
  it('reads expressions of the aligned pictures, and groups where they are annotated', async () => {
    const { rows, dropped, noted } = await importRows(readRafDb, options());
    const image = (name: string) => `basic/Image/aligned/${name}_aligned.jpg`;
    expect(rows).toEqual([
      {
        dataset: 'raf-db',
        image: image('train_00001'),
        split: 'train',
        expression: 'sadness',
        group: 'female, Asian, age 40-69',
      },
      { dataset: 'raf-db', image: image('train_00002'), split: 'train', expression: 'surprise' },
      { dataset: 'raf-db', image: image('test_0001'), split: 'test', expression: 'neutral' },
    ]);
    expect(dropped).toEqual({ 'no such file': 1 });
    expect(noted).toEqual({ 'no file of gender, race and age': 2 });
  });

  it('adds box and points, which are in the pixels of the original pictures, to those', async () => {
    const { rows } = await importRows(readRafDb, options({ images: 'original', group: ['age'] }));
    expect(rows).toEqual([
      {
        dataset: 'raf-db',
        image: 'basic/Image/original/train_00001.jpg',
        split: 'train',
        expression: 'sadness',
        group: 'age 40-69',
        box: { x: 4.5, y: 6.5, width: 100, height: 120 },
        landmarks: [10.5, 20.5, 30, 21, 20, 30, 12, 40, 28, 41],
      },
      {
        dataset: 'raf-db',
        image: 'basic/Image/original/test_0001.jpg',
        split: 'test',
        expression: 'neutral',
      },
    ]);
  });

  it('knows all seven codes', async () => {
    const words = ['surprise', 'fear', 'disgust', 'happiness', 'sadness', 'anger', 'neutral'];
    const root = folderWith({
      'basic/EmoLabel/list_patition_label.txt': words.map((_, i) => `train_${i}.jpg ${i + 1}`).join('\r\n'),
      ...Object.fromEntries(words.map((_, i) => [`basic/Image/aligned/train_${i}_aligned.jpg`, ''])),
    });
    const { rows } = await importRows(readRafDb, { root, images: 'aligned', group: [] }, { schema: ABAW3 });
    expect(rows.map(({ expression }) => expression)).toEqual(words);
  });
});
