// Predictions and labels that no score should come of.

import { join } from 'node:path';
import { type PairedOptions, readPaired } from 'mien/judging';
import { AU_HEADER, EXPR_HEADER, VA_HEADER } from '../aff-wild2.js';
import type { Case } from './case.js';

const score =
  (predictions = 'p', labels = 'l', options: PairedOptions = {}) =>
  (root: string) =>
    readPaired([join(root, predictions)], join(root, labels), options);

const VA = 'VA_Set/v.txt';
const va = (...lines: string[]) => `${VA_HEADER}\n${lines.join('\n')}\n`;
const csv = (...lines: string[]) => `${lines.join('\n')}\n`;
const LABELS = csv('clip,frame,expression,valence,arousal', 'v,0,anger,0,0', 'v,1,fear,0,0');

/** Text files, predictions against the labels `VA_Set/v.txt` of two frames. */
const TEXTS: Case[] = [
  {
    what: 'predictions of fewer frames than there are labels',
    files: { [`p/${VA}`]: va('0,0'), [`l/${VA}`]: va('0,0', '0,0') },
    run: score(),
    message: /^ROOT\/p\/VA_Set\/v\.txt:3: found 1 frame; expected 2, as ROOT\/l\/VA_Set\/v\.txt has$/,
  },
  {
    what: 'predictions of more frames than there are labels',
    files: { [`p/${VA}`]: va('0,0', '0,0', '0,0'), [`l/${VA}`]: va('0,0', '0,0') },
    run: score(),
    message: /^ROOT\/p\/VA_Set\/v\.txt:4: found 3 frames; expected 2, as/,
  },
  {
    what: 'a video that has labels but no predictions',
    files: { [`p/${VA}`]: va('0,0'), [`l/${VA}`]: va('0,0'), 'l/VA_Set/w.txt': va('-5,-5', '0,0') },
    run: score(),
    message:
      /^ROOT\/p: found no VA prediction for video w; expected one for each labelled frame, such as that of ROOT\/l\/VA_Set\/w\.txt:3$/,
  },
  {
    what: 'a video that has predictions but no labels',
    files: { [`p/${VA}`]: va('0,0'), 'p/VA_Set/w.txt': va('0,0'), [`l/${VA}`]: va('0,0') },
    run: score(),
    message:
      /^ROOT\/p\/VA_Set\/w\.txt:2: found predictions for video w; expected only what ROOT\/l has\. Let them pass with --surplus ignore$/,
  },
  {
    what: 'a video twice',
    files: { [`p/${VA}`]: va('0,0'), 'p/VA_Set/v.old.txt': va('0,0'), [`l/${VA}`]: va('0,0') },
    run: score(),
    message:
      /v\.txt: found video v for the second time; expected one file per video; the first is v\.old\.txt$/,
  },
  {
    what: 'a prediction that is not a number',
    files: { [`p/${VA}`]: va('0,0', '0,nan'), [`l/${VA}`]: va('0,0', '0,0') },
    run: score(),
    message: /^ROOT\/p\/VA_Set\/v\.txt:3, column arousal: found "nan"; expected a number from -1 to 1$/,
  },
  {
    what: 'a prediction out of range',
    files: { [`p/${VA}`]: va('1.0001,0'), [`l/${VA}`]: va('0,0') },
    run: score(),
    message: /v\.txt:2, column valence: found "1\.0001"; expected a number from -1 to 1$/,
  },
  {
    what: 'a labelled frame that the predictions say nothing of',
    files: { [`p/${VA}`]: va('0,0', '-5,-5', '-5,-5'), [`l/${VA}`]: va('0,0', '0.5,-5', '0,0') },
    run: score(),
    message: /^ROOT\/p: found no VA prediction for frame 1 of v; 2 labelled frames are without; .*v\.txt:3$/,
  },
  {
    what: 'an empty line in the middle',
    files: { [`p/${VA}`]: va('0,0', '', '0,0'), [`l/${VA}`]: va('0,0', '0,0', '0,0') },
    run: score(),
    message: /v\.txt:3: found an empty line; expected 2 \(VA of schema abaw1\), as in the first line$/,
  },
  {
    what: 'lines of different width',
    files: { 'p/EXPR.txt': `${EXPR_HEADER}\n0\n0,0\n`, 'l/EXPR.txt': `${EXPR_HEADER}\n0\n0\n` },
    run: score(),
    message:
      /EXPR\.txt:3: found 2 values, "0,0"; expected 1 or 7 \(EXPR of schema abaw1\), as in the first line$/,
  },
  {
    what: 'a class beyond the schema',
    files: { 'p/EXPR.txt': `${EXPR_HEADER}\n7\n`, 'l/EXPR.txt': `${EXPR_HEADER}\n0\n` },
    run: score(),
    message: /^ROOT\/p\/EXPR\.txt:2, column expression: found "7"; expected an integer from -1 to 6$/,
  },
  {
    what: 'probabilities of expressions that do not sum to 1',
    files: { 'p/EXPR.txt': `${EXPR_HEADER}\n0.9,0.9,0,0,0,0,0\n`, 'l/EXPR.txt': `${EXPR_HEADER}\n0\n` },
    run: score(),
    message: /EXPR\.txt:2: found probabilities of expressions with sum 1\.8000; expected a sum of 1$/,
  },
  {
    what: 'logits for action units',
    files: {
      'p/AU.txt': `${AU_HEADER}\n-0.5,0,0,0,0,0,0,0\n`,
      'l/AU.txt': `${AU_HEADER}\n0,0,0,0,0,0,0,0\n`,
    },
    run: score(),
    message: /AU\.txt:2, column AU1: found "-0\.5"; expected a number from 0 to 1$/,
  },
  {
    what: 'a label that is half a unit',
    files: { 'p/AU.txt': `${AU_HEADER}\n0,0,0,0,0,0,0,0\n`, 'l/AU.txt': `${AU_HEADER}\n0.5,0,0,0,0,0,0,0\n` },
    run: score(),
    message: /^ROOT\/l\/AU\.txt:2, column AU1: found "0\.5"; expected an integer from -1 to 1$/,
  },
  {
    what: 'text files of another schema',
    files: { 'p/AU_Set/v.txt': 'AU1,AU2,AU4,AU6,AU7,AU10,AU12,AU15,AU23,AU24,AU25,AU26\n', 'l/AU.txt': '' },
    run: score(),
    message: /v\.txt:1: found a header of 12 names.*It suits --schema abaw3$/,
  },
  {
    what: 'images of another schema',
    files: { 'p.txt': `image_location,${EXPR_HEADER},Other\nv/00001.jpg,0\n` },
    run: score('p.txt'),
    message:
      /^ROOT\/p\.txt:1: found the columns "Neutral,.*; expected valence,arousal, expression, aus, or .*It suits --schema abaw3$/,
  },
  {
    what: 'an image that is told twice',
    files: { 'p.txt': 'image,valence,arousal\nv/00001.jpg,0,0\nv/1.jpg,0,0\n' },
    run: score('p.txt'),
    message:
      /^ROOT\/p\.txt:3: found frame 0 of v for the second time; expected each frame once; the first is ROOT\/p\.txt:2$/,
  },
  {
    what: 'an image whose path tells no video',
    files: { 'p.txt': 'image,valence,arousal\n00001.jpg,0,0\n' },
    run: score('p.txt'),
    message: /^ROOT\/p\.txt:2, column image: found "00001\.jpg"; expected VIDEO\/NUMBER\.jpg/,
  },
  {
    what: 'lines of images of different width',
    files: { 'p.txt': 'image,valence,arousal\nv/00001.jpg,0,0\nv/00002.jpg,0\n' },
    run: score('p.txt'),
    message:
      /^ROOT\/p\.txt:3: found 2 values, "v\/00002\.jpg,0"; expected 3, as the header says \(schema abaw1\)$/,
  },
  {
    what: 'images with an empty line in the middle',
    files: { 'p.txt': 'image,valence,arousal\nv/00001.jpg,0,0\n\nv/00002.jpg,0,0\n' },
    run: score('p.txt'),
    message: /^ROOT\/p\.txt:3: found an empty line; expected 3 values$/,
  },
  {
    what: 'a header without lines',
    files: { 'p.txt': 'image,valence,arousal\n' },
    run: score('p.txt'),
    message: /^ROOT\/p\.txt: found no lines; expected a header and a line per image$/,
  },
  {
    what: 'a folder without text files',
    files: { 'p/readme.md': '' },
    run: score(),
    message:
      /^ROOT\/p: found neither text files nor folders of a task; expected EXPR_Set\/VIDEO\.txt or EXPR\.txt/,
  },
  {
    what: 'a task folder without text files',
    files: { 'p/VA_Set/v.csv': '' },
    run: score(),
    message: /^ROOT\/p\/VA_Set: found no text files; expected a file VIDEO\.txt per video$/,
  },
  {
    what: 'labels of the other split',
    files: { [`p/${VA}`]: va('0,0'), 'l/VA_Set/Training_Set/v.txt': va('0,0') },
    run: score(),
    message: /^ROOT\/l\/VA_Set: found folders for train; expected one for validation\. Choose with --split$/,
  },
  {
    what: 'predictions of a task that the labels lack',
    files: { 'p/EXPR.txt': `${EXPR_HEADER}\n0\n`, 'l/EXPR.txt': `${EXPR_HEADER}\n-1\n` },
    run: score(),
    message: /^ROOT\/l: found no labels for EXPR; expected some, in the split validation/,
  },
  {
    what: 'a task that was asked for and is not predicted',
    files: { [`p/${VA}`]: va('0,0'), [`l/${VA}`]: va('0,0') },
    run: score('p', 'l', { tasks: ['VA', 'AU'] }),
    message: /^ROOT\/p: found no AU predictions; expected some$/,
  },
  {
    what: 'no file of predictions',
    files: {},
    run: score(),
    message:
      /^ROOT\/p: found no such file; expected a table \(\.csv, .*\), a text file, or a folder of them$/,
  },
];

const TABLES: Case[] = [
  {
    what: 'a column that is spelled wrongly',
    files: { 'p.csv': csv('clip,frame,valense,arousal', 'v,0,0,0') },
    run: score('p.csv'),
    message:
      /^ROOT\/p\.csv, column valense: found a column of no known meaning; expected valence\?\. Say what it is with --map valence=valense, or leave it out with --ignore valense$/,
  },
  {
    what: 'an action unit of another schema',
    files: { 'p.csv': csv('clip,frame,AU26', 'v,0,0') },
    run: score('p.csv'),
    message:
      /^ROOT\/p\.csv, column AU26: found AU26, which schema abaw1 lacks; .*--schema abaw3, or leave it out/,
  },
  {
    what: 'probabilities of some expressions',
    files: { 'p.csv': csv('clip,frame,EXPR_anger,EXPR_fear', 'v,0,0.5,0.5') },
    run: score('p.csv'),
    message:
      /^ROOT\/p\.csv: found probabilities of 2 expressions; expected all 7 of schema abaw1: EXPR_neutral/,
  },
  {
    what: 'a row with some of its probabilities',
    files: {
      'p.csv': csv(
        'clip,frame,EXPR_neutral,EXPR_anger,EXPR_disgust,EXPR_fear,EXPR_happiness,EXPR_sadness,EXPR_surprise',
        'v,0,1,,0,0,0,0,0',
      ),
    },
    run: score('p.csv'),
    message: /^ROOT\/p\.csv:2: found probabilities of 6 expressions; expected all 7, or none$/,
  },
  {
    what: 'a table that does not tell frames',
    files: { 'p.csv': csv('clip,valence,arousal', 'v,0,0') },
    run: score('p.csv'),
    message:
      /^ROOT\/p\.csv: found the columns clip, valence, arousal; expected clip \(or video\) and frame, or image/,
  },
  {
    what: 'a table without values',
    files: { 'p.csv': csv('clip,frame', 'v,0') },
    run: score('p.csv'),
    message:
      /^ROOT\/p\.csv: found the columns clip, frame; expected some of expression, EXPR_…, AU…, valence and/,
  },
  {
    what: 'two columns of one meaning',
    files: { 'p.csv': csv('clip,frame,AU1,AU01', 'v,0,0,0') },
    run: score('p.csv'),
    message:
      /^ROOT\/p\.csv, column AU01: found AU1 for the second time; expected one column for it; the first is AU1$/,
  },
  {
    what: 'a mapping of a column that is not there',
    files: { 'p.csv': csv('clip,frame,val,arousal', 'v,0,0,0'), 'l.csv': LABELS },
    run: score('p.csv', 'l.csv', { map: { valence: 'valu' }, ignore: ['val'] }),
    message: /^ROOT\/p\.csv, ROOT\/l\.csv: found no column "valu" \(--map valence=valu\); expected val\?$/,
  },
  {
    what: 'a mapping to a name that means nothing',
    files: { 'p.csv': csv('clip,frame,val,arousal', 'v,0,0,0') },
    run: score('p.csv', 'l.csv', { map: { valenc: 'val' } }),
    message: /^ROOT\/p\.csv, column val: found --map valenc=val; expected valence\?$/,
  },
  {
    what: 'a frame twice',
    files: { 'p.csv': csv('clip,frame,expression', 'v,0,0', 'v,1,0', 'v,0,1') },
    run: score('p.csv'),
    message:
      /^ROOT\/p\.csv:4: found frame 0 of v for the second time; expected each frame once; the first is ROOT\/p\.csv:2$/,
  },
  {
    what: 'a row without its clip',
    files: { 'p.csv': csv('clip,frame,expression', ',0,0') },
    run: score('p.csv'),
    message: /^ROOT\/p\.csv:2, column clip: found no clip; expected one in each row$/,
  },
  {
    what: 'a row without its frame',
    files: { 'p.csv': csv('clip,frame,expression', 'v,,0') },
    run: score('p.csv'),
    message: /^ROOT\/p\.csv:2, column frame: found no frame; expected one in each row$/,
  },
  {
    what: 'a frame before the first',
    files: { 'p.csv': csv('clip,frame,expression', 'v,-1,0') },
    run: score('p.csv'),
    message: /^ROOT\/p\.csv:2, column frame: found "-1"; expected an integer from 0/,
  },
  {
    what: 'an expression that the schema lacks',
    files: { 'p.csv': csv('clip,frame,expression', 'v,0,contempt') },
    run: score('p.csv'),
    message:
      /^ROOT\/p\.csv:2, column expression: found "contempt"; expected neutral, anger, .*, or a number from 0 to 6$/,
  },
  {
    what: 'NaN in a table',
    files: { 'p.csv': csv('clip,frame,AU12', 'v,0,NaN') },
    run: score('p.csv'),
    message: /^ROOT\/p\.csv:2, column AU12: found "NaN"; expected a number from 0 to 1$/,
  },
  {
    what: 'NaN in JSON Lines',
    files: { 'p.jsonl': '{"clip":"v","frame":0,"valence":NaN}\n' },
    run: score('p.jsonl'),
    message: /^ROOT\/p\.jsonl:1: found .*, which is no JSON/,
  },
  {
    what: 'a labelled frame without a row',
    files: { 'p.csv': csv('clip,frame,expression', 'v,0,0'), 'l.csv': LABELS },
    run: score('p.csv', 'l.csv'),
    message: /^ROOT\/p\.csv: found no EXPR prediction for frame 1 of v; .* such as that of ROOT\/l\.csv:3$/,
  },
  {
    what: 'a labelled image without a row',
    files: { 'p.csv': csv('image,expression', 'a.jpg,0'), 'l.csv': csv('image,expression', 'b.jpg,0') },
    run: score('p.csv', 'l.csv', { surplus: 'ignore' }),
    message: /^ROOT\/p\.csv: found no EXPR prediction for b\.jpg; .* such as that of ROOT\/l\.csv:2$/,
  },
  {
    what: 'an image that the labels do not know',
    files: { 'p.csv': csv('image,expression', 'a.jpg,0'), 'l.csv': csv('image,expression', 'b.jpg,0') },
    run: score('p.csv', 'l.csv'),
    message: /^ROOT\/p\.csv:2: found predictions for a\.jpg; expected only what ROOT\/l\.csv has/,
  },
  {
    what: 'a file that is no table',
    files: { 'p.xlsx': '' },
    run: score('p.xlsx'),
    message: /^ROOT\/p\.xlsx: found a \.xlsx file; expected a table: .*Save the sheet as CSV$/,
  },
];

export const MALFORMED_PREDICTIONS: Case[] = [...TEXTS, ...TABLES];
