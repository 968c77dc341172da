// The multi-task challenge (s-Aff-Wild2): one file per split with a line per image,
// `VIDEO/00001.jpg,valence,arousal,expression,AU…`. Each label may be missing by itself.

import { join } from 'node:path';
import { DataError, readTextLines, show } from '../../files/index.js';
import type { LabelSchema } from '../../labels/index.js';
import type { FaceRow, Split } from '../face-row.js';
import { dropOrThrow, type ReadContext } from '../import.js';
import { type Crops, cropNumber, listCrops } from './crops.js';
import { parseAffect, parseExpression, parseOccurrence } from './labels.js';
import { DATASET } from './read.js';

export interface AffWild2MtlOptions {
  /** File of the training labels. */
  train?: string | undefined;
  /** File of the validation labels. */
  validation?: string | undefined;
  /** File that lists the test images: a line per image, without labels. */
  test?: string | undefined;
  /** Folder with a folder of crops per video. */
  crops: string;
}

/** Image, valence, arousal, expression. */
const COLUMNS_BEFORE_UNITS = 4;

/** Rows are passed on in portions of so many lines. */
const PORTION = 10_000;

/** `VIDEO/00001.jpg` → the video and its frame, from 0. @throws DataError for another path */
export function parseCropPath(
  cell: string,
  place: { file: string; row: number },
): { video: string; name: string; frame: number } {
  const [, video, name] = /^([^/\\]+)\/([^/\\]+)$/.exec(cell.trim()) ?? [];
  const number = name === undefined ? undefined : cropNumber(name);
  if (
    video === undefined ||
    name === undefined ||
    video.startsWith('.') ||
    number === undefined ||
    number === 0
  )
    throw new DataError(
      { ...place, column: 'image' },
      { found: show(cell), expected: 'VIDEO/NUMBER.jpg, such as video1/00001.jpg' },
    );
  return { video, name, frame: number - 1 };
}

function parseLine(line: string, place: { file: string; row: number }, schema: LabelSchema) {
  const cells = line.split(',');
  const width = COLUMNS_BEFORE_UNITS + schema.actionUnits.length;
  if (cells.length !== width)
    throw new DataError(place, {
      found: line.trim() === '' ? 'an empty line' : `${cells.length} values, ${show(line)}`,
      expected: `${width}: image, valence, arousal, expression and the ${schema.actionUnits.length} action units of schema ${schema.name}`,
    });
  const [image = '', valence = '', arousal = '', expression = '', ...units] = cells;
  const column = (name: string) => ({ ...place, column: name });
  const actionUnits = units.map((cell, k) => parseOccurrence(cell, column(schema.actionUnits[k] as string)));
  return {
    ...parseCropPath(image, place),
    labels: {
      valence: parseAffect(valence, column('valence')),
      arousal: parseAffect(arousal, column('arousal')),
      expression: parseExpression(expression, column('expression'), schema),
      actionUnits,
    },
  };
}

/** A line of the test list: an image, and at most commas after it. */
function parseTestLine(line: string, place: { file: string; row: number }) {
  const [image = '', ...more] = line.split(',');
  if (more.some((cell) => cell.trim() !== ''))
    throw new DataError(place, { found: show(line), expected: 'an image without labels' });
  return { ...parseCropPath(image, place), labels: {} };
}

type Labels = Pick<FaceRow, 'valence' | 'arousal' | 'expression' | 'actionUnits'>;

const saysNothing = ({ valence, arousal, expression, actionUnits = [] }: Labels) =>
  valence === undefined &&
  arousal === undefined &&
  expression === undefined &&
  actionUnits.every((unit) => unit === undefined);

/** Which crops there are, listed a video at a time. */
class CropFinder {
  readonly #root: string;
  readonly #context: ReadContext;
  readonly #videos = new Map<string, Set<string>>();

  constructor(root: string, context: ReadContext) {
    this.#root = root;
    this.#context = context;
  }

  async has(video: string, name: string): Promise<boolean> {
    let names = this.#videos.get(video);
    if (names === undefined) {
      const crops: Crops | undefined = await listCrops(join(this.#root, video), this.#context.tally);
      names = new Set(Array.from(crops?.numbers ?? [], (_, i) => crops?.name(i) ?? ''));
      this.#videos.set(video, names);
    }
    return names.has(name);
  }
}

async function* readFile(
  file: string,
  split: Split,
  finder: CropFinder,
  context: ReadContext,
): AsyncGenerator<FaceRow[]> {
  const { lines } = await readTextLines(file);
  let end = lines.length;
  while (end > 0 && lines[end - 1]?.trim() === '') end--;
  const isTest = split === 'test';
  if (!(isTest ? /^image/i : /^image\s*,/i).test(lines[0] ?? ''))
    throw new DataError(
      { file, row: 1 },
      {
        found: lines.length === 0 ? 'an empty file' : show(lines[0]),
        expected: `a header that begins with "image${isTest ? '' : ','}"`,
      },
    );
  const seen = new Map<string, number>();
  let rows: FaceRow[] = [];
  for (let i = 1; i < end; i++) {
    const place = { file, row: i + 1 };
    const line = lines[i] as string;
    const { video, name, frame, labels } = isTest
      ? parseTestLine(line, place)
      : parseLine(line, place, context.schema);
    const key = `${video}/${frame}`;
    const before = seen.get(key);
    if (before !== undefined)
      throw new DataError(place, {
        found: `frame ${frame + 1} of ${video} for the second time`,
        expected: `one line per image; the first is line ${before}`,
      });
    seen.set(key, i + 1);
    if (!isTest && saysNothing(labels)) context.tally.drop('no label for the crop', `${file}:${i + 1}`);
    else if (await finder.has(video, name))
      rows.push({ dataset: DATASET, image: `${video}/${name}`, split, clip: video, frame, ...labels });
    else dropOrThrow(context, 'no crop for the line', place, `the picture ${video}/${name}`);
    if (rows.length === PORTION) {
      yield rows;
      rows = [];
      context.onProgress(i, end);
    }
  }
  yield rows;
  context.onProgress(end, end);
}

/**
 * Reads the multi-task files, in their own order. `clip` is the folder of the image.
 * @throws DataError for malformed lines, images that are named twice, files without the header
 */
export async function* readAffWild2Mtl(
  { train, validation, test, crops }: AffWild2MtlOptions,
  context: ReadContext,
): AsyncGenerator<FaceRow[]> {
  const finder = new CropFinder(crops, context);
  for (const [file, split] of [
    [train, 'train'],
    [validation, 'validation'],
    [test, 'test'],
  ] as const)
    if (file !== undefined) yield* readFile(file, split, finder, context);
}
