import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ABAW3 } from 'mien/labels';
import { describe, expect, it } from 'vitest';
import { AU_HEADER, EXPR_HEADER, importTree, tree, VA_HEADER } from '../support/aff-wild2.js';

const AU = 'AU_Set/Training_Set/v.txt';
const EXPR = 'EXPR_Set/Training_Set/v.txt';
const VA = 'VA_Set/Training_Set/v.txt';
const ZEROS = '0,0,0,0,0,0,0,0';
const latin1 = (text: string) => Buffer.from(text, 'latin1');

/** What is wrong, the label file, its bytes, and the message. */
const LABELS: [string, string, string | Buffer, RegExp][] = [
  [
    'too few values',
    AU,
    `${AU_HEADER}\n${ZEROS}\n0,0,0\n`,
    /v\.txt:3: found 3 values, "0,0,0"; expected 8 values \(AU of schema abaw1\)/,
  ],
  ['too many values', VA, `${VA_HEADER}\n0,0,0\n`, /v\.txt:2: found 3 values.*expected 2 values \(VA/],
  [
    'two expressions in a line',
    EXPR,
    `${EXPR_HEADER}\n1,2\n`,
    /v\.txt:2: found 2 values, "1,2"; expected 1 value \(EXPR/,
  ],
  [
    'NaN',
    VA,
    `${VA_HEADER}\n0.1,NaN\n`,
    /v\.txt:2, column arousal: found "NaN"; expected a number from -1 to 1/,
  ],
  ['an infinite value', VA, `${VA_HEADER}\nInfinity,0\n`, /v\.txt:2, column valence: found "Infinity"/],
  ['a word', EXPR, `${EXPR_HEADER}\n0\nhappy\n`, /v\.txt:3: found "happy"; expected an integer from -1 to 6/],
  [
    'valence beyond 1',
    VA,
    `${VA_HEADER}\n1.2,0\n`,
    /v\.txt:2, column valence: found "1\.2"; expected a number from -1 to 1/,
  ],
  ['another sentinel', VA, `${VA_HEADER}\n0,-2\n`, /v\.txt:2, column arousal: found "-2"/],
  [
    'an expression beyond the schema',
    EXPR,
    `${EXPR_HEADER}\n7\n`,
    /v\.txt:2: found "7"; expected an integer from -1 to 6/,
  ],
  ['half an expression', EXPR, `${EXPR_HEADER}\n1.5\n`, /v\.txt:2: found "1\.5"; expected an integer/],
  [
    'a fractional action unit',
    AU,
    `${AU_HEADER}\n${ZEROS.replace('0', '0.5')}\n`,
    /v\.txt:2, column AU1: found "0\.5"; expected an integer from -1 to 1/,
  ],
  ['an action unit of 2', AU, `${AU_HEADER}\n0,0,0,2,0,0,0,0\n`, /v\.txt:2, column AU6: found "2"/],
  ['an empty value', AU, `${AU_HEADER}\n0,0,0,,0,0,0,0\n`, /v\.txt:2, column AU6: found ""/],
  [
    'an empty line in the middle',
    EXPR,
    `${EXPR_HEADER}\n0\n\n1\n`,
    /v\.txt:3: found an empty line; expected 1 value/,
  ],
  ['an empty file', EXPR, '', /v\.txt: found an empty file; expected a header and a line per frame/],
  [
    'no header',
    AU,
    `${ZEROS}\n${ZEROS}\n`,
    /v\.txt:1: found the numbers "0,0,0,0,0,0,0,0"; expected a header/,
  ],
  ['no header, a sentinel first', EXPR, '-1\n0\n', /v\.txt:1: found the numbers "-1"; expected a header/],
  ['an empty line for a header', VA, '\n0,0\n', /v\.txt:1: found an empty line; expected a header/],
  [
    'the header of another schema',
    AU,
    `${ABAW3.actionUnits.join()}\n`,
    /v\.txt:1: found a header of 12 names.*It suits --schema abaw3/,
  ],
  [
    'action units in another order',
    AU,
    `AU2,AU1,AU4,AU6,AU12,AU15,AU20,AU25\n${ZEROS}\n`,
    /v\.txt:1: found a header of 8 names.*expected the 8 of schema abaw1/,
  ],
  [
    'eight expressions',
    EXPR,
    `${EXPR_HEADER},Other\n0\n`,
    /v\.txt:1: found a header of 8 names.*It suits --schema abaw3/,
  ],
  [
    'Latin-1 text',
    EXPR,
    latin1(`${EXPR_HEADER}\n0\n\xe9\n`),
    /v\.txt:3: found bytes that are no UTF-8.*iconv/,
  ],
  [
    'UTF-16',
    EXPR,
    Buffer.from(`\ufeff${EXPR_HEADER}\n0\n`, 'utf16le'),
    /v\.txt:1: found UTF-16 text; expected UTF-8/,
  ],
  [
    'binary',
    VA,
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0]),
    /v\.txt:1: found bytes that are no UTF-8/,
  ],
  ['zero bytes', VA, Buffer.from(`${VA_HEADER}\n0,0\n\0\n`), /v\.txt:3: found a zero byte/],
];

describe('a label file is refused, with its line, when it has', () => {
  it.each(LABELS)('%s', async (_, path, content, message) => {
    const made = tree({ [path]: 'to be replaced' }, { v: [1] });
    writeFileSync(join(made.annotations, path), content);
    await expect(importTree(made)).rejects.toThrow(message);
  });
});

describe('a tree is refused when', () => {
  const labels = { [EXPR]: `${EXPR_HEADER}\n0\n0\n` };

  it.each<[string, Record<string, string>, Record<string, (number | string)[]>, RegExp]>([
    [
      'a crop is beyond the labels',
      labels,
      { v: [1, 3] },
      /v\.txt: found 2 label lines; expected at least 3, because of the crop .*v\/00003\.jpg/,
    ],
    [
      'a frame has two crops',
      labels,
      { v: [1, '1.jpg'] },
      /v\/1\.jpg: found a second crop of frame 1, beside 00001\.jpg/,
    ],
    [
      'a crop has the number 0',
      labels,
      { v: [0, 1] },
      /00000\.jpg: found a crop with the number 0; expected numbers from 1/,
    ],
    [
      'two files are of one video',
      { ...labels, 'EXPR_Set/Training_Set/v.v2.txt': '' },
      { v: [1] },
      /v\.v2\.txt: found labels of video v for the second time/,
    ],
    [
      'folders of two challenges lie side by side',
      { ...labels, 'EXPR_Recognition_Challenge/Train_Set/v.txt': '' },
      { v: [1] },
      /annotations: found both EXPR_Set and EXPR_Recognition_Challenge/,
    ],
    [
      'there is no folder with labels',
      { 'readme.txt': '' },
      { v: [1] },
      /annotations: found none of the folders with labels; expected AU_Set/,
    ],
    [
      'the folders with labels are empty',
      { 'EXPR_Set/notes/x.txt': '' },
      { v: [1] },
      /annotations: found no label files/,
    ],
    [
      'no crop has a label',
      { [EXPR]: `${EXPR_HEADER}\n-1\n` },
      { v: [1] },
      /found no face that could be kept \(dropped 1: no label for the crop, such as EXPR_Set\/Training_Set\/v\.txt\)/,
    ],
  ])('%s', async (_, files, crops, message) => {
    await expect(importTree(tree(files, crops))).rejects.toThrow(message);
  });

  it('the folder of annotations is missing', async () => {
    const made = tree(labels, { v: [1] });
    await expect(importTree({ ...made, annotations: join(made.folder, 'none') })).rejects.toThrow(
      /none: found no such folder; expected a folder/,
    );
  });

  it.skipIf(process.getuid?.() === 0)('a label file may not be read (not tested for root)', async () => {
    const made = tree(labels, { v: [1] });
    chmodSync(join(made.annotations, EXPR), 0);
    await expect(importTree(made)).rejects.toThrow(/v\.txt: found no permission/);
  });
});

describe('names in Latin-1', () => {
  const LATIN1_NAME = Buffer.concat([Buffer.from('caf'), Buffer.from([0xe9])]);

  it('are dropped and counted among labels, and stop a strict import', async () => {
    const made = tree({ [EXPR]: `${EXPR_HEADER}\n0\n` }, { v: [1] });
    const folder = Buffer.from(join(made.annotations, 'EXPR_Set/Training_Set/'));
    writeFileSync(Buffer.concat([folder, LATIN1_NAME, Buffer.from('.txt')]), `${EXPR_HEADER}\n0\n`);
    const { rows, tally } = await importTree(made);
    expect(rows).toHaveLength(1);
    expect(tally.dropped['a name that cannot be opened']?.count).toBe(1);
    await expect(importTree(made, { strict: true })).rejects.toThrow(/found a name that cannot be opened/);
  });

  it('are passed over among crops; names in UTF-8 are not', async () => {
    const made = tree({ 'EXPR_Set/Training_Set/é.txt': `${EXPR_HEADER}\n0\n` }, { é: [1] });
    const folder = Buffer.from(join(made.crops, 'é/'));
    writeFileSync(Buffer.concat([folder, LATIN1_NAME]), '');
    mkdirSync(join(made.crops, 'other'));
    const { rows, tally } = await importTree(made);
    expect(rows.map(({ image }) => image)).toEqual(['é/00001.jpg']);
    expect(tally.noted['no crops: passed over']?.count).toBe(1);
  });
});
