// EmotioNet (Benitez-Quiroz et al. 2016, 2017): pictures from the web with 60 action units each. Its tables name the
// pictures by address: CSV with a header (`URL, URL orig, 'AU 1', …`), or text files with tabs and without one.

import { extname } from 'node:path';
import { DataError, listFolder, readTable, show, type Table, walkFiles } from '../files/index.js';
import type { FaceRow, Occurrence, Split } from './face-row.js';
import type { ReadContext } from './import.js';
import { dropOrThrow } from './import.js';

export interface EmotioNetOptions {
  tables: readonly string[];
  /** The pictures, under the last part of their addresses, in this folder or folders in it. */
  images: string;
  /** Of all rows: the set has none of its own. */
  split?: Split | undefined;
}

export const EMOTIONET = 'emotionet';

/** An action unit that was not annotated in this picture. */
const NOT_ANNOTATED = '999';

const ACTION_UNITS = 60;
/** Of the files with tabs. */
const COLUMNS = ['URL', 'URL orig', ...Array.from({ length: ACTION_UNITS }, (_, i) => `AU${i + 1}`)];

/** Headers and addresses stand in single quotes, with blanks at places. */
const bare = (text: string) => text.replace(/['"\s]/g, '');

/** The last part of an address. */
const fileName = (address: string) =>
  bare(address)
    .replace(/[?#].*$/, '')
    .split('/')
    .at(-1) ?? '';

/** Paths below the folder by file name; undefined for a name that several have. */
async function findPictures(
  images: string,
  { tally }: ReadContext,
): Promise<Map<string, string | undefined>> {
  await listFolder(images);
  const paths = new Map<string, string | undefined>();
  for await (const path of walkFiles(images, (odd, reason) => tally.note(reason, odd))) {
    const name = path.slice(path.lastIndexOf('/') + 1);
    paths.set(name, paths.has(name) ? undefined : path);
  }
  return paths;
}

async function openTable(file: string): Promise<Table> {
  return extname(file) === '.txt' ? readTable(file, { format: 'tsv', columns: COLUMNS }) : readTable(file);
}

function parseOccurrence(cell: string, place: { file: string; row: number; column: string }): Occurrence {
  const text = bare(cell);
  if (text === '' || text === NOT_ANNOTATED) return undefined;
  if (text === '0' || text === '1') return text === '1' ? 1 : 0;
  throw new DataError(place, { found: show(cell), expected: `0, 1, or ${NOT_ANNOTATED} for not annotated` });
}

/** Rows whose action units of the schema were all not annotated are dropped. */
export async function* readEmotioNet(
  { tables, images, split }: EmotioNetOptions,
  context: ReadContext,
): AsyncGenerator<FaceRow[]> {
  const { schema, tally, onProgress } = context;
  const pictures = await findPictures(images, context);
  const seen = new Set<string>();
  let done = 0;
  for (const file of tables) {
    const table = await openTable(file);
    const names = table.columns.map((name) => bare(name).toUpperCase());
    const address = names.indexOf('URL');
    const units = schema.actionUnits.map((unit) => names.indexOf(unit));
    if (address < 0 || units.every((index) => index < 0))
      throw new DataError(
        { file, row: 1 },
        { found: show(table.columns.join()), expected: `columns URL and ${schema.actionUnits.join(', ')}` },
      );
    for (const [k, index] of units.entries())
      if (index < 0) tally.note('an action unit without column: not known', schema.actionUnits[k] ?? '');
    for await (const rows of table) {
      const faces: FaceRow[] = [];
      for (const { number: row, cells } of rows) {
        const place = { file, row };
        const name = fileName(cells[address] ?? '');
        const actionUnits = units.map((index) =>
          parseOccurrence(cells[index] ?? '', { ...place, column: table.columns[index] ?? '' }),
        );
        const image = pictures.get(name);
        if (name === '') dropOrThrow(context, 'no address', place, 'one in each row');
        else if (actionUnits.every((unit) => unit === undefined)) tally.drop('no label', `${file}:${row}`);
        else if (image === undefined)
          dropOrThrow(
            context,
            pictures.has(name) ? 'several pictures of this name' : 'no such picture',
            place,
            `one ${name} below ${images}`,
          );
        else if (seen.has(image)) dropOrThrow(context, 'a face listed before', place, 'each face once');
        else {
          seen.add(image);
          faces.push({ dataset: EMOTIONET, image, split, actionUnits });
        }
      }
      done += rows.length;
      onProgress(done, undefined);
      yield faces;
    }
  }
}
