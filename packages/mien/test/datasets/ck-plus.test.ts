import { type CkPlusOptions, readCkPlus } from 'mien/datasets';
import { describe, expect, it } from 'vitest';
import { folderWith } from '../../../../test/folders.js';
import { importRows } from '../support/importing.js';

const FRAMES = [1, 2, 3, 4];
const number = (frame: number) => String(frame).padStart(8, '0');
const pictures = (subject: string, sequence: string) =>
  Object.fromEntries(
    FRAMES.map((frame) => [
      `cohn-kanade-images/${subject}/${sequence}/${subject}_${sequence}_${number(frame)}.png`,
      '',
    ]),
  );
const POINTS = Array.from({ length: 68 }, (_, i) => `   ${i}.5000000e+00   ${i + 1}.0000000e+00`).join('\n');

const TREE = {
  ...pictures('S005', '001'),
  ...pictures('S010', '002'),
  ...pictures('S011', '003'),
  ...pictures('S011', '004'),
  'cohn-kanade-images/S005/.DS_Store': '',
  'Emotion/S005/001/S005_001_00000004_emotion.txt': '   5.0000000e+00\n',
  'FACS/S005/001/S005_001_00000004_facs.txt':
    '   6.0000000e+00   4.0000000e+00\n   1.2000000e+01   0.0000000e+00\n   9.0000000e+00   1.0000000e+00\n',
  'Landmarks/S005/001/S005_001_00000004_landmarks.txt': POINTS,
  'Emotion/S010/002/S010_002_00000004_emotion.txt': '   2.0000000e+00\n',
  'FACS/S010/002/S010_002_00000004_facs.txt': '   1.0000000e+00   2.0000000e+00\n',
  'Emotion/S011/003/S011_003_00000004_emotion.txt': '   1.0000000e+00\n',
  'Emotion/S011/004/notes.txt': '',
};

const imported = (more: Partial<CkPlusOptions> = {}) =>
  importRows(readCkPlus, { root: folderWith(TREE), last: 1, first: false, ...more });

describe('import ck-plus', () => {
  it('reads the last frame: emotion, action units with intensities, landmarks', async () => {
    const { rows, dropped, noted } = await imported();
    expect(rows).toEqual([
      {
        dataset: 'ck-plus',
        image: 'cohn-kanade-images/S005/001/S005_001_00000004.png',
        subject: 'S005',
        clip: 'S005_001',
        frame: 3,
        landmarks: POINTS.trim().split(/\s+/).map(Number),
        expression: 'happiness',
        // AU6 with intensity 4, AU12 present with an intensity that was not coded, AU9 is none of the schema
        actionUnits: [0, 0, 0, 1, 1, 0, 0, 0],
        intensities: [0, 0, 0, 4, undefined, 0, 0, 0],
      },
      {
        dataset: 'ck-plus',
        image: 'cohn-kanade-images/S010/002/S010_002_00000004.png',
        subject: 'S010',
        clip: 'S010_002',
        frame: 3,
        actionUnits: [1, 0, 0, 0, 0, 0, 0, 0],
        intensities: [2, 0, 0, 0, 0, 0, 0, 0],
      },
      {
        dataset: 'ck-plus',
        image: 'cohn-kanade-images/S011/003/S011_003_00000004.png',
        subject: 'S011',
        clip: 'S011_003',
        frame: 3,
        expression: 'anger',
      },
    ]);
    expect(dropped).toEqual({ 'no label': 1 });
    expect(noted).toMatchObject({ 'expression contempt, which schema abaw1 lacks': 1 });
  });

  it('takes the first frame as neutral, without action units where they were coded', async () => {
    const { rows } = await imported({ first: true });
    expect(rows.map(({ frame, expression }) => [frame, expression])).toEqual([
      [0, 'neutral'],
      [3, 'happiness'],
      [0, 'neutral'],
      [3, undefined],
      [0, 'neutral'],
      [3, 'anger'],
    ]);
    expect(rows[0]?.actionUnits).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    expect(rows[4]?.actionUnits).toBeUndefined();
  });

  it('gives the last N frames the labels of the sequence, and no frame twice', async () => {
    const { rows } = await imported({ last: 9, first: true });
    expect(rows.filter(({ clip }) => clip === 'S005_001').map(({ frame }) => frame)).toEqual([0, 1, 2, 3]);
    expect(rows[0]?.expression).toBe('happiness');
  });

  it('finds the folders as the archives unpack', async () => {
    const root = folderWith(
      Object.fromEntries(
        Object.entries(TREE).map(([path, text]) => [
          path
            .replace(/^cohn/, 'extended-cohn-kanade-images/cohn')
            .replace(/^(Emotion|FACS)/, '$1_labels/$1')
            .replace(/^Landmarks/, 'Landmarks/Landmarks'),
          text,
        ]),
      ),
    );
    const { rows } = await importRows(readCkPlus, { root, last: 1, first: false });
    expect(rows).toHaveLength(3);
    expect(rows[0]?.landmarks).toHaveLength(136);
  });
});
