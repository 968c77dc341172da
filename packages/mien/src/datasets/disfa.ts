// DISFA (Mavadati et al. 2013): action unit intensities of 27 people, a text file per person and action unit; pictures
// are frames of the left camera's videos, as OpenFace writes them or as numbered files of a folder per person.

import { join, relative } from 'node:path';
import { DataError, listFolder, parseNumber, readTextLines, statIfThere } from '../files/index.js';
import type { ActionUnit } from '../labels/index.js';
import { LegacyNumpyRandom } from '../random/index.js';
import type { FaceRow, Split } from './face-row.js';
import { dropOrThrow, type ReadContext } from './import.js';

export interface DisfaOptions {
  /** `ActionUnit_Labels`: SNxxx/SNxxx_au{k}.txt. */
  labels: string;
  /** A folder per subject: OpenFace's `LeftVideoSNxxx_comp/LeftVideoSNxxx_comp_aligned`, or `SNxxx`. */
  images: string;
  /** An action unit is present from this intensity on, 1 … 5. */
  threshold: number;
}

/** The action units that were coded. */
const CODED = [1, 2, 4, 5, 6, 9, 12, 15, 17, 20, 25, 26];
const INTENSITIES = { min: 0, max: 5, integer: true };
/** The reference trains on 21 of the 27 people and validates on 6. */
const TRAINING_SHARE = 21 / 27;
const SUBJECT = /^SN\d+$/;
const PICTURE = /^(.*?)(\d+)\.(bmp|png|jpe?g)$/i;
/** OpenFace numbers the faces of a frame: `frame_det_00_000001.bmp`. */
const OPENFACE = /^frame_det_(\d+)_$/;

/** Subjects in the reference's order: permuted by NumPy's legacy generator, training subjects first. */
export function splitDisfa(subjects: readonly string[]): { subject: string; split: Split }[] {
  const sorted = [...subjects].sort();
  const training = Math.round(sorted.length * TRAINING_SHARE);
  const order = new LegacyNumpyRandom(0).permutation(sorted.length);
  return order.map((index, place) => ({
    subject: sorted[index] as string,
    split: place < training ? 'train' : 'validation',
  }));
}

/** One intensity per frame. @throws DataError where a line is not `frame,intensity` with frames 1, 2, 3, … */
async function readIntensities(file: string): Promise<number[]> {
  const { lines } = await readTextLines(file);
  if (lines.length === 0)
    throw new DataError({ file }, { found: 'an empty file', expected: 'lines of frame,intensity' });
  return lines.map((line, i) => {
    const place = { file, row: i + 1 };
    const fields = line.split(',');
    if (fields.length !== 2)
      throw new DataError(place, { found: JSON.stringify(line), expected: 'frame,intensity' });
    const [frame = '', intensity = ''] = fields;
    parseNumber(frame, { ...place, column: 'frame' }, { min: i + 1, max: i + 1, integer: true });
    return parseNumber(intensity, { ...place, column: 'intensity' }, INTENSITIES);
  });
}

/** Per action unit of the schema its intensities, or undefined where the set has none. */
async function readSubject(
  subject: string,
  { labels }: DisfaOptions,
  context: ReadContext,
): Promise<(number[] | undefined)[]> {
  const { files } = await listFolder(join(labels, subject));
  const read = async (unit: ActionUnit): Promise<number[] | undefined> => {
    const number = Number(unit.slice(2));
    if (!CODED.includes(number)) return undefined;
    const name = `${subject}_au${number}.txt`;
    if (files.includes(name)) return readIntensities(join(labels, subject, name));
    const missing = { file: join(labels, subject, name) };
    if (context.strict)
      throw new DataError(missing, { found: 'no such file', expected: `${unit}'s intensities` });
    context.tally.note(`no label file of ${unit}`, subject);
    return undefined;
  };
  const intensities = await Promise.all(context.schema.actionUnits.map(read));
  const [first] = intensities.flatMap((values, k) => (values === undefined ? [] : [{ values, k }]));
  if (first === undefined)
    throw new DataError(
      { file: join(labels, subject) },
      {
        found: `no label file of ${context.schema.actionUnits.join(', ')}`,
        expected: `${subject}_au{k}.txt for one of k = ${CODED.join(', ')}`,
      },
    );
  intensities.forEach((values, k) => {
    const [expected, found] = [first.values.length, values?.length ?? first.values.length];
    if (found === expected) return;
    const name = (index: number) => `${subject}_au${context.schema.actionUnits[index]?.slice(2)}.txt`;
    throw new DataError(
      { file: join(labels, subject, name(k)), row: Math.min(found, expected) + 1 },
      { found: `${found} lines`, expected: `${expected}, as in ${name(first.k)}` },
    );
  });
  return intensities;
}

async function pictureFolder(subject: string, images: string): Promise<string | undefined> {
  const video = `LeftVideo${subject}_comp`;
  for (const path of [join(video, `${video}_aligned`), `${video}_aligned`, video, subject]) {
    const folder = join(images, path);
    if ((await statIfThere(folder))?.isDirectory()) return folder;
  }
  return undefined;
}

/** Pictures by number of the frame, from 0; those of a second face in the frame are dropped. */
async function listPictures(folder: string, context: ReadContext): Promise<Map<number, string>> {
  const pictures = new Map<number, string>();
  for (const name of (await listFolder(folder)).files) {
    const [, before = '', digits, extension] = name.match(PICTURE) ?? [];
    if (extension === undefined) continue;
    const file = join(folder, name);
    if (Number(before.match(OPENFACE)?.[1] ?? 0) !== 0) {
      dropOrThrow(context, 'a second face', { file }, 'one face per frame (frame_det_00_…)');
      continue;
    }
    const frame = Number(digits) - 1;
    const twice = pictures.get(frame);
    if (frame < 0)
      throw new DataError({ file }, { found: 'a frame numbered 0', expected: 'frames numbered from 1' });
    if (twice !== undefined)
      throw new DataError({ file }, { found: `frame ${frame + 1} again`, expected: `${twice} alone` });
    pictures.set(frame, name);
  }
  return new Map([...pictures].sort(([one], [other]) => one - other));
}

/**
 * Pairs pictures and labels by the number of the frame. (The reference pairs by place in the list, which shifts labels
 * where OpenFace wrote a second face, and fails where it lost a frame.)
 */
export async function* readDisfa(options: DisfaOptions, context: ReadContext): AsyncGenerator<FaceRow[]> {
  const { labels, images, threshold } = options;
  const { tally } = context;
  const { folders } = await listFolder(labels);
  await listFolder(images);
  for (const name of folders.filter((one) => !SUBJECT.test(one))) tally.note('a folder of no subject', name);
  const subjects = splitDisfa(folders.filter((name) => SUBJECT.test(name)));
  if (subjects.length === 0)
    throw new DataError({ file: labels }, { found: 'no folder of a subject', expected: 'SN001, SN002, …' });
  let done = 0;
  for (const { subject, split } of subjects) {
    const intensities = await readSubject(subject, options, context);
    const frames = intensities.find((values) => values !== undefined)?.length ?? 0;
    const folder = await pictureFolder(subject, images);
    if (folder === undefined) {
      const place = { file: join(images, subject) };
      dropOrThrow(
        context,
        'a subject without a folder of pictures',
        place,
        `LeftVideo${subject}_comp or ${subject}`,
      );
    } else {
      const pictures = await listPictures(folder, context);
      const rows: FaceRow[] = [];
      for (const [frame, name] of pictures) {
        if (frame >= frames)
          throw new DataError(
            { file: join(folder, name) },
            {
              found: `frame ${frame + 1}`,
              expected: `at most ${frames}, as labels of ${subject} have lines`,
            },
          );
        const values = intensities.map((all) => all?.[frame]);
        rows.push({
          dataset: 'disfa',
          image: relative(images, join(folder, name)),
          split,
          subject,
          clip: subject,
          frame,
          actionUnits: values.map((value) => (value === undefined ? undefined : value >= threshold ? 1 : 0)),
          intensities: values,
        });
      }
      if (frames > pictures.size)
        tally.note('label lines without a picture', subject, frames - pictures.size);
      yield rows;
    }
    context.onProgress(++done, subjects.length);
  }
}
