// What is wrong in a user's files, and what each import says about it: file, row, what was found, what was expected.
// The files stand in `support/malformed`.

import { symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDataError, TextColumn, writeParquet } from 'mien/files';
import { describe, expect, it } from 'vitest';
import { folderWith } from '../../../../test/folders.js';
import { latin1, tree } from '../support/malformed/case.js';
import { MALFORMED_PICKLES } from '../support/malformed/pickles.js';
import { folders, MALFORMED_SETS } from '../support/malformed/sets.js';
import { MALFORMED_TABLES, table } from '../support/malformed/tables.js';

/** The message of the DataError that an import ends with, with `ROOT` for its folder. */
async function messageOf(root: string, run: (root: string) => Promise<unknown>): Promise<string> {
  try {
    await run(root);
  } catch (error) {
    if (!isDataError(error)) throw error;
    return error.message.replaceAll(root, 'ROOT');
  }
  throw new Error('the import did not fail');
}

describe('a malformed file ends an import with its place, what was found and what was expected:', () => {
  it.each([...MALFORMED_TABLES, ...MALFORMED_SETS, ...MALFORMED_PICKLES])(
    '$what',
    async ({ files, run, message }) => {
      expect(await messageOf(tree(files), run)).toMatch(message);
    },
  );

  it('a Parquet file that is cut off', async () => {
    const root = folderWith({});
    const file = join(root, 't.parquet');
    const image = new TextColumn();
    for (let i = 0; i < 1000; i++) image.push(`${i}.jpg`);
    writeParquet(file, [{ name: 'image', type: 'STRING', column: image }], 1000, {});
    truncateSync(file, 1500);
    expect(await messageOf(root, table('t.parquet'))).toMatch(
      /^ROOT\/t\.parquet: found something else \(.*\); expected a Parquet file$/,
    );
  });

  it('a table whose pictures lie in a circle of links', async () => {
    const root = folderWith({ 't.csv': 'image,expression\nloop/1.jpg,sad\n' });
    symlinkSync('loop', join(root, 'loop'));
    expect(await messageOf(root, table('t.csv'))).toMatch(
      /dropped 1: no such file, such as ROOT\/loop\/1\.jpg/,
    );
  });
});

describe('what looks odd and is right', () => {
  it.each([
    ['CRLF, a byte order mark and blank lines', '\ufeffimage,expression\r\n\r\n1.jpg,sad\r\n\r\n'],
    ['quotes around everything', '"image","expression"\n"1.jpg","sad"'],
    ['blanks around cells and names', 'image , expression\n 1.jpg , sad \n'],
    ['an index column without a name, as pandas writes it', ',image,expression\n0,1.jpg,sad\n'],
  ])('imports a table with %s', async (_, text) => {
    const root = tree({ 't.csv': text, '1.jpg': '' });
    const { rows } = await table('t.csv')(root);
    expect(rows).toEqual([{ dataset: 't', image: '1.jpg', expression: 'sadness' }]);
  });

  it('imports pictures whose names are no ASCII, and drops those whose names are no UTF-8', async () => {
    const root = tree({ 'happy/grüße 😀.jpg': '' });
    writeFileSync(Buffer.concat([Buffer.from(join(root, 'happy/')), latin1('gr\xfc\xdfe.jpg')]), '');
    const { rows, noted } = await folders(root);
    expect(rows.map(({ image }) => image)).toEqual(['happy/grüße 😀.jpg']);
    expect(noted).toEqual({ 'a name that cannot be opened': 1 });
  });
});
