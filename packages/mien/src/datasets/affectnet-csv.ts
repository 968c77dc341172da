// AffectNet as it was first published: pictures in numbered folders, and CSV files that list them.

import { join } from 'node:path';
import { DataError, parseNumber, readTable, show, statIfThere } from '../files/index.js';
import { affectNetLabels, LANDMARK_NUMBERS, parseAffect, parseExpressionCode } from './affectnet-codes.js';
import type { Box, FaceRow, Split } from './face-row.js';
import type { ReadContext } from './import.js';
import { listedPictures } from './listed-pictures.js';

export interface AffectNetCsvOptions {
  /** Holds the lists and the folders of pictures. */
  root: string;
  /** Also the million pictures that a network labelled; all for training. */
  automatic: boolean;
}

export const AFFECTNET = 'affectnet';

/** validation.csv came without a header line. */
const COLUMNS = [
  'subDirectory_filePath',
  'face_x',
  'face_y',
  'face_width',
  'face_height',
  'facial_landmarks',
  'expression',
  'valence',
  'arousal',
];

interface List {
  file: string;
  /** Where the list may lie, below the root. */
  folders: readonly string[];
  /** Where its pictures may lie. */
  images: readonly string[];
  split: Split;
  automatic: boolean;
}

const MANUAL = {
  folders: ['', 'Manually_Annotated_file_lists', 'Manually_Annotated'],
  images: [
    'Manually_Annotated_Images',
    'Manually_Annotated/Manually_Annotated_Images',
    'Manually_Annotated',
    '',
  ],
  automatic: false,
};

const LISTS: readonly List[] = [
  { file: 'training.csv', split: 'train', ...MANUAL },
  { file: 'validation.csv', split: 'validation', ...MANUAL },
  {
    file: 'automatically_annotated.csv',
    split: 'train',
    folders: ['', 'Automatically_annotated_file_list', 'Automatically_Annotated'],
    images: [
      'Automatically_Annotated_Images',
      'Automatically_Annotated/Automatically_Annotated_Images',
      'Automatically_Annotated',
      '',
    ],
    automatic: true,
  },
];

async function firstThere(root: string, paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) if ((await statIfThere(join(root, path))) !== undefined) return path;
  return undefined;
}

/** The lists that lie below the root, with the folder of their pictures. */
export async function findAffectNetLists(
  root: string,
): Promise<(List & { path: string; pictures: string })[]> {
  const found: (List & { path: string; pictures: string })[] = [];
  for (const list of LISTS) {
    const path = await firstThere(
      root,
      list.folders.map((folder) => join(folder, list.file)),
    );
    const pictures = await firstThere(root, list.images);
    if (path !== undefined && pictures !== undefined) found.push({ ...list, path, pictures });
  }
  return found;
}

/** Box and landmarks of pictures in which no face was found. */
const isBlank = (cell: string) => /^\s*(NULL)?\s*$/i.test(cell);

function parseBox(cells: readonly string[], place: { file: string; row: number }): Box | undefined {
  if (cells.every(isBlank)) return undefined;
  const [x = 0, y = 0, width = 0, height = 0] = cells.map((cell, k) =>
    parseNumber(cell, { ...place, column: COLUMNS[k + 1] as string }),
  );
  return { x, y, width, height };
}

/** `x;y;x;y;…` */
function parseLandmarks(cell: string, place: { file: string; row: number }): number[] | undefined {
  if (isBlank(cell)) return undefined;
  const column = 'facial_landmarks';
  const fields = cell.split(';');
  if (fields.length === LANDMARK_NUMBERS)
    return fields.map((field) => parseNumber(field, { ...place, column }));
  throw new DataError(
    { ...place, column },
    { found: `${fields.length} numbers (${show(cell)})`, expected: `${LANDMARK_NUMBERS}, with semicolons` },
  );
}

export async function* readAffectNetCsv(
  { root, automatic }: AffectNetCsvOptions,
  context: ReadContext,
): AsyncGenerator<FaceRow[]> {
  const { onProgress } = context;
  const isUsable = listedPictures(root, context);
  let done = 0;
  for (const list of await findAffectNetLists(root)) {
    if (list.automatic && !automatic) continue;
    const file = join(root, list.path);
    for await (const rows of await readTable(file, { columns: COLUMNS })) {
      const faces: FaceRow[] = [];
      for (const { number: row, cells } of rows) {
        const [name = '', x = '', y = '', width = '', height = '', points = '', ...labels] = cells;
        const place = { file, row };
        const [expression = '', valence = '', arousal = ''] = labels;
        const image = join(list.pictures, name.trim());
        const known = affectNetLabels(
          {
            expression: parseExpressionCode(expression, { ...place, column: 'expression' }),
            valence: parseAffect(valence, { ...place, column: 'valence' }),
            arousal: parseAffect(arousal, { ...place, column: 'arousal' }),
          },
          place,
          context,
        );
        const box = parseBox([x, y, width, height], place);
        const landmarks = parseLandmarks(points, place);
        if (known !== undefined && (await isUsable(image, place)))
          faces.push({ dataset: AFFECTNET, image, split: list.split, box, landmarks, ...known });
      }
      done += rows.length;
      onProgress(done, undefined);
      yield faces;
    }
  }
}
