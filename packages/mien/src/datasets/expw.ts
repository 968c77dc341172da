// ExpW (Zhang et al. 2015): 91,793 faces in pictures from the web, with boxes and one expression each. The faces are
// cut out here, each into a file of its own.

import { join } from 'node:path';
import { cutOut } from '../faces/index.js';
import { DataError, isDataError, listFolder, parseNumber, readTextLines } from '../files/index.js';
import { decodeRgb, type RgbImage } from '../images/index.js';
import { inFlight, JOBS } from '../streams/index.js';
import { type CropFolder, openCropFolder } from './crops/index.js';
import type { FaceRow } from './face-row.js';
import { dropOrThrow, type ReadContext } from './import.js';

export interface ExpwOptions {
  /** `label.lst`: image, face id, top, left, right, bottom, confidence, expression. */
  list: string;
  /** Folder of the pictures. */
  images: string;
  /** Folder for the faces; the manifest's root. */
  crops: string;
  /** Faces whose box has a lower confidence are dropped, 0 … 100. */
  minConfidence?: number | undefined;
}

/** In the order of the set's codes. */
const EXPRESSIONS = ['anger', 'disgust', 'fear', 'happiness', 'sadness', 'surprise', 'neutral'] as const;
const FIELDS = ['image', 'face id', 'top', 'left', 'right', 'bottom', 'confidence', 'expression'] as const;
const COORDINATE = { min: -16_384, max: 16_384, integer: true };
/** A box with a longer side is a slip of the pen, and its crop would not fit in memory. */
const LONGEST_SIDE = 16_384;
/** Pictures between two rounds of rows. */
const ROUND = 1000;

/** A line of the list. */
export interface ExpwFace {
  /** Line of the list, from 1. */
  line: number;
  image: string;
  id: number;
  /** Left, top, right, bottom. */
  box: readonly [number, number, number, number];
  confidence: number;
  expression: (typeof EXPRESSIONS)[number];
}

function parseFace(text: string, file: string, line: number): ExpwFace {
  const fields = text.trim().split(/\s+/);
  const place = { file, row: line };
  if (fields.length !== FIELDS.length)
    throw new DataError(place, {
      found: `${text.trim() === '' ? 'no' : fields.length} fields`,
      expected: `${FIELDS.length}: ${FIELDS.join(', ')}`,
    });
  const [image = '', ...rest] = fields;
  const number = (index: number, range: { min: number; max: number; integer?: boolean }) =>
    parseNumber(rest[index - 1] ?? '', { ...place, column: FIELDS[index] ?? '' }, range);
  if (/[/\\]|^\.\.?$/.test(image))
    throw new DataError(
      { ...place, column: 'image' },
      { found: JSON.stringify(image), expected: 'a file name' },
    );
  const [top, left, right, bottom] = [2, 3, 4, 5].map((index) => number(index, COORDINATE));
  return {
    line,
    image,
    id: number(1, { min: 0, max: 1e6, integer: true }),
    box: [left ?? 0, top ?? 0, right ?? 0, bottom ?? 0],
    confidence: number(6, { min: -1e6, max: 1e6 }),
    expression: EXPRESSIONS[number(7, { min: 0, max: EXPRESSIONS.length - 1, integer: true })] ?? 'neutral',
  };
}

/** @throws DataError naming the line that is not like the others */
export async function readExpwList(file: string): Promise<ExpwFace[]> {
  const { lines } = await readTextLines(file);
  return lines.map((line, i) => parseFace(line, file, i + 1));
}

/** `name.jpg`, face 2 → `name_2.jpg`: faces of one picture must not share a file, as they do in the reference. */
const cropName = ({ image, id }: ExpwFace) => `${image.replace(/\.[^.]*$/, '')}_${id}.jpg`;

/** Faces that can be cut out, by picture. */
async function usableFaces(
  { list, images, minConfidence }: ExpwOptions,
  context: ReadContext,
): Promise<Map<string, ExpwFace[]>> {
  const faces = await readExpwList(list);
  const present = new Set((await listFolder(images)).files);
  const names = new Set<string>();
  const byPicture = new Map<string, ExpwFace[]>();
  for (const face of faces) {
    const place = { file: list, row: face.line };
    const [left, top, right, bottom] = face.box;
    if (!present.has(face.image)) dropOrThrow(context, 'no such picture', place, join(images, face.image));
    else if (minConfidence !== undefined && face.confidence < minConfidence)
      context.tally.drop('a confidence below the minimum', `${list}:${face.line}`);
    else if (right <= left || bottom <= top)
      dropOrThrow(context, 'an empty box', place, 'left before right and top above bottom');
    else if (Math.max(right - left, bottom - top) > LONGEST_SIDE)
      dropOrThrow(context, 'a box too large', place, `sides up to ${LONGEST_SIDE} pixels`);
    else if (!context.schema.expressions.includes(face.expression))
      context.tally.drop('an expression that the schema lacks', `${list}:${face.line}`);
    else if (names.has(cropName(face)))
      dropOrThrow(context, 'a face that was listed before', place, 'each face id of a picture once');
    else {
      names.add(cropName(face));
      byPicture.set(face.image, [...(byPicture.get(face.image) ?? []), face]);
    }
  }
  return byPicture;
}

/** Cuts the faces of one picture that are not there yet. @returns why that cannot be done, or undefined */
async function cutFaces(
  file: string,
  faces: readonly ExpwFace[],
  crops: CropFolder,
): Promise<string | undefined> {
  let picture: RgbImage | undefined;
  for (const face of faces) {
    if (await crops.has(cropName(face))) continue;
    try {
      picture ??= await decodeRgb(file);
    } catch (error) {
      if (isDataError(error)) throw error;
      return 'a picture that cannot be decoded';
    }
    await crops.write(cropName(face), cutOut(picture, face.box));
  }
  return undefined;
}

function rowOf(face: ExpwFace): FaceRow {
  const [left, top, right, bottom] = face.box;
  return {
    dataset: 'expw',
    image: cropName(face),
    split: 'train',
    box: { x: left, y: top, width: right - left, height: bottom - top },
    expression: face.expression,
  };
}

/** Rows in the order of the list; the set has no split of its own, and the reference trains on all of it. */
export async function* readExpw(options: ExpwOptions, context: ReadContext): AsyncGenerator<FaceRow[]> {
  const byPicture = [...(await usableFaces(options, context))];
  const crops = await openCropFolder(options.crops, { align: 'box as listed', format: 'jpg' });
  const kept: ExpwFace[] = [];
  let done = 0;
  const outcomes = inFlight(byPicture, JOBS, async ([image, faces]) => ({
    faces,
    reason: await cutFaces(join(options.images, image), faces, crops),
  }));
  for await (const { faces, reason } of outcomes) {
    if (reason === undefined) kept.push(...faces);
    else
      for (const { image, line } of faces)
        dropOrThrow(context, reason, { file: options.list, row: line }, join(options.images, image));
    context.onProgress(++done, byPicture.length);
  }
  kept.sort((one, other) => one.line - other.line);
  for (let start = 0; start < kept.length; start += ROUND) yield kept.slice(start, start + ROUND).map(rowOf);
}
