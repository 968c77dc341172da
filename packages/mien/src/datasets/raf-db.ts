// RAF-DB, basic emotions (Li et al. 2017): 15,339 pictures from the web with one expression each; gender, race, age, five
// landmarks and a box in files beside them.

import { join } from 'node:path';
import { DataError, fileLookup, parseNumber, readTextLines, show, statIfThere } from '../files/index.js';
import type { Box, FaceRow, Split } from './face-row.js';
import { dropOrThrow, type ReadContext } from './import.js';
import { expressionIn } from './labelling.js';
import { listedPictures } from './listed-pictures.js';

export const RAF_DB_ATTRIBUTES = ['gender', 'race', 'age'] as const;
export type RafDbAttribute = (typeof RAF_DB_ATTRIBUTES)[number];

export interface RafDbOptions {
  /** Holds the folder `basic`. */
  root: string;
  /** The aligned 100 × 100 pictures, or the pictures as they were found, with box and landmarks. */
  images: 'aligned' | 'original';
  /** What makes up a face's group, where the annotations are there. */
  group: readonly RafDbAttribute[];
}

export const RAF_DB = 'raf-db';

/** Codes 1, 2, …; from the set's readme, as are those below. */
const EXPRESSIONS = ['surprise', 'fear', 'disgust', 'happiness', 'sadness', 'anger', 'neutral'];

/** Codes 0, 1, … */
const ATTRIBUTE_VALUES: Readonly<Record<RafDbAttribute, readonly string[]>> = {
  gender: ['male', 'female', 'gender unsure'],
  race: ['Caucasian', 'African-American', 'Asian'],
  age: ['age 0-3', 'age 4-19', 'age 20-39', 'age 40-69', 'age 70+'],
};

/** The set spells it `patition`. */
const LISTS = ['list_patition_label.txt', 'list_partition_label.txt'];
const POINTS = 5;
const PROGRESS_EVERY = 256;

interface ListedPicture {
  row: number;
  /** Such as `train_00001`. */
  stem: string;
  split: Split;
  expression: string;
}

async function findList(root: string): Promise<string> {
  for (const name of LISTS) {
    const file = join(root, 'basic/EmoLabel', name);
    if ((await statIfThere(file)) !== undefined) return file;
  }
  throw new DataError({ file: root }, { found: 'no list of labels', expected: `basic/EmoLabel/${LISTS[0]}` });
}

/** Lines such as `train_00001.jpg 5`. */
function parseLine(file: string, row: number, line: string): ListedPicture {
  const [, stem, prefix, code] = line.match(/^((train|test)_\d+)\.jpg\s+(\S+)\s*$/) ?? [];
  if (stem === undefined || code === undefined)
    throw new DataError(
      { file, row },
      { found: show(line), expected: 'a picture and a code, such as "train_00001.jpg 5"' },
    );
  const range = { min: 1, max: EXPRESSIONS.length, integer: true };
  const number = parseNumber(code, { file, row, column: 'code' }, range);
  const split = prefix === 'train' ? 'train' : 'test';
  return { row, stem, split, expression: EXPRESSIONS[number - 1] as string };
}

/** One line: left, top, right, bottom. */
async function readBox(file: string): Promise<Box> {
  const { lines } = await readTextLines(file);
  const fields = lines[0]?.trim().split(/\s+/) ?? [];
  if (fields.length !== 4)
    throw new DataError(
      { file, row: 1 },
      { found: show(lines[0] ?? ''), expected: 'left, top, right and bottom of the face' },
    );
  const [x = 0, y = 0, right = 0, bottom = 0] = fields.map((field) => parseNumber(field, { file, row: 1 }));
  if (right > x && bottom > y) return { x, y, width: right - x, height: bottom - y };
  throw new DataError(
    { file, row: 1 },
    { found: show(lines[0] ?? ''), expected: 'left less than right, top less than bottom' },
  );
}

/** Five lines of `x y` (eyes, nose, corners of the mouth), then gender, race, age as codes. */
async function readAttributes(file: string) {
  const { lines } = await readTextLines(file);
  const expected = POINTS + RAF_DB_ATTRIBUTES.length;
  if (lines.length < expected)
    throw new DataError(
      { file },
      { found: `${lines.length} lines`, expected: `${expected}: five points, gender, race, age` },
    );
  const landmarks = lines.slice(0, POINTS).flatMap((line, i) => {
    const fields = line.trim().split(/\s+/);
    if (fields.length !== 2)
      throw new DataError({ file, row: i + 1 }, { found: show(line), expected: 'x and y of a point' });
    return fields.map((field) => parseNumber(field, { file, row: i + 1 }));
  });
  const value = (attribute: RafDbAttribute) => {
    const index = RAF_DB_ATTRIBUTES.indexOf(attribute) + POINTS;
    const values = ATTRIBUTE_VALUES[attribute];
    const range = { min: 0, max: values.length - 1, integer: true };
    const place = { file, row: index + 1, column: attribute };
    return values[parseNumber(lines[index] ?? '', place, range)] as string;
  };
  return { landmarks, value };
}

/** The published list has train and test; validate on a part of train (`data mix`), or on test as papers do. */
export async function* readRafDb(options: RafDbOptions, context: ReadContext): AsyncGenerator<FaceRow[]> {
  const { root, images, group } = options;
  const { schema, tally, onProgress } = context;
  const file = await findList(root);
  const { lines } = await readTextLines(file);
  if (lines.length === 0)
    throw new DataError({ file }, { found: 'an empty file', expected: 'lines such as "train_00001.jpg 5"' });
  const isThere = fileLookup(root);
  const isUsable = listedPictures(root, context);

  const read = async ({
    row,
    stem,
    split,
    expression: word,
  }: ListedPicture): Promise<FaceRow | undefined> => {
    const original = images === 'original';
    const image = `basic/Image/${images}/${stem}${original ? '' : '_aligned'}.jpg`;
    const box = `basic/Annotation/boundingbox/${stem}_boundingbox.txt`;
    const manual = `basic/Annotation/manual/${stem}_manu_attri.txt`;
    const expression = expressionIn(schema, word);
    if (expression === undefined)
      dropOrThrow(context, `expression ${word}`, { file, row }, `one of ${schema.expressions.join(', ')}`);
    else if (await isUsable(image, { file, row })) {
      const face: FaceRow = { dataset: RAF_DB, image, split, expression };
      // Box and points are in the pixels of the original picture.
      if (original && (await isThere(box))) face.box = await readBox(join(root, box));
      if (await isThere(manual)) {
        const { landmarks, value } = await readAttributes(join(root, manual));
        if (original) face.landmarks = landmarks;
        if (group.length > 0) face.group = group.map(value).join(', ');
      } else if (group.length > 0) tally.note('no file of gender, race and age', stem);
      return face;
    }
    return undefined;
  };

  for (let start = 0; start < lines.length; start += PROGRESS_EVERY) {
    const faces: FaceRow[] = [];
    for (const [i, line] of lines.slice(start, start + PROGRESS_EVERY).entries()) {
      const face = await read(parseLine(file, start + i + 1, line));
      if (face !== undefined) faces.push(face);
    }
    onProgress(Math.min(start + PROGRESS_EVERY, lines.length), lines.length);
    yield faces;
  }
}
