import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readAffectNet } from 'mien/datasets';
import { describe, expect, it } from 'vitest';
import { folderWith } from '../../../../test/folders.js';
import { importRows, npyNumbers, npyText } from '../support/importing.js';

const HEADER =
  'subDirectory_filePath,face_x,face_y,face_width,face_height,facial_landmarks,expression,valence,arousal';
const POINTS = Array.from({ length: 136 }, (_, i) => i + 0.5);
const line = (name: string, labels: string, box = '10,20,100,120') =>
  `${name},${box},${POINTS.join(';')},${labels}`;

describe('import affectnet of the first form', () => {
  const root = () =>
    folderWith({
      'training.csv': [
        HEADER,
        line('689/a.jpg', '1,0.785714,-0.055556'),
        line('689/b.JPG', '7,-0.5,0.25'),
        line('689/c.jpg', '9,-2,-2'),
        line('689/d.jpg', '8,0.1,0.2'),
        line('689/e.jpg', '10,-2,-2', 'NULL,NULL,NULL,NULL'),
        line('689/f.jpg', '0,-2.0,-2'),
        line('689/g.jpg', '7,-2,-2'),
        line('689/h.jpg', '2,-0.5,0'),
      ].join('\n'),
      // as published: without a header
      'validation.csv': line('1/v.jpg', '6,-1,1'),
      ...Object.fromEntries(
        ['a.jpg', 'b.JPG', 'c.jpg', 'd.jpg', 'e.jpg', 'f.jpg', 'g.jpg'].map((name) => [
          `Manually_Annotated_Images/689/${name}`,
          '',
        ]),
      ),
      'Manually_Annotated_Images/1/v.jpg': '',
      'automatically_annotated.csv': [HEADER, line('7/z.jpg', '3,0,0.5')].join('\n'),
      'Automatically_Annotated_Images/7/z.jpg': '',
    });

  it('reads expression, valence and arousal, as far as they were rated', async () => {
    const { rows, dropped, noted } = await importRows(readAffectNet, { root: root(), automatic: false });
    const face = { dataset: 'affectnet', split: 'train', box: { x: 10, y: 20, width: 100, height: 120 } };
    const image = (name: string) => `Manually_Annotated_Images/689/${name}`;
    const landmarks = POINTS;
    expect(rows).toEqual([
      {
        ...face,
        landmarks,
        image: image('a.jpg'),
        expression: 'happiness',
        valence: 0.785714,
        arousal: -0.055556,
      },
      { ...face, landmarks, image: image('b.JPG'), valence: -0.5, arousal: 0.25 },
      { ...face, landmarks, image: image('d.jpg'), valence: 0.1, arousal: 0.2 },
      { ...face, landmarks, image: image('f.jpg'), expression: 'neutral' },
      {
        ...face,
        landmarks,
        split: 'validation',
        image: 'Manually_Annotated_Images/1/v.jpg',
        expression: 'anger',
        valence: -1,
        arousal: 1,
      },
    ]);
    expect(dropped).toEqual({
      'expression uncertain, valence and arousal not rated': 1,
      'no face': 1,
      'expression contempt': 1,
      'no such file': 1,
    });
    expect(noted).toEqual({ 'expression contempt, which schema abaw1 lacks: valence and arousal kept': 1 });
  });

  it('adds the automatically annotated ones when asked', async () => {
    const { rows } = await importRows(readAffectNet, { root: root(), automatic: true });
    expect(rows.at(-1)).toMatchObject({
      image: 'Automatically_Annotated_Images/7/z.jpg',
      split: 'train',
      expression: 'surprise',
    });
  });
});

describe('import affectnet of the newer form', () => {
  it('reads a NumPy file per label', async () => {
    const root = folderWith({
      'train_set/images/10.jpg': '',
      'train_set/images/9.jpg': '',
      'train_set/images/notes.txt': '',
      'train_set/annotations/x': '',
      'val_set/images/1.jpg': '',
      'val_set/annotations/x': '',
    });
    const write = (path: string, exp: string, val: string, aro: string) => {
      for (const [label, text] of Object.entries({ exp, val, aro }))
        writeFileSync(join(root, `${path}_${label}.npy`), npyText(text));
    };
    write('train_set/annotations/10', '3', '0.25', '-0.5');
    writeFileSync(join(root, 'train_set/annotations/10_lnd.npy'), npyNumbers(POINTS));
    write('val_set/annotations/1', '6', '-2.0', '-2.0');
    const { rows, dropped } = await importRows(readAffectNet, { root, automatic: false });
    expect(rows).toEqual([
      {
        dataset: 'affectnet',
        image: 'train_set/images/10.jpg',
        split: 'train',
        landmarks: POINTS,
        expression: 'surprise',
        valence: 0.25,
        arousal: -0.5,
      },
      { dataset: 'affectnet', image: 'val_set/images/1.jpg', split: 'validation', expression: 'anger' },
    ]);
    expect(dropped).toEqual({ 'a picture without annotation': 1 });
  });
});
