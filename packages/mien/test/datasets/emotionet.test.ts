import { join } from 'node:path';
import { readEmotioNet } from 'mien/datasets';
import { describe, expect, it } from 'vitest';
import { folderWith } from '../../../../test/folders.js';
import { importRows } from '../support/importing.js';

const url = (name: string) => `'http://bucket.example/images/N_0000000001/${name}'`;

describe('import emotionet', () => {
  it('reads the table with a header, in its odd spelling, and finds pictures by file name', async () => {
    const root = folderWith({
      'labels.csv': [
        "URL,URL orig,'AU 1','AU 2',\"'AU 12'\",'AU 60'",
        `${url('a.jpg')},'http://x/1.jpg',1,0,999,0`,
        `${url('b.jpg')},'http://x/2.jpg', 0, 1,1,0`,
        `${url('c.jpg')},'http://x/3.jpg',999,999,999,1`,
        `${url('d.jpg')},'http://x/4.jpg',1,1,1,1`,
        `${url('e.jpg')},'http://x/5.jpg',1,1,1,1`,
        ',,,,,',
      ].join('\n'),
      'imgs/N_0000000001/a.jpg': '',
      'imgs/b.jpg': '',
      'imgs/c.jpg': '',
      'imgs/1/e.jpg': '',
      'imgs/2/e.jpg': '',
    });
    const { rows, dropped, noted } = await importRows(readEmotioNet, {
      tables: [join(root, 'labels.csv')],
      images: join(root, 'imgs'),
      split: 'validation',
    });
    const none = undefined;
    expect(rows).toEqual([
      {
        dataset: 'emotionet',
        image: 'N_0000000001/a.jpg',
        split: 'validation',
        actionUnits: [1, 0, none, none, none, none, none, none],
      },
      {
        dataset: 'emotionet',
        image: 'b.jpg',
        split: 'validation',
        actionUnits: [0, 1, none, none, 1, none, none, none],
      },
    ]);
    expect(dropped).toEqual({
      'no label': 1,
      'no such picture': 1,
      'several pictures of this name': 1,
      'no address': 1,
    });
    expect(noted).toEqual({ 'an action unit without column: not known': 5 });
  });

  it('reads the text files with tabs and without a header', async () => {
    const cells = (units: Record<number, number>) =>
      Array.from({ length: 60 }, (_, i) => units[i + 1] ?? 999).join('\t');
    const root = folderWith({
      'dataFile_0001.txt': `http://a/N_1/x.jpg\thttp://b/x.jpg\t${cells({ 1: 1, 25: 1, 12: 0 })}\n`,
      'images/x.jpg': '',
    });
    const { rows } = await importRows(readEmotioNet, {
      tables: [join(root, 'dataFile_0001.txt')],
      images: join(root, 'images'),
    });
    expect(rows[0]?.actionUnits).toEqual([1, undefined, undefined, undefined, 0, undefined, undefined, 1]);
  });
});
