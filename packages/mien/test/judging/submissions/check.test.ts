// The checker finds every kind of damage.

import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  checkSubmission,
  describeProblem,
  PROBLEMS_PER_FILE,
  SUBMISSION_EDITIONS,
  type SubmissionEditionName,
  writeSubmission,
} from 'mien/judging';
import type { Task } from 'mien/labels';
import { describe, expect, it } from 'vitest';
import { folderWith } from '../../../../../test/folders.js';
import { estimatesOf, testManifest } from '../../support/submissions.js';

/** A submission of video v with 3 frames and w with 30, damaged; and what the checker says. */
async function damaged(
  edition: SubmissionEditionName,
  damage: (change: (path: string, change: (text: string) => string | Buffer) => void, out: string) => void,
  tasks?: Task[],
): Promise<string[]> {
  const { schema } = SUBMISSION_EDITIONS[edition];
  const manifest = testManifest({ v: 3, w: 30 }, schema);
  const out = join(folderWith({}), 'out');
  await writeSubmission(out, edition, { estimates: estimatesOf(34, schema), manifest });
  damage((path, change) => {
    const file = join(out, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, change(readFileSync(file, 'utf8')));
  }, out);
  return (await checkSubmission(out, edition, manifest, { tasks })).problems.map(describeProblem);
}

/** Replaces line k, from 1. */
const line = (k: number, content: string) => (text: string) =>
  text
    .split('\n')
    .map((one, i) => (i === k - 1 ? content : one))
    .join('\n');

describe('a damaged submission', () => {
  it.each<[string, SubmissionEditionName, string, (text: string) => string | Buffer, string[]]>([
    [
      'too few lines',
      'fg2020',
      'VA_Set/v.txt',
      (text) => text.split('\n').slice(0, 3).join('\n'),
      ['VA_Set/v.txt:4: found 2 lines after the header; expected 3: one per frame'],
    ],
    [
      'too many lines',
      'abaw3',
      'EXPR/v.txt',
      (text) => `${text}0\n`,
      ['EXPR/v.txt:5: found 4 lines after the header; expected 3: one per frame'],
    ],
    [
      'a wrong header',
      'abaw3',
      'VA/v.txt',
      line(1, 'Valence,Arousal'),
      ['VA/v.txt:1: found header "Valence,Arousal"; expected valence,arousal'],
    ],
    [
      'the header of another edition',
      'abaw5',
      'VA/predictions.txt',
      line(1, 'image,valence,arousal'),
      ['VA/predictions.txt:1: found header "image,valence,arousal"; expected image_location,valence,arousal'],
    ],
    [
      'no header',
      'fg2020',
      'EXPR_Set/v.txt',
      (text) => text.split('\n').slice(1).join('\n'),
      [
        'EXPR_Set/v.txt:1: found header "1"; expected Neutral,Anger,Disgust,Fear,Happiness,Sadness,Surprise',
        'EXPR_Set/v.txt:4: found 2 lines after the header; expected 3: one per frame',
      ],
    ],
    [
      'a missing column',
      'abaw3',
      'VA/v.txt',
      line(3, '0.5'),
      ['VA/v.txt:3: found 1 values, "0.5"; expected 2'],
    ],
    [
      'an empty line',
      'abaw3',
      'VA/v.txt',
      line(3, ''),
      ['VA/v.txt:3: found an empty line; expected 2 values'],
    ],
    [
      'NaN',
      'abaw3',
      'VA/v.txt',
      line(3, '0.5,nan'),
      ['VA/v.txt:3: found arousal "nan"; expected a number from -1 to 1'],
    ],
    [
      'a value out of range',
      'abaw3',
      'VA/v.txt',
      line(2, '1.0001,-5'),
      [
        'VA/v.txt:2: found valence "1.0001"; expected a number from -1 to 1',
        'VA/v.txt:2: found arousal "-5"; expected a number from -1 to 1',
      ],
    ],
    [
      'a sign for "not known"',
      'abaw3',
      'EXPR/v.txt',
      line(2, '-1'),
      ['EXPR/v.txt:2: found expression "-1"; expected an integer from 0 to 7'],
    ],
    [
      'a probability in place of a decision',
      'fg2020',
      'AU_Set/v.txt',
      line(2, '0.5,0,0,0,0,0,0,1'),
      ['AU_Set/v.txt:2: found AU1 "0.5"; expected an integer from 0 to 1'],
    ],
    [
      'a class as a decimal',
      'abaw3',
      'EXPR/v.txt',
      line(2, '1.0'),
      ['EXPR/v.txt:2: found expression "1.0"; expected plain digits'],
    ],
    [
      'blanks',
      'abaw3',
      'VA/v.txt',
      line(2, '0.5, 0.5'),
      ['VA/v.txt:2: found arousal " 0.5"; expected plain decimals'],
    ],
    [
      'a byte order mark',
      'abaw3',
      'VA/v.txt',
      (text) => `\ufeff${text}`,
      ['VA/v.txt:1: found a byte order mark; expected plain UTF-8'],
    ],
    [
      'line ends of Windows',
      'abaw3',
      'VA/v.txt',
      (text) => text.replaceAll('\n', '\r\n'),
      ['VA/v.txt: found line ends CR LF; expected LF'],
    ],
    [
      'bytes that are no UTF-8',
      'abaw3',
      'VA/v.txt',
      () => Buffer.from('valence,arousal\n\xff', 'latin1'),
      ['VA/v.txt:2: found bytes that are no UTF-8; expected UTF-8'],
    ],
    [
      'an empty file',
      'abaw3',
      'VA/v.txt',
      () => '',
      [
        'VA/v.txt: found an empty file; expected valence,arousal',
        'VA/v.txt:2: found 0 lines after the header; expected 3: one per frame',
      ],
    ],
    [
      'an image that is missing',
      'abaw5',
      'EXPR/predictions.txt',
      (text) => text.replace(/^v\/00002.*\n/m, ''),
      [
        'EXPR/predictions.txt: found 32 lines after the header; expected 33: one per frame',
        'EXPR/predictions.txt: found no line for v/00002.jpg; expected one for every image',
      ],
    ],
    [
      'an image of no test video',
      'mtl',
      'MTL_predictions.txt',
      (text) => text.replace('v/00002', 'x/00002'),
      [
        'MTL_predictions.txt:3: found image "x/00002.jpg"; expected only images of the test set',
        'MTL_predictions.txt: found no line for v/00002.jpg; expected one for every image',
      ],
    ],
    [
      'an image twice',
      'abaw5',
      'EXPR/predictions.txt',
      (text) => text.replace('v/00002', 'v/00001'),
      [
        'EXPR/predictions.txt:3: found image "v/00001.jpg" for the second time; expected once; the first is line 2',
        'EXPR/predictions.txt: found no line for v/00002.jpg; expected one for every image',
      ],
    ],
    [
      'images in another order',
      'abaw5',
      'EXPR/predictions.txt',
      (text) => text.replace(/^(v\/00001.*\n)(v\/00002.*\n)/m, '$2$1'),
      [
        `EXPR/predictions.txt:3: found image "v/00001.jpg" after a later one; expected the order of the test set's images`,
      ],
    ],
  ])('with %s', async (_, edition, path, change, problems) => {
    expect(await damaged(edition, (apply) => apply(path, change))).toEqual(problems);
  });

  it('with a video missing, and one that is none of the test set', async () => {
    const problems = await damaged('fg2020', (_, out) => {
      rmSync(join(out, 'AU_Set/v.txt'));
      appendFileSync(join(out, 'AU_Set/x.txt'), '');
      appendFileSync(join(out, 'notes.txt'), '');
    });
    expect(problems).toEqual([
      'AU_Set/v.txt: found no such file; expected one with 3 lines',
      'notes.txt: found a file that no submission has; expected only those of the test set',
      'AU_Set/x.txt: found a file that no submission has; expected only those of the test set',
    ]);
  });

  it('with very many problems tells the first of each file, and how many there are', async () => {
    const problems = await damaged('abaw3', (change) =>
      change('VA/w.txt', (text) => text.replace(/^-?\d.*$/gm, '2,0')),
    );
    expect(problems).toHaveLength(PROBLEMS_PER_FILE + 1);
    expect(problems.at(-1)).toBe('VA/w.txt: found 10 more problems; expected none');
  });
});

describe('a submission of some tasks', () => {
  const without = (_: unknown, out: string) => rmSync(join(out, 'AU_Set'), { recursive: true });

  it('is whole, unless the others are asked for', async () => {
    expect(await damaged('fg2020', without)).toEqual([]);
    expect(await damaged('fg2020', without, ['AU', 'VA'])).toEqual([
      'AU_Set/v.txt: found no such file; expected one with 3 lines',
      'AU_Set/w.txt: found no such file; expected one with 30 lines',
    ]);
  });

  it('must be there', async () => {
    await expect(
      damaged('fg2020', (_, out) => {
        for (const task of ['AU', 'EXPR', 'VA']) rmSync(join(out, `${task}_Set`), { recursive: true });
      }),
    ).rejects.toThrow(
      /out: found none of the files of a submission; expected such as EXPR_Set\/v\.txt \(ABAW 1/,
    );
  });

  it('tells what was looked at', async () => {
    const { schema } = SUBMISSION_EDITIONS.abaw3;
    const manifest = testManifest({ v: 3, w: 30 }, schema);
    const out = join(folderWith({}), 'out');
    await writeSubmission(out, 'abaw3', { estimates: estimatesOf(34, schema), manifest, tasks: ['VA'] });
    expect(await checkSubmission(out, 'abaw3', manifest)).toEqual({
      problems: [],
      tasks: [{ task: 'VA', files: 2, lines: 33 }],
    });
  });
});
