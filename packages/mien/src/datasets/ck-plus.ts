// CK+ (Lucey et al. 2010): 593 sequences of 123 people, each from a neutral face to the peak of an expression. The last
// frame is FACS-coded; 327 sequences have an emotion.

import { join } from 'node:path';
import { DataError, listFolder, statIfThere } from '../files/index.js';
import { readEmotion, readFacs, readLandmarks } from './ck-plus-files.js';
import type { FaceRow } from './face-row.js';
import { dropOrThrow, type ReadContext } from './import.js';
import { expressionIn } from './labelling.js';

export interface CkPlusOptions {
  /** Holds cohn-kanade-images, Emotion, FACS and Landmarks (the last three if they are at hand). */
  root: string;
  /** How many frames at a sequence's end have its labels. */
  last: number;
  /** The first frame is taken as a neutral face, its action units as absent. */
  first: boolean;
}

export const CK_PLUS = 'ck-plus';

/** Names of the folders, as the archives unpack. */
const PLACES = {
  images: ['cohn-kanade-images', 'extended-cohn-kanade-images/cohn-kanade-images'],
  emotion: ['Emotion', 'Emotion_labels/Emotion'],
  facs: ['FACS', 'FACS_labels/FACS'],
  landmarks: ['Landmarks', 'Landmarks/Landmarks'],
} as const;

const PICTURE = /^(S\d+_\d+)_(\d{8})\.png$/;

async function findFolder(root: string, places: readonly string[]): Promise<string | undefined> {
  for (const place of [...places].reverse())
    if ((await statIfThere(join(root, place)))?.isDirectory()) return place;
  return undefined;
}

/** Name and frame number of the label file of a sequence, if there is one. */
async function findLabel(folder: string, clip: string, ending: string) {
  if (!(await statIfThere(folder))?.isDirectory()) return undefined;
  const { files } = await listFolder(folder);
  const labels = files.filter((name) => name.endsWith(`_${ending}.txt`));
  if (labels.length > 1)
    throw new DataError({ file: folder }, { found: labels.join(', '), expected: `one file …_${ending}.txt` });
  const [name] = labels;
  if (name === undefined) return undefined;
  const number = name.match(new RegExp(`^${clip}_(\\d{8})_${ending}\\.txt$`))?.[1];
  if (number === undefined)
    throw new DataError(
      { file: join(folder, name) },
      { found: 'a name that does not suit its folder', expected: `${clip}_NNNNNNNN_${ending}.txt` },
    );
  return { file: join(folder, name), number };
}

interface Places {
  images: string;
  emotion: string | undefined;
  facs: string | undefined;
  landmarks: string | undefined;
}

async function findPlaces(root: string): Promise<Places> {
  const images = await findFolder(root, PLACES.images);
  if (images === undefined)
    throw new DataError({ file: root }, { found: `no folder ${PLACES.images[0]}`, expected: 'one with CK+' });
  const [emotion, facs, landmarks] = await Promise.all(
    [PLACES.emotion, PLACES.facs, PLACES.landmarks].map((places) => findFolder(root, places)),
  );
  if (emotion === undefined && facs === undefined)
    throw new DataError(
      { file: root },
      { found: 'no labels', expected: 'a folder Emotion or FACS beside the pictures' },
    );
  return { images, emotion, facs, landmarks };
}

/** Rows of one sequence, `S005/001`. */
async function readSequence(
  sequence: string,
  places: Places,
  { root, last, first }: CkPlusOptions,
  context: ReadContext,
): Promise<FaceRow[]> {
  const { schema, tally } = context;
  const clip = sequence.replace('/', '_');
  const folder = join(root, places.images, sequence);
  const pictures = (await listFolder(folder)).files.filter((name) => name.match(PICTURE)?.[1] === clip);
  const numberOf = (name: string) => name.match(PICTURE)?.[2] ?? '';
  const peak = pictures.at(-1);
  if (peak === undefined) {
    dropOrThrow(context, 'a sequence without pictures', { file: folder }, `${clip}_00000001.png, …`);
    return [];
  }
  const labelOf = async (place: string | undefined, ending: string) =>
    place === undefined ? undefined : findLabel(join(root, place, sequence), clip, ending);
  const emotion = await labelOf(places.emotion, 'emotion');
  const facs = await labelOf(places.facs, 'facs');
  for (const label of [emotion, facs])
    if (label !== undefined && label.number !== numberOf(peak)) {
      const expected = `that of ${peak}, the last picture`;
      dropOrThrow(context, 'a label of another frame than the last', { file: label.file }, expected);
      return [];
    }

  const word = emotion === undefined ? undefined : await readEmotion(emotion.file);
  const expression = word === undefined ? undefined : expressionIn(schema, word);
  if (word !== undefined && expression === undefined)
    tally.note(`expression ${word}, which schema ${schema.name} lacks`, clip);
  const units = facs === undefined ? undefined : await readFacs(facs.file);
  if (units?.size === 0) tally.note('a FACS file without action units: not known', clip);
  const known = units !== undefined && units.size > 0 && schema.actionUnits.length > 0 ? units : undefined;
  if (expression === undefined && known === undefined) {
    tally.drop(word === undefined ? 'no label' : `expression ${word}, and no action units`, clip);
    return [];
  }
  const codes = schema.actionUnits.map((unit) => known?.get(Number(unit.slice(2))));

  const face = async (name: string): Promise<FaceRow> => {
    const number = numberOf(name);
    const row: FaceRow = {
      dataset: CK_PLUS,
      image: `${places.images}/${sequence}/${name}`,
      subject: sequence.split('/')[0],
      clip,
      frame: Number(number) - 1,
    };
    if (places.landmarks !== undefined) {
      const file = join(root, places.landmarks, sequence, `${clip}_${number}_landmarks.txt`);
      if ((await statIfThere(file)) !== undefined) row.landmarks = await readLandmarks(file);
      else tally.note('a frame without landmarks', `${clip}_${number}`);
    }
    return row;
  };

  const faces: FaceRow[] = [];
  const ends = pictures.slice(-last);
  const onset = pictures[0];
  if (first && onset !== undefined && !ends.includes(onset))
    faces.push({
      ...(await face(onset)),
      expression: expressionIn(schema, 'neutral'),
      ...(known && { actionUnits: codes.map(() => 0 as const), intensities: codes.map(() => 0) }),
    });
  for (const name of ends)
    faces.push({
      ...(await face(name)),
      expression,
      ...(known && {
        actionUnits: codes.map((code) => (code === undefined ? 0 : 1)),
        // present with intensity 0 is how the set says that the intensity was not coded
        intensities: codes.map((code) => (code === undefined ? 0 : code === 0 ? undefined : code)),
      }),
    });
  return faces;
}

/** The set has no split: split by subject (`data mix`). */
export async function* readCkPlus(options: CkPlusOptions, context: ReadContext): AsyncGenerator<FaceRow[]> {
  const { root } = options;
  const places = await findPlaces(root);
  const images = join(root, places.images);
  const sequences: string[] = [];
  for (const subject of (await listFolder(images)).folders)
    for (const sequence of (await listFolder(join(images, subject))).folders)
      sequences.push(`${subject}/${sequence}`);
  for (const [done, sequence] of sequences.entries()) {
    yield await readSequence(sequence, places, options, context);
    context.onProgress(done + 1, sequences.length);
  }
}
