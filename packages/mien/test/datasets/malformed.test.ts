// What is wrong in a user's files, and what each import says about it: file, row, what was found, what was expected.

import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  readAffectNet,
  readCkPlus,
  readClassFolders,
  readEmotioNet,
  readFaceTable,
  readFerPlus,
  readRafDb,
  readReferencePickle,
} from 'mien/datasets';
import { isDataError, TextColumn, writeParquet } from 'mien/files';
import { describe, expect, it } from 'vitest';
import { folderWith } from '../../../../test/folders.js';
import { importRows, npyNumbers, npyText } from '../support/importing.js';

type Content = string | Uint8Array;

function tree(files: Record<string, Content>): string {
  const root = folderWith({});
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

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

const table =
  (name: string, more: object = {}, strict = false) =>
  (root: string) =>
    importRows(
      readFaceTable,
      {
        table: join(root, name),
        images: root,
        dataset: 't',
        columns: {},
        actionUnits: {},
        frameFrom: 0,
        splits: {},
        classes: {},
        missing: [],
        affectRange: [-1, 1],
        unlabelled: false,
        ...more,
      },
      { strict },
    );
const ferPlus = (root: string) =>
  importRows(readFerPlus, { root, labels: 'majority', minVotes: 5, dropSingleVotes: false });
const rafDb =
  (strict = false) =>
  (root: string) =>
    importRows(readRafDb, { root, images: 'original', group: ['age'] }, { strict });
const affectNet = (root: string) => importRows(readAffectNet, { root, automatic: false });
const ckPlus =
  (strict = false) =>
  (root: string) =>
    importRows(readCkPlus, { root, last: 1, first: false }, { strict });
const emotioNet = (root: string) =>
  importRows(readEmotioNet, { tables: [join(root, 't.csv')], images: join(root, 'images') });
const folders = (root: string) => importRows(readClassFolders, { root, dataset: 'd', classes: {} });
const pickle = (root: string) =>
  importRows(readReferencePickle, {
    pickle: join(root, 'a.pkl'),
    root,
    strip: [],
    dataset: 'd',
    codes: 'aff-wild2',
  });

const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le');
const latin1 = (text: string) => Buffer.from(text, 'latin1');

/** A pickle of protocol 0. */
const pickled = (text: string) => Buffer.from(text);

interface Case {
  what: string;
  files: Record<string, Content>;
  run: (root: string) => Promise<unknown>;
  message: RegExp;
}

const TABLES: Case[] = [
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

const SETS: Case[] = [
  {
    what: 'FER+: a folder with neither form',
    files: { 'FER2013Train/fer0000000.png': '' },
    run: ferPlus,
    message: /^ROOT: found no votes; expected label\.csv in FER2013Train, .*, or fer2013new\.csv$/,
  },
  {
    what: 'FER+: votes that are no numbers',
    files: { 'FER2013Train/label.csv': 'fer0000000.png,"(0, 0, 48, 48)",4,0,0,1,x,2,0,0,0,0\n' },
    run: ferPlus,
    message:
      /^ROOT\/FER2013Train\/label\.csv:1, column anger: found "x"; expected an integer from 0 to 1000$/,
  },
  {
    what: 'FER+: votes that are missing',
    files: { 'FER2013Valid/label.csv': 'fer0000000.png,"(0, 0, 48, 48)",4,0,0,1,3,2,0,0,0\n' },
    run: ferPlus,
    message: /^ROOT\/FER2013Valid\/label\.csv:1: found 11 cells .*; expected 12, as there are columns$/,
  },
  {
    what: 'FER+: a box that is none',
    files: { 'FER2013Train/label.csv': 'fer0000000.png,48x48,4,0,0,1,3,2,0,0,0,0\n' },
    run: ferPlus,
    message: /label\.csv:1, column box: found "48x48"; expected \(left, top, right, bottom\) such as/,
  },
  {
    what: 'FER+: the original table with other columns',
    files: { 'fer2013new.csv': 'Usage,Image name,happiness,neutral\nTraining,fer0.png,1,2\n' },
    run: ferPlus,
    message:
      /^ROOT\/fer2013new\.csv:1: found "Usage,Image name,happiness,neutral"; expected Usage,Image name,neutral,/,
  },
  {
    what: 'RAF-DB: no list',
    files: { 'basic/Image/aligned/train_00001_aligned.jpg': '' },
    run: rafDb(),
    message: /^ROOT: found no list of labels; expected basic\/EmoLabel\/list_patition_label\.txt$/,
  },
  {
    what: 'RAF-DB: a code that means nothing',
    files: { 'basic/EmoLabel/list_patition_label.txt': 'train_00001.jpg 5\ntrain_00002.jpg 8\n' },
    run: rafDb(),
    message: /list_patition_label\.txt:2, column code: found "8"; expected an integer from 1 to 7$/,
  },
  {
    what: 'RAF-DB: a line of another kind',
    files: { 'basic/EmoLabel/list_patition_label.txt': 'train_00001.jpg,5\n' },
    run: rafDb(),
    message: /list_patition_label\.txt:1: found "train_00001\.jpg,5"; expected a picture and a code/,
  },
  {
    what: 'RAF-DB: a picture twice, strictly',
    files: {
      'basic/EmoLabel/list_patition_label.txt': 'train_00001.jpg 5\ntrain_00001.jpg 4\n',
      'basic/Image/original/train_00001.jpg': '',
    },
    run: rafDb(true),
    message: /list_patition_label\.txt:2: found a face listed before; expected each face once$/,
  },
  {
    what: 'RAF-DB: a box of negative width',
    files: {
      'basic/EmoLabel/list_patition_label.txt': 'train_00001.jpg 5\n',
      'basic/Image/original/train_00001.jpg': '',
      'basic/Annotation/boundingbox/train_00001_boundingbox.txt': '90 10 20 80\n',
    },
    run: rafDb(),
    message: /train_00001_boundingbox\.txt:1: found "90 10 20 80"; expected left less than right/,
  },
  {
    what: 'RAF-DB: attributes that are cut off',
    files: {
      'basic/EmoLabel/list_patition_label.txt': 'train_00001.jpg 5\n',
      'basic/Image/original/train_00001.jpg': '',
      'basic/Annotation/manual/train_00001_manu_attri.txt': '1 2\n1 2\n1 2\n',
    },
    run: rafDb(),
    message: /train_00001_manu_attri\.txt: found 3 lines; expected 8: five points, gender, race, age$/,
  },
  {
    what: 'AffectNet: a folder with neither form',
    files: { 'readme.txt': '' },
    run: affectNet,
    message: /^ROOT: found neither form of AffectNet; expected train_set and val_set, or training\.csv/,
  },
  {
    what: 'AffectNet: a box that is no numbers',
    files: {
      'training.csv': '1/a.jpg,left,0,10,10,,1,0,0\n',
      'Manually_Annotated_Images/1/a.jpg': '',
    },
    run: affectNet,
    message: /^ROOT\/training\.csv:1, column face_x: found "left"; expected a number$/,
  },
  {
    what: 'AffectNet: landmarks of another number',
    files: {
      'training.csv': '1/a.jpg,0,0,10,10,1;2;3,1,0,0\n',
      'Manually_Annotated_Images/1/a.jpg': '',
    },
    run: affectNet,
    message: /training\.csv:1, column facial_landmarks: found 3 numbers \("1;2;3"\); expected 136/,
  },
  {
    what: 'AffectNet: an unknown code',
    files: {
      'training.csv': '1/a.jpg,0,0,10,10,,11,0,0\n',
      'Manually_Annotated_Images/1/a.jpg': '',
    },
    run: affectNet,
    message: /training\.csv:1, column expression: found "11"; expected an integer from 0 to 10$/,
  },
  {
    what: 'AffectNet: a NumPy file that is cut off',
    files: {
      'val_set/images/1.jpg': '',
      'val_set/annotations/1_exp.npy': npyText('1').subarray(0, -2),
      'val_set/annotations/1_val.npy': npyText('0.5'),
      'val_set/annotations/1_aro.npy': npyText('0.5'),
    },
    run: affectNet,
    message:
      /^ROOT\/val_set\/annotations\/1_exp\.npy: found 2 bytes of data; expected 4 for shape \(\) of <U1$/,
  },
  {
    what: 'AffectNet: several values for one label',
    files: {
      'val_set/images/1.jpg': '',
      'val_set/annotations/1_exp.npy': npyNumbers([1, 2]),
      'val_set/annotations/1_val.npy': npyText('0.5'),
      'val_set/annotations/1_aro.npy': npyText('0.5'),
    },
    run: affectNet,
    message: /1_exp\.npy: found shape \(2\); expected a single value$/,
  },
  {
    what: 'CK+: pictures without labels',
    files: { 'cohn-kanade-images/S005/001/S005_001_00000001.png': '' },
    run: ckPlus(),
    message: /^ROOT: found no labels; expected a folder Emotion or FACS beside the pictures$/,
  },
  {
    what: 'CK+: an emotion that is no code',
    files: {
      'cohn-kanade-images/S005/001/S005_001_00000001.png': '',
      'Emotion/S005/001/S005_001_00000001_emotion.txt': '   9.0000000e+00\n',
    },
    run: ckPlus(),
    message: /S005_001_00000001_emotion\.txt:1: found 9; expected a code from 0 to 7$/,
  },
  {
    what: 'CK+: an action unit without intensity',
    files: {
      'cohn-kanade-images/S005/001/S005_001_00000001.png': '',
      'FACS/S005/001/S005_001_00000001_facs.txt': '   1.0000000e+00   2.0000000e+00\n   4.0000000e+00\n',
    },
    run: ckPlus(),
    message:
      /S005_001_00000001_facs\.txt:2: found " {3}4\.0000000e\+00"; expected an action unit and its intensity$/,
  },
  {
    what: 'CK+: landmarks of another number',
    files: {
      'cohn-kanade-images/S005/001/S005_001_00000001.png': '',
      'Emotion/S005/001/S005_001_00000001_emotion.txt': '3\n',
      'Landmarks/S005/001/S005_001_00000001_landmarks.txt': '1 2\n3 4\n',
    },
    run: ckPlus(),
    message: /S005_001_00000001_landmarks\.txt: found 2 points; expected 68$/,
  },
  {
    what: 'CK+: a label of another frame, strictly',
    files: {
      'cohn-kanade-images/S005/001/S005_001_00000001.png': '',
      'cohn-kanade-images/S005/001/S005_001_00000002.png': '',
      'Emotion/S005/001/S005_001_00000001_emotion.txt': '3\n',
    },
    run: ckPlus(true),
    message:
      /emotion\.txt: found a label of another frame than the last; expected that of S005_001_00000002\.png/,
  },
  {
    what: 'EmotioNet: a label that is none',
    files: { 't.csv': 'URL,URL orig,AU 1\nhttp://a/1.jpg,x,2\n', 'images/1.jpg': '' },
    run: emotioNet,
    message: /^ROOT\/t\.csv:2, column AU 1: found "2"; expected 0, 1, or 999 for not annotated$/,
  },
  {
    what: 'EmotioNet: another table',
    files: { 't.csv': 'name,smile\n1.jpg,1\n', 'images/1.jpg': '' },
    run: emotioNet,
    message: /^ROOT\/t\.csv:1: found "name,smile"; expected columns URL and AU1, AU2/,
  },
  {
    what: 'folders: none',
    files: { '1.jpg': '' },
    run: folders,
    message: /^ROOT: found no folders; expected a folder per class \(neutral, anger/,
  },
  {
    what: 'folders: classes that mean nothing',
    files: { '0/1.jpg': '', '1/2.jpg': '' },
    run: folders,
    message: /found no face that could be kept \(dropped 1: class "0", such as ROOT\/0\/1\.jpg; 1: class "1"/,
  },
];

const PICKLES: Case[] = [
  {
    what: 'a pickle that wants to run a command',
    files: { 'a.pkl': pickled("cos\nsystem\n(S'touch owned'\ntR.") },
    run: pickle,
    message: /^ROOT\/a\.pkl: found something else: refused the name "os\.system", nothing was executed/,
  },
  {
    what: 'a pickle that is cut off',
    files: { 'a.pkl': Buffer.of(0x80, 2, 0x7d, 0x58, 9, 0, 0, 0, 0x61) },
    run: pickle,
    message: /^ROOT\/a\.pkl: found something else: the pickle ends early: .*; expected a pickle of plain/,
  },
  {
    what: 'an empty pickle',
    files: { 'a.pkl': '' },
    run: pickle,
    message: /^ROOT\/a\.pkl: found an empty file; expected a pickle of plain dictionaries, lists/,
  },
  {
    what: 'a pickle of a list',
    files: { 'a.pkl': pickled('(lI1\na.') },
    run: pickle,
    message:
      /^ROOT\/a\.pkl: found a pickle that is no dictionary; expected dictionaries that hold lists "path"$/,
  },
  {
    what: 'a pickle with fewer labels than paths',
    files: { 'a.pkl': pickled("(dS'path'\n(lS'1.jpg'\naS'2.jpg'\nasS'label'\n(lI1\nas.") },
    run: pickle,
    message: /^ROOT\/a\.pkl, column label: found 1 items; expected 2, as there are paths$/,
  },
  {
    what: 'a pickle with a code that means nothing',
    files: { 'a.pkl': pickled("(dS'Training_Set'\n(dS'path'\n(lS'1.jpg'\nasS'label'\n(lI9\nass.") },
    run: pickle,
    message: /^ROOT\/a\.pkl:1, column Training_Set\/label: found 9; expected a code from 0 to 6$/,
  },
  {
    what: 'a pickle with a frame before the first',
    files: { 'a.pkl': pickled("(dS'path'\n(lS'1.jpg'\nasS'label'\n(lI0\nasS'frames_ids'\n(lI-1\nas.") },
    run: pickle,
    message: /^ROOT\/a\.pkl:1, column frames_ids: found -1; expected the number of a frame, from 0$/,
  },
  {
    what: 'a pickle without labels',
    files: { 'a.pkl': pickled("(dS'path'\n(lS'1.jpg'\nasS'id'\n(lI1\nas.") },
    run: pickle,
    message:
      /^ROOT\/a\.pkl: found a dictionary with "path, id"; expected label, or valence and arousal, or AU1/,
  },
];

describe('a malformed file ends an import with its place, what was found and what was expected:', () => {
  it.each([...TABLES, ...SETS, ...PICKLES])('$what', async ({ files, run, message }) => {
    expect(await messageOf(tree(files), run)).toMatch(message);
  });

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
