import { join } from 'node:path';
import { nearestWord, readYaml } from 'mien/files';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { folderWith } from '../../../../test/folders.js';

const SCHEMA = z.strictObject({
  name: z.string(),
  list: z.array(z.strictObject({ size: z.int().min(1), colour: z.enum(['red', 'blue']).optional() })).min(1),
  more: z.strictObject({ depth: z.number() }).optional(),
});

const read = (text: string) => readYaml(join(folderWith({ 's.yaml': text }), 's.yaml'), SCHEMA);

describe('readYaml', () => {
  it('reads what suits the schema', async () => {
    const value = await read('# a comment\nname: x\nlist:\n  - {size: 1}\n  - size: 2\n    colour: red\n');
    expect(value).toEqual({ name: 'x', list: [{ size: 1 }, { size: 2, colour: 'red' }] });
  });

  it.each([
    [
      'an unknown key',
      'name: x\nlist: [{size: 1}]\nlsit: 3\n',
      /s\.yaml:3: found "lsit"; expected one of name, list, more\. Did you mean "list"\?/,
    ],
    [
      'an unknown key deep inside',
      'name: x\nlist:\n  - size: 1\n    color: red\n',
      /s\.yaml:4: found "color" in list\[0\]; expected one of size, colour\. Did you mean "colour"\?/,
    ],
    [
      'an unknown key in an optional object',
      'name: x\nmore: {dpth: 1}\n',
      /s\.yaml:2: found "dpth" in more; expected one of depth\. Did you mean/,
    ],
    [
      'an unknown key that is like no other',
      'name: x\nlist: [{size: 1}]\nzzz: 3\n',
      /s\.yaml:3: found "zzz"; expected one of name, list, more$/,
    ],
    [
      'a number that is too small',
      'name: x\nlist:\n  - size: 1\n  - size: 0\n',
      /s\.yaml:4: found 0 for list\[1\]\.size; expected number ≥ 1/,
    ],
    ['another type', 'name: 5\nlist: [{size: 1}]\n', /s\.yaml:1: found 5 for name; expected string/],
    [
      'none of the choices',
      'name: x\nlist: [{size: 1, colour: green}]\n',
      /found "green" for list\[0\]\.colour; expected one of "red"\|"blue"/,
    ],
    ['something missing', 'name: x\n', /s\.yaml: found nothing for list; expected array/],
    ['an empty file', '', /s\.yaml: found nothing; expected object/],
    ['broken YAML', 'name: x\nlist: [1\n', /s\.yaml:\d: found .*; expected YAML/],
    ['a key given twice', 'name: x\nname: y\n', /s\.yaml:2: found Map keys must be unique; expected YAML/],
  ])('refuses %s and says where', async (_, text, message) => {
    await expect(read(text)).rejects.toThrow(message);
  });
});

describe('nearestWord', () => {
  it('finds what was meant, and nothing for what is far from all', () => {
    expect(nearestWord('Hapiness', ['sadness', 'happiness'])).toBe('happiness');
    expect(nearestWord('xyz', ['sadness', 'happiness'])).toBeUndefined();
    expect(nearestWord('a', [])).toBeUndefined();
  });
});
