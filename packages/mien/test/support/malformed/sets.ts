// Data sets whose files no import should take.

import { join } from 'node:path';
import {
  readAffectNet,
  readCkPlus,
  readClassFolders,
  readEmotioNet,
  readFerPlus,
  readRafDb,
} from 'mien/datasets';
import { importRows, npyNumbers, npyText } from '../importing.js';
import type { Case } from './case.js';

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
/** Imports a folder of classes. */
export const folders = (root: string) => importRows(readClassFolders, { root, dataset: 'd', classes: {} });

export const MALFORMED_SETS: Case[] = [
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
