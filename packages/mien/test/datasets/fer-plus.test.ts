import { join } from 'node:path';
import fc from 'fast-check';
import { type FerPlusOptions, majority, readFerPlus, softLabel } from 'mien/datasets';
import { readTable } from 'mien/files';
import { ABAW1 } from 'mien/labels';
import { describe, expect, it } from 'vitest';
import { folderWith } from '../../../../test/folders.js';
import { SHARED } from '../support/golden.js';
import { importRows } from '../support/importing.js';
import { unpackFile } from '../support/tar.js';

const RULE = { dropSingleVotes: false, minVotes: 5 };
// neutral, happiness, surprise, sadness, anger, disgust, fear, contempt, unknown, not a face
const votes = fc.array(fc.nat(10), { minLength: 10, maxLength: 10 });

const options = (root: string, more: Partial<FerPlusOptions> = {}): FerPlusOptions => ({
  root,
  labels: 'majority',
  ...RULE,
  ...more,
});

describe('the majority of FER+ votes', () => {
  it.each([
    ['more than half', [6, 0, 0, 1, 3, 0, 0, 0, 0, 0], { value: 'neutral' }],
    ['five of ten', [0, 5, 4, 1, 0, 0, 0, 0, 0, 0], { value: 'happiness' }],
    ['four of ten', [4, 0, 0, 1, 3, 2, 0, 0, 0, 0], { refused: 'no majority' }],
    ['five of ten twice', [0, 0, 5, 0, 0, 0, 5, 0, 0, 0], { refused: 'several classes with most votes' }],
    [
      'contempt',
      [1, 0, 0, 0, 1, 0, 0, 8, 0, 0],
      { refused: 'most votes for contempt, which schema abaw1 lacks' },
    ],
    ['unknown', [1, 0, 0, 0, 1, 0, 0, 1, 7, 0], { refused: 'most votes for unknown' }],
    ['not a face', [0, 0, 0, 0, 0, 0, 0, 0, 0, 10], { refused: 'most votes for not a face' }],
    ['nothing', [0, 0, 0, 0, 0, 0, 0, 0, 0, 0], { refused: 'no votes' }],
  ])('is told for %s', (_, counts, verdict) => {
    expect(majority(counts, RULE, ABAW1)).toEqual(verdict);
  });

  it('counts contempt where the schema has it', () => {
    const schema = { ...ABAW1, name: 'eight', expressions: [...ABAW1.expressions, 'contempt'] };
    expect(majority([1, 0, 0, 0, 1, 0, 0, 8, 0, 0], RULE, schema)).toEqual({ value: 'contempt' });
  });

  it("is the generator's when single votes are not counted: more than half of the others", () => {
    const rule = { dropSingleVotes: true, minVotes: 11 };
    expect(majority([4, 1, 1, 1, 3, 0, 0, 0, 0, 0], rule, ABAW1)).toEqual({ value: 'neutral' });
    expect(majority([4, 0, 0, 0, 4, 2, 0, 0, 0, 0], rule, ABAW1)).toHaveProperty('refused');
  });

  it('is the class that has more votes than each other, in any order of them', () => {
    fc.assert(
      fc.property(votes, (counts) => {
        const { value } = majority(counts, RULE, ABAW1);
        if (value === undefined) return;
        const order = ['neutral', 'happiness', 'surprise', 'sadness', 'anger', 'disgust', 'fear'];
        const winner = order.indexOf(value);
        expect(counts.every((count, k) => k === winner || count < (counts[winner] ?? 0))).toBe(true);
      }),
    );
  });
});

describe('a soft label', () => {
  it('leaves votes for other classes out, and is refused when they are most', () => {
    expect(softLabel([3, 0, 0, 1, 0, 0, 0, 4, 0, 0], ABAW1).value).toEqual({
      shares: [0.75, 0, 0, 0, 0, 0.25, 0],
      expression: 'neutral',
    });
    expect(softLabel([3, 0, 0, 1, 0, 0, 0, 3, 1, 1], ABAW1)).toHaveProperty('refused');
  });

  it('names no expression when two have most votes', () => {
    expect(softLabel([5, 5, 0, 0, 0, 0, 0, 0, 0, 0], ABAW1).value?.expression).toBeUndefined();
  });

  it('sums to one', () => {
    fc.assert(
      fc.property(votes, (counts) => {
        const { value } = softLabel(counts, ABAW1);
        if (value === undefined) return;
        expect(value.shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
      }),
    );
  });
});

const TREE = {
  'FER2013Train/label.csv': [
    'fer0000000.png,"(0, 0, 48, 48)",6,0,1,1,0,0,0,0,2,0',
    'fer0000001.png,"(2, 3, 40, 45)",0,8,0,1,1,0,0,0,0,0',
    'fer0000002.png,"(0, 0, 48, 48)",0,10,0,0,0,0,0,0,0,0',
    'fer0000003.png,"(0, 0, 48, 48)",3,3,0,0,0,0,0,3,0,0',
  ].join('\n'),
  'FER2013Train/fer0000000.png': '',
  'FER2013Train/fer0000001.png': '',
  'FER2013Train/fer0000003.png': '',
  'FER2013Test/label.csv': 'fer0000009.png,"(0, 0, 48, 48)",0,0,0,0,0,0,9,0,0,0\r\n',
  'FER2013Test/fer0000009.png': '',
};

describe('import fer-plus', () => {
  it("takes the folders' splits, boxes that are not the whole picture, and counts what it drops", async () => {
    const { rows, dropped, tally } = await importRows(readFerPlus, options(folderWith(TREE)));
    expect(rows).toEqual([
      { dataset: 'fer-plus', image: 'FER2013Train/fer0000000.png', split: 'train', expression: 'neutral' },
      {
        dataset: 'fer-plus',
        image: 'FER2013Train/fer0000001.png',
        split: 'train',
        expression: 'happiness',
        box: { x: 2, y: 3, width: 38, height: 42 },
      },
      { dataset: 'fer-plus', image: 'FER2013Test/fer0000009.png', split: 'test', expression: 'fear' },
    ]);
    expect(dropped).toEqual({ 'no such file': 1, 'several classes with most votes': 1 });
    expect(tally.dropped['no such file']?.examples[0]).toMatch(/FER2013Train\/fer0000002\.png$/);
  });

  it('keeps the distribution of votes when asked', async () => {
    const { rows } = await importRows(readFerPlus, options(folderWith(TREE), { labels: 'votes' }));
    expect(rows.map(({ votes }) => votes)).toEqual([
      [0.75, 0, 0, 0, 0, 0.125, 0.125],
      [0, 0.1, 0, 0, 0.8, 0.1, 0],
      [0.5, 0, 0, 0, 0.5, 0, 0],
      [0, 0, 0, 1, 0, 0, 0],
    ]);
    expect(rows[2]?.expression).toBeUndefined();
  });

  it('reads the original table where the folders have no lists', async () => {
    const root = folderWith({
      'fer2013new.csv': [
        'Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF',
        'Training,fer0000000.png,10,0,0,0,0,0,0,0,0,0',
        'Training,,0,0,0,0,0,0,0,0,0,10',
        'PublicTest,fer0000001.png,0,0,0,10,0,0,0,0,0,0',
        'PrivateTest,fer0000002.png,0,0,10,0,0,0,0,0,0,0',
      ].join('\n'),
      'FER2013Train/fer0000000.png': '',
      'FER2013Valid/fer0000001.png': '',
      'FER2013Test/fer0000002.png': '',
    });
    const { rows, dropped } = await importRows(readFerPlus, options(root));
    expect(rows.map(({ image, split, expression }) => [image, split, expression])).toEqual([
      ['FER2013Train/fer0000000.png', 'train', 'neutral'],
      ['FER2013Valid/fer0000001.png', 'validation', 'sadness'],
      ['FER2013Test/fer0000002.png', 'test', 'surprise'],
    ]);
    expect(dropped).toEqual({ 'no picture name (most raters saw no face)': 1 });
  });
});

describe('the data set itself', () => {
  it.skipIf(!SHARED)(
    'gives every label of ferplus-expr.csv (skipped where the shared data sets are not at hand)',
    async () => {
      const data = join(SHARED ?? '', 'data');
      const found = new Map<string, string | undefined>();
      for (const split of ['Train', 'Valid']) {
        const file = unpackFile(join(data, 'ferplus.tar'), `FER2013${split}/label.csv`);
        const table = await readTable(file, { columns: ['name', 'box', ...'0123456789'] });
        for await (const rows of table)
          for (const { cells } of rows) {
            const [name, , ...counts] = cells;
            found.set(`${split}/${name}`, majority(counts.map(Number), RULE, ABAW1).value);
          }
      }
      expect(found.size).toBe(28_558 + 3_579);
      let listed = 0;
      for await (const rows of await readTable(join(data, 'ferplus-expr.csv')))
        for (const { cells } of rows) {
          const [split, image, expression] = cells;
          expect(found.get(`${split}/${image}`)).toBe(expression);
          listed++;
        }
      expect(listed).toBe(20_544);
    },
  );
});
