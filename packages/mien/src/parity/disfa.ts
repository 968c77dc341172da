import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { type FaceRow, readDisfa } from '../datasets/index.js';
import { listFolder, readTextLines } from '../files/index.js';
import { LegacyNumpyRandom } from '../random/index.js';
import { compareLists, inTemporaryFolder, readGolden, rowsOf } from './compare.js';
import type { ParityCase, ParityPart } from './index.js';

const LABELS = 'datasets/raw/disfa/ActionUnit_Labels';
const IMAGES = 'datasets/raw/disfa/Videos_LeftCamera_OpenFace_Aligned';
const EXPECTED = 'datasets/expected/disfa.json';
const ODD = 'datasets/expected/disfa_odd_cases.json';
const SPLITS = { Training_Set: 'train', Validation_Set: 'validation' } as const;

interface GoldenRow {
  split: keyof typeof SPLITS;
  video: string;
  frame_id: number;
  path: string;
  label: number[];
}

interface Golden {
  permutation: number[];
  videos: Record<keyof typeof SPLITS, string[]>;
  rows: GoldenRow[];
}

const subjectsOf = (rows: readonly FaceRow[], split: string) => [
  ...new Set(rows.filter((row) => row.split === split).map(({ subject }) => subject)),
];

/** Data set, splits and rows as the reference builds them. */
export const DISFA: ParityPart = {
  name: 'DISFA',
  needs: [LABELS, IMAGES, EXPECTED],
  async *check(folder): AsyncGenerator<ParityCase> {
    const golden = await readGolden<Golden>(folder, EXPECTED);
    const images = join(folder, IMAGES);
    const rows = await rowsOf(readDisfa, { labels: join(folder, LABELS), images, threshold: 2 });
    const permutation = new LegacyNumpyRandom(0).permutation(golden.permutation.length);
    yield compareLists('permutation', permutation, golden.permutation);
    for (const [name, split] of Object.entries(SPLITS))
      yield compareLists(
        `subjects of ${name}`,
        subjectsOf(rows, split),
        golden.videos[name as keyof typeof SPLITS],
      );
    const expected = golden.rows.map(({ split, video, frame_id, path, label }) => [
      SPLITS[split],
      video,
      frame_id,
      path,
      label,
    ]);
    const found = rows.map(({ split, clip, frame, image = '', actionUnits }) => [
      split,
      clip,
      frame,
      relative(join(folder, 'datasets/raw'), join(images, image)),
      actionUnits,
    ]);
    yield compareLists(`${expected.length} rows`, found, expected);
  },
};

interface OddCase {
  case: string;
  subject: string;
  files_on_disk: string[];
  /** Absent where the reference stopped. */
  files?: string[];
  labels?: number[][];
}

/** The action units of a line of the label files, read plainly. */
async function labelOfLine(labels: string, subject: string, line: number): Promise<number[]> {
  return Promise.all(
    [1, 2, 4, 6, 12, 15, 20, 25].map(async (unit) => {
      const { lines } = await readTextLines(join(labels, subject, `${subject}_au${unit}.txt`));
      return Number(lines[line]?.split(',')[1]) >= 2 ? 1 : 0;
    }),
  );
}

async function checkOddCase(labels: string, odd: OddCase, folder: string): Promise<ParityCase> {
  const { subject } = odd;
  const video = `LeftVideo${subject}_comp`;
  const aligned = join(folder, 'images', video, `${video}_aligned`);
  await mkdir(aligned, { recursive: true });
  for (const name of odd.files_on_disk) await writeFile(join(aligned, name), '');
  await cp(join(labels, subject), join(folder, 'labels', subject), { recursive: true });
  const options = { labels: join(folder, 'labels'), images: join(folder, 'images'), threshold: 2 };
  const rows = await rowsOf(readDisfa, options);
  const found = rows.map(({ image = '', actionUnits }) => [image.split('/').at(-1), actionUnits]);
  const firstFaces = odd.files_on_disk.filter((name) => name.startsWith('frame_det_00_')).sort();
  const byNumber = await Promise.all(
    firstFaces.map(async (name) => [
      name,
      await labelOfLine(labels, subject, Number(name.match(/(\d+)\.\w+$/)?.[1]) - 1),
    ]),
  );
  const reference = odd.files?.map((name, i) => [name, odd.labels?.[i]]);
  const agrees = reference !== undefined && compareLists('', byNumber, reference).error === 0;
  const comparison = compareLists(odd.case, found, byNumber);
  const design = reference === undefined ? 'the reference stops' : 'the reference pairs wrongly';
  if (comparison.error > 0) return comparison;
  return { ...comparison, note: agrees ? 'as the reference' : `paired by frame number by design: ${design}` };
}

/** Where OpenFace lost a frame or saw a second face: the reference fails there, so pairing by number is what is checked. */
export const DISFA_ODD_CASES: ParityPart = {
  name: 'DISFA odd cases',
  needs: [LABELS, ODD],
  async *check(folder): AsyncGenerator<ParityCase> {
    const { folders } = await listFolder(join(folder, LABELS));
    for (const odd of await readGolden<OddCase[]>(folder, ODD))
      if (folders.includes(odd.subject))
        yield* inTemporaryFolder(async function* (temporary) {
          yield await checkOddCase(join(folder, LABELS), odd, temporary);
        });
  },
};
