import { existsSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { type FaceRow, FaceTable, pathOf, readManifest, writeManifest } from 'mien/datasets';
import { openParquet, writeParquet } from 'mien/files';
import { ABAW1, type LabelSchema } from 'mien/labels';
import { describe, expect, it } from 'vitest';
import { folderWith } from '../../../../test/folders.js';

function tableOf(rows: FaceRow[], schema: LabelSchema = ABAW1): FaceTable {
  const faces = new FaceTable(schema);
  for (const row of rows) faces.push(row);
  return faces;
}

const optional = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined });
const finite = (min: number, max: number) => fc.double({ min, max, noNaN: true }).map((value) => value + 0);

const anyRow: fc.Arbitrary<FaceRow> = fc
  .record(
    {
      dataset: fc.constantFrom('a', 'b'),
      image: fc.string({ minLength: 1 }),
      split: optional(fc.constantFrom('train' as const, 'validation' as const, 'test' as const)),
      subject: optional(fc.string({ minLength: 1 })),
      clip: optional(fc.string({ minLength: 1 })),
      frame: optional(fc.nat()),
      box: optional(
        fc.record({ x: finite(-9, 9), y: finite(-9, 9), width: finite(0, 9), height: finite(0, 9) }),
      ),
      landmarks: optional(fc.array(finite(-100, 100), { minLength: 2, maxLength: 4 })),
      expression: optional(fc.constantFrom(...ABAW1.expressions)),
      votes: optional(fc.array(finite(0, 1), { minLength: 7, maxLength: 7 })),
      valence: optional(finite(-1, 1)),
      arousal: optional(finite(-1, 1)),
      actionUnits: optional(
        fc
          .array(optional(fc.constantFrom(0 as const, 1 as const)), { minLength: 8, maxLength: 8 })
          .filter((units) => units.some((unit) => unit !== undefined)),
      ),
      intensities: optional(
        fc
          .array(optional(finite(0, 5)), { minLength: 8, maxLength: 8 })
          .filter((units) => units.some((unit) => unit !== undefined)),
      ),
    },
    { requiredKeys: ['dataset', 'image'] },
  )
  .map(
    (row) =>
      Object.fromEntries(
        Object.entries(row).filter(([, value]) => value !== undefined),
      ) as unknown as FaceRow,
  );

describe('a manifest', () => {
  it('is read as it was written, whatever is missing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyRow, { maxLength: 20 }), async (rows) => {
        const file = join(folderWith({}), 'm.parquet');
        const tally = { kept: rows.length, dropped: {}, noted: {} };
        writeManifest(file, {
          faces: tableOf(rows),
          roots: new Map([
            ['a', '/data/a'],
            ['b', '/data/b'],
          ]),
          history: [{ command: 'test', options: { n: 1 }, tally }],
        });
        const manifest = await readManifest(file);
        expect([...manifest.faces.rows()]).toEqual(rows);
        expect(manifest.history).toEqual([{ command: 'test', options: { n: 1 }, tally }]);
        expect(readdirSync(join(file, '..'))).toEqual(['m.parquet']);
      }),
      { numRuns: 50 },
    );
  });

  it('keeps more rows than are encoded at once', async () => {
    const file = join(folderWith({}), 'm.parquet');
    const rows = Array.from(
      { length: 25_001 },
      (_, i): FaceRow => ({ dataset: 'a', image: `${i}.jpg`, frame: i }),
    );
    writeManifest(file, { faces: tableOf(rows), roots: new Map([['a', '/a']]), history: [] });
    const { faces } = await readManifest(file);
    expect(faces.length).toBe(25_001);
    expect(faces.row(25_000)).toEqual({ dataset: 'a', image: '25000.jpg', frame: 25_000 });
  });

  it('moves with its images when they lie beside it, and can be told where they are', async () => {
    const folder = folderWith({ 'set/images/1.jpg': '' });
    const faces = tableOf([{ dataset: 'a', image: 'images/1.jpg' }]);
    writeManifest(join(folder, 'set/m.parquet'), {
      faces,
      roots: new Map([['a', join(folder, 'set')]]),
      history: [],
    });
    renameSync(join(folder, 'set'), join(folder, 'moved'));
    const moved = await readManifest(join(folder, 'moved/m.parquet'));
    expect(existsSync(pathOf(moved, 0))).toBe(true);
    const told = await readManifest(join(folder, 'moved/m.parquet'), { roots: { a: '/elsewhere' } });
    expect(pathOf(told, 0)).toBe('/elsewhere/images/1.jpg');
    await expect(readManifest(join(folder, 'moved/m.parquet'), { roots: { b: '/x' } })).rejects.toThrow(
      /found no data set "b"; expected one of a/,
    );
  });

  it.each([
    ['nothing', undefined, /no such file; expected a Parquet file/],
    ['an empty file', '', /an empty file; expected a Parquet file/],
    ['a text', 'image,label\n1.jpg,2\n', /something else .*; expected a Parquet file/],
  ])('is refused with its name when it is %s', async (_, text, message) => {
    const folder = folderWith(text === undefined ? {} : { 'm.parquet': text });
    await expect(readManifest(join(folder, 'm.parquet'))).rejects.toThrow(message);
  });

  it('is refused when it is another Parquet table', async () => {
    const file = join(folderWith({}), 't.parquet');
    writeParquet(file, tableOf([]).columns(), 0, {});
    await expect(readManifest(file)).rejects.toThrow(
      /without a manifest in its metadata.*mien data import table/,
    );
  });

  it('is refused with the row when a label does not suit its schema', async () => {
    const file = join(folderWith({}), 'm.parquet');
    const faces = tableOf([
      { dataset: 'a', image: '1.jpg', valence: 0.5 },
      { dataset: 'a', image: '2.jpg', valence: -5 },
    ]);
    writeManifest(file, { faces, roots: new Map([['a', '/a']]), history: [] });
    await expect(readManifest(file)).rejects.toThrow(
      /m\.parquet:2: found a face that has valence -5, outside -1 to 1/,
    );
  });
});

describe('writeParquet', () => {
  it('writes columns of nothing but missing values', async () => {
    const file = join(folderWith({}), 't.parquet');
    const faces = tableOf([{ dataset: 'a', video: 'v.mp4', frame: 0 }]);
    writeParquet(file, faces.columns(), 1, { key: 'ä' });
    const table = await openParquet(file);
    expect(table.keyValues.get('key')).toBe('ä');
    let seen: unknown;
    await table.read(['image', 'video'], (chunk) => {
      seen = [chunk.get('image')?.[0] ?? undefined, chunk.get('video')?.[0]];
    });
    expect(seen).toEqual([undefined, 'v.mp4']);
  });
});
