import { join } from 'node:path';
import { readTogether } from 'mien/datasets';
import { ABAW3 } from 'mien/labels';
import { describe, expect, it } from 'vitest';
import { folderWith } from '../../../../test/folders.js';
import { faces, manifestOf } from '../support/manifests.js';

describe('manifests read together', () => {
  it('have all rows, in the order given, and all data sets', async () => {
    const folder = folderWith({});
    const files = [
      manifestOf(folder, 'one.parquet', faces(2, ['fear'])),
      manifestOf(folder, 'two.parquet', faces(3, ['anger'], { dataset: 'b' })),
    ];
    const { faces: table, roots } = await readTogether(files);
    const expressions = Array.from({ length: table.length }, (_, row) => table.expression.get(row));
    expect(expressions).toEqual(['fear', 'fear', 'anger', 'anger', 'anger']);
    expect([...roots]).toEqual([
      ['a', '/data/a'],
      ['b', '/data/b'],
    ]);
  });

  it('find their data where they were moved to', async () => {
    const folder = folderWith({});
    const file = manifestOf(folder, 'one.parquet', faces(1, ['fear']));
    const other = manifestOf(folder, 'two.parquet', faces(1, ['fear']), { roots: { a: join(folder, 'a') } });
    await expect(readTogether([file, other])).rejects.toThrow(/two\.parquet: found data set "a" in /);
    for (const files of [[file], [file, other]])
      expect([...(await readTogether(files, { roots: { a: '/new' } })).roots]).toEqual([['a', '/new']]);
    await expect(readTogether([file], { roots: { c: '/new' } })).rejects.toThrow(
      /found no data set "c"; expected one of a/,
    );
  });

  it('need one schema', async () => {
    const folder = folderWith({});
    const file = manifestOf(folder, 'one.parquet', faces(1, ['fear']));
    const other = manifestOf(folder, 'two.parquet', faces(1, ['other']), { schema: ABAW3 });
    await expect(readTogether([file, other])).rejects.toThrow(
      /two\.parquet: found label schema abaw3; expected/,
    );
  });
});
