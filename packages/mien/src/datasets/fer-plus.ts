// FER+ (Barsoum et al. 2016): the pictures of FER2013 with the votes of ten raters each, in the layout that its generator
// makes (FER2013Train|Valid|Test with label.csv), or with the original table fer2013new.csv beside those folders.

import { join } from 'node:path';
import { DataError, listFolder, parseNumber, readTable, show, statIfThere } from '../files/index.js';
import type { Box, FaceRow, Split } from './face-row.js';
import { type MajorityRule, majority, softLabel, VOTE_CLASSES } from './fer-plus-votes.js';
import type { ReadContext } from './import.js';
import { listedPictures } from './listed-pictures.js';

export interface FerPlusOptions extends MajorityRule {
  /** Holds FER2013Train, FER2013Valid, FER2013Test, or those of them that are at hand. */
  root: string;
  /** One class per picture, or the distribution of the votes. */
  labels: 'majority' | 'votes';
}

export const FER_PLUS = 'fer-plus';

const FOLDERS: readonly { folder: string; usage: string; split: Split }[] = [
  { folder: 'FER2013Train', usage: 'Training', split: 'train' },
  { folder: 'FER2013Valid', usage: 'PublicTest', split: 'validation' },
  { folder: 'FER2013Test', usage: 'PrivateTest', split: 'test' },
];

const ORIGINAL_TABLE = 'fer2013new.csv';
const ORIGINAL_COLUMNS = ['Usage', 'Image name', ...VOTE_CLASSES.slice(0, -1), 'NF'];
const LABEL_COLUMNS = ['name', 'box', ...VOTE_CLASSES];
/** FER2013's pictures are 48 × 48: a box of all of it says nothing. */
const WHOLE = '(0, 0, 48, 48)';

/** A line of either table, before its votes are judged. */
interface VotedPicture {
  file: string;
  row: number;
  folder: string;
  split: Split;
  /** '' where the original table has none: what most raters did not take for a face. */
  name: string;
  box?: Box | undefined;
  votes: number[];
}

function parseVotes(file: string, row: number, cells: readonly (string | undefined)[]): number[] {
  const range = { min: 0, max: 1000, integer: true };
  return cells.map((cell, k) => parseNumber(cell ?? '', { file, row, column: VOTE_CLASSES[k] ?? '' }, range));
}

/** `(left, top, right, bottom)` in pixels. */
function parseBox(file: string, row: number, text: string): Box | undefined {
  const numbers = text
    .match(/^\((-?\d+), *(-?\d+), *(-?\d+), *(-?\d+)\)$/)
    ?.slice(1)
    .map(Number);
  const [left = 0, top = 0, right = 0, bottom = 0] = numbers ?? [];
  if (numbers === undefined || right <= left || bottom <= top)
    throw new DataError(
      { file, row, column: 'box' },
      { found: show(text), expected: `(left, top, right, bottom) such as ${show(WHOLE)}` },
    );
  return text === WHOLE ? undefined : { x: left, y: top, width: right - left, height: bottom - top };
}

async function* readLabelFile(file: string, folder: string, split: Split): AsyncGenerator<VotedPicture[]> {
  const table = await readTable(file, { columns: LABEL_COLUMNS });
  for await (const rows of table)
    yield rows.map(({ number: row, cells }) => {
      const [name = '', box = '', ...votes] = cells;
      const picture = { file, row, folder, split, name: name.trim() };
      return { ...picture, box: parseBox(file, row, box), votes: parseVotes(file, row, votes) };
    });
}

async function* readOriginalTable(file: string): AsyncGenerator<VotedPicture[]> {
  const table = await readTable(file);
  const found = table.columns.map((name) => name.toLowerCase());
  if (ORIGINAL_COLUMNS.some((name, k) => name.toLowerCase() !== found[k]))
    throw new DataError(
      { file, row: 1 },
      { found: show(table.columns.join()), expected: ORIGINAL_COLUMNS.join() },
    );
  for await (const rows of table)
    yield rows.map(({ number: row, cells }) => {
      const [usage = '', name = '', ...votes] = cells;
      const place = FOLDERS.find((one) => one.usage === usage.trim());
      if (place === undefined)
        throw new DataError(
          { file, row, column: 'Usage' },
          { found: show(usage), expected: FOLDERS.map((one) => one.usage).join(', ') },
        );
      const { folder, split } = place;
      return { file, row, folder, split, name: name.trim(), votes: parseVotes(file, row, votes) };
    });
}

/** The tables that there are: label.csv in the folders, else the original one. */
async function findTables(root: string): Promise<AsyncGenerator<VotedPicture[]>[]> {
  const { files, folders } = await listFolder(root);
  const tables: AsyncGenerator<VotedPicture[]>[] = [];
  for (const { folder, split } of FOLDERS) {
    const file = join(root, folder, 'label.csv');
    if (folders.includes(folder) && (await statIfThere(file)) !== undefined)
      tables.push(readLabelFile(file, folder, split));
  }
  if (tables.length > 0) return tables;
  if (files.includes(ORIGINAL_TABLE)) return [readOriginalTable(join(root, ORIGINAL_TABLE))];
  throw new DataError(
    { file: root },
    {
      found: 'no votes',
      expected: `label.csv in ${FOLDERS.map(({ folder }) => folder).join(', ')}, or ${ORIGINAL_TABLE}`,
    },
  );
}

/** Pictures whose votes say nothing (no majority, unknown, not a face, a class that the schema lacks) are dropped. */
export async function* readFerPlus(options: FerPlusOptions, context: ReadContext): AsyncGenerator<FaceRow[]> {
  const { root, labels } = options;
  const { schema, tally, onProgress } = context;
  const isUsable = listedPictures(root, context);

  const judge = ({ votes }: VotedPicture): { labels?: Partial<FaceRow>; refused?: string } => {
    if (labels === 'majority') {
      const { value: expression, refused } = majority(votes, options, schema);
      return refused === undefined ? { labels: { expression } } : { refused };
    }
    const { value, refused } = softLabel(votes, schema);
    return refused === undefined
      ? { labels: { votes: value.shares, expression: value.expression } }
      : { refused };
  };

  let done = 0;
  for (const pictures of await findTables(root))
    for await (const batch of pictures) {
      const faces: FaceRow[] = [];
      for (const picture of batch) {
        const { file, row, folder, split, name, box } = picture;
        const image = `${folder}/${name}`;
        const { labels: found, refused } = judge(picture);
        if (name === '') tally.drop('no picture name (most raters saw no face)', `${file}:${row}`);
        else if (found === undefined) tally.drop(refused ?? '', `${file}:${row}`);
        else if (await isUsable(image, { file, row }))
          faces.push({ dataset: FER_PLUS, image, split, box, ...found });
      }
      done += batch.length;
      onProgress(done, undefined);
      yield faces;
    }
}
