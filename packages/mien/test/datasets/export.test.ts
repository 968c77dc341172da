import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { exportAbawTxt, exportCsv, exportJsonLines, type FaceRow, readManifest } from 'mien/datasets';
import { ABAW1, ABAW3, type LabelSchema } from 'mien/labels';
import { describe, expect, it } from 'vitest';
import { folderWith } from '../../../../test/folders.js';
import { importTree } from '../support/aff-wild2.js';
import { manifestOf } from '../support/manifests.js';

const VIDEOS = ['v', 'v_left', '7-60-1920x1080', 'video1'];
const SPLITS = ['train', 'validation'] as const;

const missing = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined });
const affect = missing(fc.double({ min: -1, max: 1, noNaN: true }).map((value) => value + 0));

/** The labels of a frame, in all tasks; what is missing is missing by itself. */
const labelsOf = (schema: LabelSchema) =>
  fc.record({
    expression: missing(fc.constantFrom(...schema.expressions)),
    valence: affect,
    arousal: affect,
    actionUnits: fc.array(missing(fc.constantFrom(0 as const, 1 as const)), {
      minLength: schema.actionUnits.length,
      maxLength: schema.actionUnits.length,
    }),
  });

type Labels = Pick<FaceRow, 'expression' | 'valence' | 'arousal' | 'actionUnits'>;

const known = (labels: Labels): Labels =>
  Object.fromEntries(
    Object.entries(labels).filter(([, value]) =>
      Array.isArray(value) ? value.some((one) => one !== undefined) : value !== undefined,
    ),
  );

/** Videos with labels for some frames: split, frame → labels. */
const videosOf = (schema: LabelSchema) =>
  fc.dictionary(
    fc.constantFrom(...VIDEOS),
    fc.record({
      split: fc.constantFrom(...SPLITS),
      frames: fc.dictionary(fc.nat(30).map(String), labelsOf(schema)),
    }),
  );

/** The rows that an import gives, in its order. @param pick the labels of one set, or all joined */
function rowsOf(
  videos: Record<string, { split: 'train' | 'validation'; frames: Record<string, Labels> }>,
  pick: (labels: Labels) => Labels,
  order: (a: string, b: string) => number,
): FaceRow[] {
  return SPLITS.flatMap((split) =>
    Object.keys(videos)
      .filter((video) => videos[video]?.split === split)
      .sort(order)
      .flatMap((video) =>
        Object.entries(videos[video]?.frames ?? {})
          .sort(([a], [b]) => Number(a) - Number(b))
          .map(([frame, labels]) => ({ frame: Number(frame), labels: known(pick(labels)) }))
          .filter(({ labels }) => Object.keys(labels).length > 0)
          .map(
            ({ frame, labels }): FaceRow => ({
              dataset: 'aff-wild2',
              image: `${video}/${String(frame + 1).padStart(5, '0')}.jpg`,
              split,
              clip: video,
              frame,
              ...labels,
            }),
          ),
      ),
  );
}

const byName = (a: string, b: string) => (a < b ? -1 : 1);
const byFile = (a: string, b: string) => byName(`${a}.txt`, `${b}.txt`);

const SETS: ((labels: Labels) => Labels)[] = [
  ({ actionUnits }) => ({ actionUnits }),
  ({ expression }) => ({ expression }),
  ({ valence, arousal }) => ({ valence, arousal }),
];

describe("a manifest in the challenge's text layout", () => {
  /** Exports the rows and imports the result, with a crop for each row and `extra` crops behind the last label. */
  async function thereAndBack(
    rows: FaceRow[],
    schema: LabelSchema,
    join_: boolean,
    extra: number,
  ): Promise<FaceRow[]> {
    const folder = folderWith({});
    const crops = join(folder, 'crops');
    for (const { clip = '', image = '', frame = 0 } of rows) {
      mkdirSync(join(crops, clip), { recursive: true });
      writeFileSync(join(crops, image), '');
      if (extra > 0)
        writeFileSync(join(crops, clip, `${String(frame + 1 + extra).padStart(5, '0')}.jpg`), '');
    }
    const file = manifestOf(folder, 'a.parquet', rows, { schema, roots: { 'aff-wild2': crops } });
    const annotations = join(folder, 'annotations');
    await exportAbawTxt(await readManifest(file), annotations);
    return (await importTree({ annotations, crops }, { schema, join: join_ })).rows;
  }

  it.each([ABAW1, ABAW3])('comes back as it was, set by set ($name)', async (schema) => {
    await fc.assert(
      fc.asyncProperty(videosOf(schema), fc.nat(3), async (videos, extra) => {
        const rows = SETS.flatMap((pick) => rowsOf(videos, pick, byFile));
        fc.pre(rows.length > 0);
        expect(await thereAndBack(rows, schema, false, extra)).toEqual(rows);
      }),
      { numRuns: 12 },
    );
  });

  it('comes back as it was, with the sets joined', async () => {
    await fc.assert(
      fc.asyncProperty(videosOf(ABAW1), fc.nat(3), async (videos, extra) => {
        const rows = rowsOf(videos, (labels) => labels, byName);
        fc.pre(rows.length > 0);
        expect(await thereAndBack(rows, ABAW1, true, extra)).toEqual(rows);
      }),
      { numRuns: 12 },
    );
  });

  it('has a header, a line per frame, and sentinels where nothing is known', async () => {
    const folder = folderWith({});
    const row = (frame: number, labels: Labels, split: FaceRow['split'] = 'train'): FaceRow => ({
      dataset: 'a',
      image: `${frame}.jpg`,
      clip: 'v',
      frame,
      split,
      ...labels,
    });
    const file = manifestOf(folder, 'a.parquet', [
      row(3, { valence: 1e-7, actionUnits: [1, 0, undefined, 0, 0, 0, 0, 0] }),
      row(1, { expression: 'surprise', valence: -1, arousal: 0.25 }),
      row(0, {}),
      row(2, { expression: 'fear' }, 'test'),
    ]);
    const out = join(folder, 'out');
    const tally = await exportAbawTxt(await readManifest(file), out);
    const text = (path: string) => readFileSync(join(out, path, 'v.txt'), 'utf8');
    expect(text('AU_Set/Training_Set')).toBe(
      `AU1,AU2,AU4,AU6,AU12,AU15,AU20,AU25\n${'-1,-1,-1,-1,-1,-1,-1,-1\n'.repeat(3)}1,0,-1,0,0,0,0,0\n`,
    );
    expect(text('EXPR_Set/Training_Set')).toBe(
      'Neutral,Anger,Disgust,Fear,Happiness,Sadness,Surprise\n-1\n6\n',
    );
    expect(text('VA_Set/Training_Set')).toBe('valence,arousal\n-5,-5\n-1,0.25\n-5,-5\n1e-7,-5\n');
    expect(readdirSync(folder).sort()).toEqual(['a.parquet', 'out']);
    expect(tally).toMatchObject({
      kept: 2,
      dropped: { 'no label': { count: 1 }, 'in neither train nor validation': { count: 1 } },
      noted: { 'files that end with their last label: crops not found': { count: 3 } },
    });
  });

  const face: FaceRow = {
    dataset: 'a',
    image: '1.jpg',
    clip: 'v',
    frame: 0,
    split: 'train',
    expression: 'fear',
  };
  it.each<[string, FaceRow[], RegExp]>([
    [
      'a face has no clip',
      [{ ...face, clip: undefined }],
      /a\.parquet:1: found clip unknown, frame 0; expected both.*csv or jsonl/,
    ],
    [
      'a face has no frame',
      [face, { ...face, frame: undefined }],
      /a\.parquet:2: found clip "v", frame unknown/,
    ],
    ['a clip has a dot', [{ ...face, clip: 'v.2' }], /found clip "v\.2", frame 0/],
    ['a clip is a path', [{ ...face, clip: '01/003' }], /found clip "01\/003"/],
    [
      'two faces are in one frame',
      [face, { ...face, image: '2.jpg' }],
      /a\.parquet:2: found EXPR labels of frame 0 of v for the second time/,
    ],
    [
      'two data sets share a clip',
      [face, { ...face, dataset: 'b', frame: 1 }],
      /a\.parquet:2: found clip v of b, and of a/,
    ],
  ])('is refused, and nothing is left, when %s', async (_, rows, message) => {
    const folder = folderWith({});
    const manifest = await readManifest(manifestOf(folder, 'a.parquet', rows));
    await expect(exportAbawTxt(manifest, join(folder, 'out'))).rejects.toThrow(message);
    expect(readdirSync(folder)).toEqual(['a.parquet']);
  });

  it('does not go into a folder that holds something', async () => {
    const folder = folderWith({ 'out/mine.txt': '' });
    const manifest = await readManifest(manifestOf(folder, 'a.parquet', [face]));
    await expect(exportAbawTxt(manifest, join(folder, 'out'))).rejects.toThrow(
      /out: found a folder that is not empty/,
    );
    mkdirSync(join(folder, 'empty'));
    await exportAbawTxt(manifest, join(folder, 'empty'));
    expect(readdirSync(join(folder, 'empty'))).toEqual(['EXPR_Set']);
  });
});

describe('the rows of a manifest as text', () => {
  const rows: FaceRow[] = [
    {
      dataset: 'a',
      image: 'with "quotes", commas\nand lines.jpg',
      box: { x: -1, y: 0, width: 2.5, height: 3 },
    },
    {
      dataset: 'a',
      image: 'é.jpg',
      split: 'test',
      frame: 0,
      valence: -1e-7,
      actionUnits: [0, 1, undefined, 0, 0, 0, 0, 0],
    },
  ];
  const made = async () => {
    const folder = folderWith({});
    return { folder, faces: (await readManifest(manifestOf(folder, 'a.parquet', rows))).faces };
  };

  it('are CSV with an empty cell where something is missing', async () => {
    const { folder, faces } = await made();
    exportCsv(faces, join(folder, 'a.csv'));
    const records: Record<string, string>[] = parse(readFileSync(join(folder, 'a.csv')), { columns: true });
    expect(Object.keys(records[0] ?? {})).toEqual(faces.columns().map(({ name }) => name));
    expect(records[0]).toMatchObject({
      image: rows[0]?.image,
      box_x: '-1',
      box_width: '2.5',
      split: '',
      AU1: '',
    });
    expect(records[1]).toMatchObject({
      image: 'é.jpg',
      frame: '0',
      valence: '-1e-7',
      AU1: '0',
      AU2: '1',
      AU4: '',
      box_x: '',
    });
  });

  it('are JSON lines without what is missing', async () => {
    const { folder, faces } = await made();
    exportJsonLines(faces, join(folder, 'a.jsonl'));
    const lines = readFileSync(join(folder, 'a.jsonl'), 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { image: rows[0]?.image, dataset: 'a', box_x: -1, box_y: 0, box_width: 2.5, box_height: 3 },
      {
        image: 'é.jpg',
        dataset: 'a',
        split: 'test',
        frame: 0,
        valence: -1e-7,
        AU1: 0,
        AU2: 1,
        AU6: 0,
        AU12: 0,
        AU15: 0,
        AU20: 0,
        AU25: 0,
      },
    ]);
  });
});
