// Tables that no import should take.

import { join } from 'node:path';
import { readFaceTable } from 'mien/datasets';
import { importRows } from '../importing.js';
import { tableOptions } from '../table-options.js';
import { type Case, latin1 } from './case.js';

/** Imports the table `name` of a folder. */
export const table =
  (name: string, more: object = {}, strict = false) =>
  (root: string) =>
    importRows(readFaceTable, tableOptions(join(root, name), { dataset: 't', ...more }), { strict });

const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le');

export const MALFORMED_TABLES: Case[] = [
  {
    what: 'too few cells',
    files: { 't.csv': 'image,expression,AU1\n1.jpg,sad,1\n2.jpg,sad\n' },
    run: table('t.csv'),
    message: /^ROOT\/t\.csv:3: found 2 cells \("2\.jpg,sad"\); expected 3, as there are columns$/,
  },
  {
    what: 'too many cells',
    files: { 't.csv': 'image,valence,arousal\n1.jpg,0,5,0,5\n' },
    run: table('t.csv'),
    message: /^ROOT\/t\.csv:2: found 5 cells .*; expected 3, as there are columns$/,
  },
  {
    what: 'a quote that is not closed',
    files: { 't.csv': 'image,expression\n1.jpg,sad\n"2.jpg,sad\n3.jpg,sad\n' },
    run: table('t.csv'),
    message: /^ROOT\/t\.csv:3: found a quote that is not closed; expected cells with commas or quotes/,
  },
  {
    what: 'text after a closing quote',
    files: { 't.csv': 'image,expression\n"1.jpg"x,sad\n' },
    run: table('t.csv'),
    message: /^ROOT\/t\.csv:2: found text after a closing quote; expected/,
  },
  {
    what: 'a column twice, behind a byte order mark',
    files: { 't.csv': '\ufeffimage,AU1,AU1\r\n1.jpg,1,1\r\n' },
    run: table('t.csv'),
    message: /^ROOT\/t\.csv:1: found column "AU1" twice; expected columns of different names$/,
  },
  {
    what: 'no such column',
    files: { 't.csv': 'file,emotion\n1.jpg,sad\n' },
    run: table('t.csv'),
    message:
      /^ROOT\/t\.csv:1: found no column "image"; expected one of "file", "emotion"\. Name another column with --image$/,
  },
  {
    what: 'semicolons where commas are expected',
    files: { 't.csv': 'image;emotion\n1.jpg;sad\n' },
    run: table('t.csv'),
    message: /^ROOT\/t\.csv:1: found no column "image"; .* what stands between the columns with --delimiter$/,
  },
  {
    what: 'an empty file',
    files: { 't.csv': '' },
    run: table('t.csv'),
    message: /^ROOT\/t\.csv: found an empty file; expected a header line and rows$/,
  },
  {
    what: 'a header alone',
    files: { 't.csv': 'image,expression\n' },
    run: table('t.csv'),
    message: /found no face that could be kept; expected a data set$/,
  },
  {
    what: 'no such file',
    files: {},
    run: table('t.csv'),
    message: /^ROOT\/t\.csv: found no such file; expected a text file$/,
  },
  {
    what: 'a spreadsheet',
    files: { 't.xlsx': 'PK' },
    run: table('t.xlsx'),
    message: /^ROOT\/t\.xlsx: found a \.xlsx file; expected a table: \.csv.*\. Save the sheet as CSV$/,
  },
  {
    what: 'UTF-16',
    files: { 't.csv': utf16('image,expression\n1.jpg,sad\n') },
    run: table('t.csv'),
    message: /^ROOT\/t\.csv:1: found UTF-16 text; expected UTF-8\. Convert it with iconv$/,
  },
  {
    what: 'Latin-1',
    files: { 't.csv': latin1('image,expression,group\n1.jpg,sad,a\n2.jpg,sad,b\n3.jpg,fröhlich,c\n') },
    run: table('t.csv'),
    message: /^ROOT\/t\.csv:4: found bytes that are no UTF-8; expected UTF-8\. Convert Latin-1/,
  },
  {
    what: 'Latin-1 far into a long file',
    files: { 't.csv': latin1(`image,expression\n${'1.jpg,happy\n'.repeat(20_000)}2.jpg,tr\xe4urig\n`) },
    run: table('t.csv'),
    message: /^ROOT\/t\.csv:20002: found bytes that are no UTF-8/,
  },
  {
    what: 'a zero byte',
    files: { 't.csv': 'image,expression\n1.jpg,sad\n2.j\0pg,sad\n' },
    run: table('t.csv'),
    message: /^ROOT\/t\.csv:3: found a zero byte; expected text$/,
  },
  {
    what: 'a line without an end',
    files: { 't.csv': `image,expression\n1.jpg,${'x'.repeat(5 << 20)}` },
    run: table('t.csv'),
    message: /^ROOT\/t\.csv:2: found a line longer than 4 MiB; expected a row of a table$/,
  },
  {
    what: 'NaN for valence',
    files: { 't.csv': 'image,valence,arousal\n1.jpg,0.5,0.5\n1.jpg,NaN,0.5\n' },
    run: table('t.csv'),
    message: /^ROOT\/t\.csv:3, column valence: found "NaN"; expected a number from -1 to 1$/,
  },
  {
    what: 'valence out of range',
    files: { 't.csv': 'image,valence,arousal\n1.jpg,-5,0.5\n' },
    run: table('t.csv'),
    message: /^ROOT\/t\.csv:2, column valence: found "-5"; expected a number from -1 to 1$/,
  },
  {
    what: 'an action unit that is neither present nor absent',
    files: { 't.csv': 'image,AU12\n1.jpg,0.5\n' },
    run: table('t.csv'),
    message: /^ROOT\/t\.csv:2, column AU12: found "0\.5"; expected an integer from 0 to 1$/,
  },
  {
    what: 'a frame before the first',
    files: { 't.csv': 'image,frame,AU12\n1.jpg,0,1\n' },
    run: table('t.csv', { frameFrom: 1 }),
    message: /^ROOT\/t\.csv:2, column frame: found "0"; expected an integer from 1 to/,
  },
  {
    what: 'a split of another name',
    files: { 't.csv': 'image,split,AU12\n1.jpg,fold 3,1\n' },
    run: table('t.csv'),
    message:
      /^ROOT\/t\.csv:2, column split: found "fold 3"; expected train, validation, test\. Say what it means with --split-value/,
  },
  {
    what: 'a box with a missing number',
    files: { 't.csv': 'image,x,y,w,h,AU12\n1.jpg,1,2,,4,1\n' },
    run: table('t.csv', { box: ['x', 'y', 'w', 'h'] }),
    message: /^ROOT\/t\.csv:2: found a box with missing numbers; expected x, y, width and height/,
  },
  {
    what: 'a box of negative width',
    files: { 't.csv': 'image,x,y,w,h,AU12\n1.jpg,1,2,-3,4,1\n' },
    run: table('t.csv', { box: ['x', 'y', 'w', 'h'] }),
    message: /^ROOT\/t\.csv:2, column w: found "-3"; expected a number from 0 to 1000000$/,
  },
  {
    what: 'a frame beyond 32 bits',
    files: { 't.csv': 'image,frame,AU12\n1.jpg,2147483648,1\n' },
    run: table('t.csv'),
    message: /^ROOT\/t\.csv:2, column frame: found "2147483648"; expected an integer from 0 to 2147483647$/,
  },
  {
    what: "words that are names of JavaScript's own",
    files: { 't.csv': 'image,AU12,expression\n1.jpg,constructor,toString\n' },
    run: table('t.csv'),
    message: /^ROOT\/t\.csv:2, column AU12: found "constructor"; expected an integer from 0 to 1$/,
  },
  {
    what: 'an action unit of another schema',
    files: { 't.csv': 'image,jaw\n1.jpg,1\n' },
    run: table('t.csv', { actionUnits: { AU26: 'jaw' } }),
    message: /^ROOT\/t\.csv: found a column for AU26; expected action units of schema abaw1: AU1, /,
  },
  {
    what: 'an expression of another schema, strictly',
    files: { 't.csv': 'image,expression\n1.jpg,bored\n' },
    run: table('t.csv', {}, true),
    message: /^ROOT\/t\.csv:2: found expression bored; expected one of neutral, anger/,
  },
  {
    what: 'a picture that is not there, strictly',
    files: { 't.csv': 'image,expression\n1.jpg,sad\n' },
    run: table('t.csv', {}, true),
    message: /^ROOT\/1\.jpg: found no such file; expected a file, named in ROOT\/t\.csv:2$/,
  },
  {
    what: 'a face twice, strictly',
    files: { 't.csv': 'image,expression\n1.jpg,sad\n./1.jpg,happy\n', '1.jpg': '' },
    run: table('t.csv', {}, true),
    message: /^ROOT\/t\.csv:3: found a face listed before; expected each face once$/,
  },
  {
    what: 'pictures none of which is there',
    files: { 't.csv': 'image,expression\n1.jpg,sad\n2.jpg,sad\n' },
    run: table('t.csv'),
    message:
      /found no face that could be kept \(dropped 2: no such file, such as ROOT\/1\.jpg\); expected a data set$/,
  },
  {
    what: 'a folder of pictures that is not there',
    files: { 't.csv': 'image,expression\n1.jpg,sad\n' },
    run: (root) => table('t.csv', { images: join(root, 'crops') })(root),
    message: /^ROOT\/crops: found no such folder; expected a folder$/,
  },
  {
    what: 'broken JSON',
    files: { 't.jsonl': '{"image": "1.jpg", "AU1": 1}\n{"image": "2.jpg", "AU1": }\n' },
    run: table('t.jsonl'),
    message:
      /^ROOT\/t\.jsonl:2: found "\{\\"image\\": .*, which is no JSON \(.*\); expected an object in JSON on one line/,
  },
  {
    what: 'JSON that is no object',
    files: { 't.jsonl': '{"image": "1.jpg"}\n\n["2.jpg", 1]\n' },
    run: table('t.jsonl'),
    message: /^ROOT\/t\.jsonl:3: found .*2\.jpg.*; expected an object in JSON on one line/,
  },
  {
    what: 'text as a Parquet file',
    files: { 't.parquet': 'image,expression\n1.jpg,sad\n' },
    run: table('t.parquet'),
    message: /^ROOT\/t\.parquet: found something else \(.*\); expected a Parquet file$/,
  },
];
