import { join } from 'node:path';
import { type ExpwFace, readExpw, readExpwList } from '../datasets/index.js';
import { cutOut } from '../faces/index.js';
import { decodeRgb, type RgbImage } from '../images/index.js';
import { compareLists, inTemporaryFolder, largestDifference, readGolden, rowsOf } from './compare.js';
import type { ParityCase, ParityPart } from './index.js';

const LIST = 'datasets/raw/expw/label/label.lst';
const IMAGES = 'datasets/raw/expw/image/origin';
const EXPECTED = 'datasets/expected/expw.json';
const CODES = ['anger', 'disgust', 'fear', 'happiness', 'sadness', 'surprise', 'neutral'];
/** JPEG decoders differ by this much in the mean. */
const COLOUR_TOLERANCE = 2;

interface GoldenRow {
  lst_line: number;
  source: string;
  face_id: number;
  box: [number, number, number, number];
  crop_size: [number, number];
  mean_rgb: [number, number, number];
  label: number;
}

function meanColour({ data }: RgbImage): number[] {
  return [0, 1, 2].map((channel) => {
    let sum = 0;
    for (let i = channel; i < data.length; i += 3) sum += data[i] as number;
    return (sum * 3) / data.length;
  });
}

/** The crop's name with the face id, so that faces of one picture do not overwrite each other as in the reference. */
const nameWithId = ({ source, face_id }: GoldenRow) =>
  `${source
    .split('/')
    .at(-1)
    ?.replace(/\.[^.]*$/, '')}_${face_id}.jpg`;

/** Boxes, labels and crops as the reference cuts them. */
export const EXPW: ParityPart = {
  name: 'ExpW',
  needs: [LIST, IMAGES, EXPECTED],
  async *check(folder): AsyncGenerator<ParityCase> {
    const golden = await readGolden<{ rows: GoldenRow[] }>(folder, EXPECTED);
    const list = join(folder, LIST);
    yield* inTemporaryFolder(async function* (temporary): AsyncGenerator<ParityCase> {
      const options = { list, images: join(folder, IMAGES), crops: join(temporary, 'crops') };
      const rows = await rowsOf(readExpw, options);
      const expected = golden.rows.map((row) => [nameWithId(row), row.box, CODES[row.label]]);
      const found = rows.map(({ image, box = { x: 0, y: 0, width: 0, height: 0 }, expression }) => [
        image,
        [box.x, box.y, box.x + box.width, box.y + box.height],
        expression,
      ]);
      const comparison = compareLists(`${expected.length} boxes and labels`, found, expected);
      const design = 'crop names carry the face id by design';
      yield comparison.error > 0 ? comparison : { ...comparison, note: design };
      const written = await Promise.all(rows.map(({ image = '' }) => decodeRgb(join(options.crops, image))));
      yield compareLists(
        'sizes of the crops',
        written.map(({ width, height }) => [width, height]),
        golden.rows.map((row) => row.crop_size),
      );
      yield await checkColours(golden.rows, await readExpwList(list), folder);
    });
  },
};

async function checkColours(
  golden: readonly GoldenRow[],
  faces: readonly ExpwFace[],
  folder: string,
): Promise<ParityCase> {
  const worst = { error: 0, note: '' };
  for (const row of golden) {
    const face = faces[row.lst_line];
    if (face === undefined) return { name: 'mean colours', tolerance: 0, error: Number.NaN };
    const crop = cutOut(await decodeRgb(join(folder, 'datasets/raw', row.source)), face.box);
    const error = largestDifference(row.mean_rgb, meanColour(crop));
    if (!(error <= worst.error)) Object.assign(worst, { error, note: `line ${row.lst_line + 1}` });
  }
  return { name: 'mean colours', tolerance: COLOUR_TOLERANCE, ...worst };
}
