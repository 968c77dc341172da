import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  DataError,
  listFolder,
  OutputFile,
  parseNumber,
  readTextLines,
  walkFiles,
  writeWhole,
} from 'mien/files';
import { describe, expect, it } from 'vitest';
import { folderWith } from '../../../../test/folders.js';

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe('readTextLines', () => {
  it.each([
    ['LF', 'a\nb\n', ['a', 'b']],
    ['CRLF', 'a\r\nb\r\n', ['a', 'b']],
    ['no last line end', 'a\nb', ['a', 'b']],
    ['a byte order mark', '\ufeffa\n', ['a']],
    ['blank lines', 'a\n\nb\n\n', ['a', '', 'b', '']],
    ['nothing', '', []],
  ])('reads text with %s', async (_, text, lines) => {
    const file = join(folderWith({ 'x.txt': text }), 'x.txt');
    expect(await readTextLines(file)).toEqual({ file, lines });
  });

  it.each([
    ['Latin-1', [0x61, 0x0a, 0x62, 0xe9, 0x0a], /x\.txt:2: found bytes that are no UTF-8; .*iconv/],
    ['UTF-16', [0xff, 0xfe, 0x61, 0x00], /x\.txt:1: found UTF-16 text; expected UTF-8/],
    ['a binary file', [0x61, 0x0a, 0x0a, 0x00, 0x01], /x\.txt:3: found a zero byte; expected text/],
  ])('refuses %s and names the line', async (_, bytes, message) => {
    const folder = folderWith({});
    writeFileSync(join(folder, 'x.txt'), Uint8Array.from(bytes));
    await expect(readTextLines(join(folder, 'x.txt'))).rejects.toThrow(message);
  });

  it('says when there is no such file, or it is a folder', async () => {
    const folder = folderWith({});
    await expect(readTextLines(join(folder, 'x.txt'))).rejects.toThrow(
      /x\.txt: found no such file; expected a text file/,
    );
    await expect(readTextLines(folder)).rejects.toThrow(/found a folder/);
  });
});

describe('parseNumber', () => {
  const place = { file: 'x.txt', row: 7, column: 'valence' };

  it.each([
    ['1', 1],
    [' -0.5 ', -0.5],
    ['.25', 0.25],
    ['3.', 3],
    ['1e-3', 0.001],
    ['+2', 2],
  ])('reads %j', (text, value) => {
    expect(parseNumber(text, place)).toBe(value);
  });

  it.each(['', ' ', 'NaN', 'Infinity', '0x10', '1,5', '1 2', 'one', '1e999'])('refuses %j', (text) => {
    expect(() => parseNumber(text, place)).toThrow(
      /^x\.txt:7, column valence: found ".*"; expected a number$/,
    );
  });

  it('names the range', () => {
    expect(() => parseNumber('1.5', place, { min: -1, max: 1 })).toThrow(
      /found "1.5"; expected a number from -1 to 1/,
    );
    expect(() => parseNumber('0.5', place, { min: 0, max: 5, integer: true })).toThrow(
      /expected an integer from 0 to 5/,
    );
  });
});

describe('outputs', () => {
  it('appear only when they are whole', () => {
    const folder = folderWith({ 'x.txt': 'old' });
    const output = new OutputFile(join(folder, 'x.txt'));
    output.write(Buffer.from('new'));
    expect(readFileSync(join(folder, 'x.txt'), 'utf8')).toBe('old');
    output.commit();
    expect(readFileSync(join(folder, 'x.txt'), 'utf8')).toBe('new');
    expect(readdirSync(folder)).toEqual(['x.txt']);
  });

  it('leave nothing when they are given up', () => {
    const folder = folderWith({});
    const output = new OutputFile(join(folder, 'x.txt'));
    output.write(Buffer.from('half'));
    output.discard();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('say why they cannot be written', () => {
    const folder = folderWith({ file: '', 'taken/x': '' });
    expect(() => writeWhole(join(folder, 'file/x.txt'), '')).toThrow(DataError);
    expect(() => writeWhole(join(folder, 'file/x.txt'), '')).toThrow(
      /a file where a folder should be; expected a file/,
    );
    expect(() => writeWhole(join(folder, 'taken'), '')).toThrow(/a folder of that name/);
    if (process.platform === 'linux')
      expect(() => writeWhole('/proc/new/x.txt', '')).toThrow(/a place where nothing can be made/);
    expect(readdirSync(folder).sort()).toEqual(['file', 'taken']);
  });
});

describe('folders', () => {
  it('are listed by code unit, links followed, with what cannot be opened apart', async () => {
    const folder = folderWith({ 'b.txt': '', 'B.txt': '', 'a10.txt': '', 'a9.txt': '', 'sub/x': '' });
    symlinkSync(join(folder, 'nowhere'), join(folder, 'dangling'));
    symlinkSync(join(folder, 'sub'), join(folder, 'link'));
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/caf`), Buffer.from([0xe9])]), '');
    expect(await listFolder(folder)).toEqual({
      files: ['B.txt', 'a10.txt', 'a9.txt', 'b.txt'],
      folders: ['link', 'sub'],
      unusable: ['caf\ufffd', 'dangling'],
    });
  });

  it('are walked once although links lead back up', async () => {
    const folder = folderWith({ 'a/x': '', 'a/b/y': '' });
    symlinkSync(folder, join(folder, 'a/b/up'));
    const unusable: [string, string][] = [];
    expect(await collect(walkFiles(folder, (...one) => void unusable.push(one)))).toEqual(['a/x', 'a/b/y']);
    expect(unusable).toEqual([['a/b/up', 'a link to a folder that holds it']]);
  });

  it('say when there is none', async () => {
    const folder = folderWith({ file: '' });
    mkdirSync(join(folder, 'sub'));
    await expect(listFolder(join(folder, 'none'))).rejects.toThrow(
      /none: found no such folder; expected a folder/,
    );
    await expect(listFolder(join(folder, 'file'))).rejects.toThrow(/file: found a file; expected a folder/);
  });
});
