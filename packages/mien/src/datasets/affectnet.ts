// AffectNet (Mollahosseini et al. 2017): pictures from the web with expression, valence and arousal; as it was first
// published (CSV lists), or as folders train_set and val_set with a NumPy file per picture and label.

import { join } from 'node:path';
import { DataError, listFolder, readNpy } from '../files/index.js';
import {
  type AffectNetLabels,
  affectNetLabels,
  LANDMARK_NUMBERS,
  parseAffect,
  parseExpressionCode,
} from './affectnet-codes.js';
import {
  AFFECTNET,
  type AffectNetCsvOptions,
  findAffectNetLists,
  readAffectNetCsv,
} from './affectnet-csv.js';
import type { FaceRow, Split } from './face-row.js';
import { dropOrThrow, type ReadContext } from './import.js';

export type AffectNetOptions = AffectNetCsvOptions;

const SETS: readonly { folder: string; split: Split }[] = [
  { folder: 'train_set', split: 'train' },
  { folder: 'val_set', split: 'validation' },
];

/** Pictures whose files are read at a time. */
const AT_ONCE = 64;

/** The label of a file that holds one number, or one number as text. */
async function readLabel(file: string): Promise<string> {
  const { shape, values } = await readNpy(file);
  if (values.length === 1) return String(values[0]);
  throw new DataError({ file }, { found: `shape (${shape.join(', ')})`, expected: 'a single value' });
}

async function readLandmarks(file: string): Promise<number[]> {
  const { values } = await readNpy(file);
  const numbers = values.map(Number);
  if (numbers.length === LANDMARK_NUMBERS && numbers.every(Number.isFinite)) return numbers;
  throw new DataError(
    { file },
    { found: `${numbers.length} values`, expected: `${LANDMARK_NUMBERS} numbers: 68 points` },
  );
}

interface AnnotatedPicture {
  name: string;
  /** The annotation file that is not there; then nothing else is. */
  missing?: string;
  labels?: AffectNetLabels;
  landmarks?: number[];
}

/** @param annotations names of the files in `folder` */
async function readAnnotations(
  name: string,
  folder: string,
  annotations: ReadonlySet<string>,
): Promise<AnnotatedPicture> {
  const fileOf = (label: string) => `${name.replace(/\.[^.]*$/, '')}_${label}.npy`;
  const missing = ['exp', 'val', 'aro'].map(fileOf).find((file) => !annotations.has(file));
  if (missing !== undefined) return { name, missing };
  const path = (label: string) => join(folder, fileOf(label));
  const affect = async (label: string) => parseAffect(await readLabel(path(label)), { file: path(label) });
  const labels = {
    expression: parseExpressionCode(await readLabel(path('exp')), { file: path('exp') }),
    valence: await affect('val'),
    arousal: await affect('aro'),
  };
  return annotations.has(fileOf('lnd'))
    ? { name, labels, landmarks: await readLandmarks(path('lnd')) }
    : { name, labels };
}

async function* readFolders(
  root: string,
  sets: readonly { folder: string; split: Split }[],
  context: ReadContext,
): AsyncGenerator<FaceRow[]> {
  let done = 0;
  for (const { folder: set, split } of sets) {
    const { files } = await listFolder(join(root, set, 'images'));
    const folder = join(root, set, 'annotations');
    const annotations = new Set((await listFolder(folder)).files);
    const pictures = files.filter((name) => /\.(jpe?g|png)$/i.test(name));
    for (let start = 0; start < pictures.length; start += AT_ONCE) {
      const batch = pictures.slice(start, start + AT_ONCE);
      const annotated = await Promise.all(batch.map((name) => readAnnotations(name, folder, annotations)));
      const faces: FaceRow[] = [];
      for (const { name, missing, labels, landmarks } of annotated) {
        const image = `${set}/images/${name}`;
        const place = { file: join(root, image) };
        if (labels === undefined)
          dropOrThrow(
            context,
            'a picture without annotation',
            place,
            `annotations/${missing} beside its folder`,
          );
        else {
          const known = affectNetLabels(labels, place, context);
          if (known !== undefined) faces.push({ dataset: AFFECTNET, image, split, landmarks, ...known });
        }
      }
      done += batch.length;
      context.onProgress(done, undefined);
      yield faces;
    }
  }
}

/**
 * Faces of either form. Expression "none of the eight" and "uncertain" are unknown expressions whose valence and arousal
 * count where they were rated; "no face" is dropped.
 */
export async function* readAffectNet(
  options: AffectNetOptions,
  context: ReadContext,
): AsyncGenerator<FaceRow[]> {
  const { root } = options;
  const { folders } = await listFolder(root);
  const sets = SETS.filter(({ folder }) => folders.includes(folder));
  if (sets.length > 0) yield* readFolders(root, sets, context);
  else if ((await findAffectNetLists(root)).length > 0) yield* readAffectNetCsv(options, context);
  else
    throw new DataError(
      { file: root },
      {
        found: 'neither form of AffectNet',
        expected: 'train_set and val_set, or training.csv and validation.csv with Manually_Annotated_Images',
      },
    );
}
