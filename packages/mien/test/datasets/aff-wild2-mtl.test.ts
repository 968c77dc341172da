import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FaceRow, importFaces, readAffWild2Mtl, type TallyRecord } from 'mien/datasets';
import { ABAW3 } from 'mien/labels';
import { describe, expect, it } from 'vitest';
import { tree } from '../support/aff-wild2.js';

const HEADER = `image,valence,arousal,expression,aus`;
const ZEROS = '0,0,0,0,0,0,0,0,0,0,0,0';

async function read(
  text: string | Buffer,
  crops: Record<string, (number | string)[]>,
  { validation, test, strict = false }: { validation?: string; test?: string; strict?: boolean } = {},
): Promise<{ rows: FaceRow[]; tally: TallyRecord }> {
  const made = tree({}, crops);
  const file = (name: string, content: string | Buffer) => {
    writeFileSync(join(made.folder, name), content);
    return join(made.folder, name);
  };
  const { faces, history } = await importFaces({
    command: 'import aff-wild2-mtl',
    read: readAffWild2Mtl,
    options: {
      train: file('train.txt', text),
      validation: validation === undefined ? undefined : file('validation.txt', validation),
      test: test === undefined ? undefined : file('test.txt', test),
      crops: made.crops,
    },
    schema: ABAW3,
    roots: { 'aff-wild2': made.crops },
    strict,
  });
  return { rows: [...faces.rows()], tally: (history[0] as { tally: TallyRecord }).tally };
}

describe('importing the list of test images', () => {
  const TRAIN = `${HEADER}\n`;

  it('gives every image a row without labels, in the order of the list', async () => {
    const { rows } = await read(
      TRAIN,
      { v: [1, 7], w: [1] },
      { test: 'image\nw/00001.jpg\nv/00007.jpg,,\n' },
    );
    expect(rows).toEqual([
      { dataset: 'aff-wild2', image: 'w/00001.jpg', split: 'test', clip: 'w', frame: 0 },
      { dataset: 'aff-wild2', image: 'v/00007.jpg', split: 'test', clip: 'v', frame: 6 },
    ]);
  });

  it('refuses labels, images twice, and a list without its header', async () => {
    const crops = { v: [1] };
    await expect(read(TRAIN, crops, { test: 'image\nv/00001.jpg,0.5\n' })).rejects.toThrow(
      /test\.txt:2: found "v\/00001\.jpg,0\.5"; expected an image without labels$/,
    );
    await expect(read(TRAIN, crops, { test: 'image\nv/00001.jpg\nv/1.jpg\n' })).rejects.toThrow(
      /test\.txt:3: found frame 1 of v for the second time/,
    );
    await expect(read(TRAIN, crops, { test: 'v/00001.jpg\n' })).rejects.toThrow(
      /test\.txt:1: found "v\/00001\.jpg"; expected a header that begins with "image"$/,
    );
  });
});

describe('importing the multi-task file', () => {
  it('reads all labels of an image, each missing by itself', async () => {
    const { rows, tally } = await read(
      `${HEADER}\nv/00002.jpg,0.5,-0.25,7,1,${ZEROS.slice(2)}\nv/00001.jpg,-5,-5,-1,-1,${ZEROS.slice(2)}\nw/00001.jpg,-5,-5,-1,${ZEROS.replaceAll('0', '-1')}\n`,
      { v: [1, 2], w: [1] },
      { validation: `${HEADER}\nw/00001.jpg,0.1,-5,0,${ZEROS}` },
    );
    const none = new Array(11).fill(0);
    expect(rows).toEqual([
      {
        dataset: 'aff-wild2',
        image: 'v/00002.jpg',
        split: 'train',
        clip: 'v',
        frame: 1,
        valence: 0.5,
        arousal: -0.25,
        expression: 'other',
        actionUnits: [1, ...none],
      },
      {
        dataset: 'aff-wild2',
        image: 'v/00001.jpg',
        split: 'train',
        clip: 'v',
        frame: 0,
        actionUnits: [undefined, ...none],
      },
      {
        dataset: 'aff-wild2',
        image: 'w/00001.jpg',
        split: 'validation',
        clip: 'w',
        frame: 0,
        valence: 0.1,
        expression: 'neutral',
        actionUnits: [0, ...none],
      },
    ]);
    expect(tally.dropped['no label for the crop']).toMatchObject({
      count: 1,
      examples: [expect.stringMatching(/train\.txt:4$/)],
    });
  });

  it('counts and drops lines without a picture; a strict import stops there', async () => {
    const text = `${HEADER}\nv/00001.jpg,0,0,0,${ZEROS}\nv/00002.jpg,0,0,0,${ZEROS}\n`;
    const { rows, tally } = await read(text, { v: [2] });
    expect(rows.map(({ frame }) => frame)).toEqual([1]);
    expect(tally.dropped['no crop for the line']).toEqual({
      count: 1,
      examples: [expect.stringMatching(/train\.txt:2$/)],
    });
    await expect(read(text, { v: [2] }, { strict: true })).rejects.toThrow(
      /train\.txt:2: found no crop for the line/,
    );
  });

  const good = `v/00001.jpg,0,0,0,${ZEROS}`;
  it.each<[string, string | Buffer, RegExp]>([
    [
      'has no header',
      `${good}\n`,
      /train\.txt:1: found "v\/00001\.jpg.*expected a header that begins with "image,"/,
    ],
    ['is empty', '', /train\.txt:1: found an empty file/],
    [
      'has 8 action units',
      `${HEADER}\nv/00001.jpg,0,0,0,0,0,0,0,0,0,0,0\n`,
      /train\.txt:2: found 12 values.*expected 16: image/,
    ],
    ['has an empty line inside', `${HEADER}\n\n${good}\n`, /train\.txt:2: found an empty line/],
    [
      'has NaN',
      `${HEADER}\n${good.replace('jpg,0', 'jpg,nan')}\n`,
      /train\.txt:2, column valence: found "nan"/,
    ],
    [
      'has an expression of 8',
      `${HEADER}\nv/00001.jpg,0,0,8,${ZEROS}\n`,
      /train\.txt:2, column expression: found "8"; expected an integer from -1 to 7/,
    ],
    ['has an action unit of 2', `${HEADER}\n${good.slice(0, -1)}2\n`, /train\.txt:2, column AU26: found "2"/],
    [
      'names an image twice',
      `${HEADER}\n${good}\n${good}\n`,
      /train\.txt:3: found frame 1 of v for the second time; .*line 2/,
    ],
    [
      'names an image outside the folder',
      `${HEADER}\n../00001.jpg,0,0,0,${ZEROS}\n`,
      /train\.txt:2, column image: found "\.\.\/00001\.jpg"; expected VIDEO\/NUMBER\.jpg/,
    ],
    [
      'names an image without a number',
      `${HEADER}\nv/face.jpg,0,0,0,${ZEROS}\n`,
      /column image: found "v\/face\.jpg"/,
    ],
    ['is UTF-16', Buffer.from(`\ufeff${HEADER}\n`, 'utf16le'), /train\.txt:1: found UTF-16 text/],
  ])('is refused when it %s', async (_, text, message) => {
    await expect(read(text, { v: [1] })).rejects.toThrow(message);
  });
});
