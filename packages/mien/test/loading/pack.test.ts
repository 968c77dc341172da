import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkManifest, type Manifest, pathOf, readManifest } from 'mien/datasets';
import { encodePng } from 'mien/images';
import {
  batchesOf,
  createLoader,
  createLoaderPool,
  openPack,
  openPacked,
  packManifest,
  type TransformInput,
} from 'mien/loading';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { folderWith, ROOT } from '../../../../test/folders.js';
import { manifestOf, picture, writePictures } from '../support/pictures.js';

const MAIN = join(ROOT, 'packages/mien/dist/cli/main.js');
const pool = createLoaderPool(2);
afterAll(() => pool.close());

function mien(args: string[]) {
  return spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' });
}

async function tensors(manifest: Manifest, transform: TransformInput): Promise<Buffer[]> {
  const all: Buffer[] = [];
  const order = batchesOf(manifest.faces.length, 1);
  for await (const batch of createLoader({ manifest, order, transform, threads: pool, onBroken: () => {} })) {
    all.push(Buffer.from(batch.images.slice().buffer));
    batch.release();
  }
  return all;
}

/** Pictures of 32 px, four to a shard. */
async function packOf(count: number, more: Partial<Parameters<typeof packManifest>[1]> = {}) {
  const folder = folderWith({});
  const names = await writePictures(
    folder,
    Array.from({ length: count }, (_, i) => (i % 2 ? 'jpg' : 'png')),
  );
  const manifest = manifestOf(folder, names);
  const out = join(folder, 'pack');
  const result = await packManifest(manifest, { out, size: 32, shardMegabytes: 0.01, threads: 1, ...more });
  return { folder, manifest, out, result, packed: await readManifest(join(out, 'manifest.parquet')) };
}

describe('a pack', () => {
  it('is checked picture by picture as a folder of files is', async () => {
    const { out, packed } = await packOf(5);
    expect(await checkManifest(packed, { openPacked })).toMatchObject({ images: 5, unusable: [] });
    const shard = join(out, 'shard-00000.bin');
    const bytes = readFileSync(shard);
    const middle = bytes.length >> 1;
    bytes[middle] = (bytes[middle] ?? 0) ^ 1;
    writeFileSync(shard, bytes);
    const { unusable } = await checkManifest(await readManifest(join(out, 'manifest.parquet')), {
      openPacked,
    });
    expect(unusable).toMatchObject([{ count: 1, reason: expect.stringContaining('damaged in its shard') }]);
  });

  it("holds the pictures as if each had been opened: the reference's transform gives the same from both", async () => {
    const folder = folderWith({});
    const shapes = [
      [112, 112],
      [134, 134],
      [48, 48],
      [140, 120],
      [120, 201],
      [300, 256],
    ] as const;
    const names: string[] = [];
    for (const [i, [width, height]] of shapes.entries()) {
      writeFileSync(join(folder, `${i}.png`), await encodePng(picture(i, width, height)));
      names.push(`${i}.png`);
    }
    const manifest = manifestOf(folder, names);
    const out = join(folder, 'pack');
    await packManifest(manifest, { out, threads: 1 });
    const packed = await readManifest(join(out, 'manifest.parquet'));
    for (const kind of ['paper', 'evaluation'] as const)
      expect(
        Buffer.concat(await tensors(packed, { kind })).equals(
          Buffer.concat(await tensors(manifest, { kind })),
        ),
      ).toBe(true);
    expect(openPack(join(out, 'pack.json')).read(3)).toMatchObject({ width: 156, height: 134 });
  });

  it('is several shards, read by position', async () => {
    const { out, result, packed } = await packOf(10);
    expect(result).toMatchObject({ images: 10, rows: 10, shards: 3 }); // of 3,072 bytes each, four to 0.01 MB
    expect(readdirSync(out)).toEqual([
      'manifest.parquet',
      'origin.parquet',
      'pack.json',
      'shard-00000.bin',
      'shard-00001.bin',
      'shard-00002.bin',
    ]);
    expect([...packed.faces.rows()].map(({ image }) => image)).toEqual(
      Array.from({ length: 10 }, (_, i) => `pack.json#${i}`),
    );
    const pack = openPack(join(out, 'pack.json'));
    expect(() => pack.read(10)).toThrow(/pack\.json: found 10 pictures; expected picture 10 of the manifest/);
    pack.close();
  });

  it('can be moved, and remembers where its pictures came from', async () => {
    const { folder, out, manifest } = await packOf(4);
    renameSync(out, join(folder, 'moved'));
    const moved = await readManifest(join(folder, 'moved/manifest.parquet'));
    expect(await tensors(moved, { kind: 'evaluation', size: 32 })).toHaveLength(4);
    const origin = await readManifest(join(folder, 'moved/origin.parquet'));
    expect([0, 1, 2, 3].map((row) => pathOf(origin, row))).toEqual(
      [0, 1, 2, 3].map((row) => pathOf(manifest, row)),
    );
    expect(moved.history.at(-1)).toMatchObject({ command: 'pack', options: { size: 32, format: 'uint8' } });
  });

  it('holds JPEGs when asked to, close to the pictures', async () => {
    const { packed, manifest } = await packOf(6, { format: 'jpeg', quality: 95 });
    const transform: TransformInput = { kind: 'evaluation', size: 32, edge: 32, output: 'uint8' };
    const [ours, theirs] = [await tensors(packed, transform), await tensors(manifest, transform)];
    const all = Buffer.concat(theirs);
    const differences = Array.from(Buffer.concat(ours), (value, i) =>
      Math.abs(value - (all[i] ?? Number.NaN)),
    );
    expect(differences.reduce((sum, one) => sum + one, 0) / differences.length).toBeLessThan(3);
  });

  it('keeps smaller pictures as they are when asked to', async () => {
    const { out } = await packOf(1, { size: 64, enlarge: false });
    expect(openPack(join(out, 'pack.json')).read(0)).toMatchObject({ width: 40, height: 40 });
  });

  it('holds a picture once that several rows show', async () => {
    const folder = folderWith({});
    const [name = ''] = await writePictures(folder, ['png']);
    const result = await packManifest(manifestOf(folder, [name, name, name]), {
      out: join(folder, 'pack'),
      threads: 1,
    });
    expect(result).toMatchObject({ images: 1, rows: 3 });
  });

  it('is the same whatever the number of threads', async () => {
    const [one, other] = [await packOf(9), await packOf(9, { threads: 3 })];
    for (const name of readdirSync(one.out).filter((file) => !file.startsWith('origin')))
      expect(readFileSync(join(one.out, name)).equals(readFileSync(join(other.out, name)))).toBe(true);
  });

  it('can be packed again', async () => {
    const { folder, packed } = await packOf(3);
    const result = await packManifest(packed, { out: join(folder, 'again'), size: 32, threads: 1 });
    expect(result.images).toBe(3);
    expect(readFileSync(join(folder, 'again/shard-00000.bin'))).toEqual(
      readFileSync(join(folder, 'pack/shard-00000.bin')),
    );
  });
});

describe('a damaged pack', () => {
  let whole: string;
  beforeAll(async () => {
    whole = mkdtempSync(join(tmpdir(), 'mien-test-'));
    const names = await writePictures(
      whole,
      Array.from({ length: 10 }, () => 'png'),
    );
    await packManifest(manifestOf(whole, names), {
      out: join(whole, 'pack'),
      size: 32,
      shardMegabytes: 0.01,
      threads: 1,
    });
  });
  afterAll(() => rmSync(whole, { recursive: true }));

  async function copyOfPack() {
    const out = join(folderWith({}), 'pack');
    cpSync(join(whole, 'pack'), out, { recursive: true });
    return { out, packed: await readManifest(join(out, 'manifest.parquet')) };
  }

  const load = (manifest: Manifest) => tensors(manifest, { kind: 'evaluation', size: 32 });

  it('loses one picture to a flipped bit', async () => {
    const { out, packed } = await copyOfPack();
    const bytes = readFileSync(join(out, 'shard-00001.bin'));
    bytes[5000] = (bytes[5000] ?? 0) ^ 4;
    writeFileSync(join(out, 'shard-00001.bin'), bytes);
    const loader = createLoader({
      manifest: packed,
      order: batchesOf(10, 10),
      transform: { kind: 'evaluation', size: 32 },
      threads: pool,
      onBroken: () => {},
    });
    const { value: batch } = await loader.next();
    expect([...(batch?.rows ?? [])]).toEqual([0, 1, 2, 3, 4, 6, 7, 8, 9]);
    expect(loader.report().broken).toEqual([
      { row: 5, path: `${join(out, 'pack.json')}#5`, reason: 'damaged in its shard (picture 5)' },
    ]);
    await loader.close();
  });

  it.each<[string, (out: string) => void, RegExp]>([
    [
      'is cut off',
      (out) => truncateSync(join(out, 'shard-00001.bin'), 9000),
      /shard-00001\.bin: found 9000 bytes; expected a shard of 12352 bytes with 4 pictures/,
    ],
    [
      'has a damaged table',
      (out) => {
        const bytes = readFileSync(join(out, 'shard-00002.bin'));
        bytes[bytes.length - 3] = (bytes.at(-3) ?? 0) ^ 1;
        writeFileSync(join(out, 'shard-00002.bin'), bytes);
      },
      /shard-00002\.bin: found a table that is damaged or another pack's/,
    ],
    [
      'is another shard of the same size',
      (out) => writeFileSync(join(out, 'shard-00000.bin'), readFileSync(join(out, 'shard-00001.bin'))),
      /shard-00000\.bin: found a table that is damaged or another pack's; .*Pack again/,
    ],
    [
      'is missing',
      (out) => renameSync(join(out, 'shard-00000.bin'), join(out, 'gone')),
      /shard-00000\.bin: found no such file; expected a shard/,
    ],
    [
      'has no pack.json',
      (out) => renameSync(join(out, 'pack.json'), join(out, 'gone')),
      /pack\.json: found no such file/,
    ],
    [
      'has something else for a pack.json',
      (out) => writeFileSync(join(out, 'pack.json'), '{"version":1}'),
      /pack\.json: found .*format.*; expected the pack\.json of mien data pack/,
    ],
  ])('stops the run when a shard %s', async (_, damage, message) => {
    const { out, packed } = await copyOfPack();
    damage(out);
    await expect(load(packed)).rejects.toThrow(message);
  });

  it('is begun anew when packing was killed', async () => {
    const folder = folderWith({});
    const manifest = manifestOf(folder, await writePictures(folder, ['png']));
    const out = join(folder, 'pack');
    mkdirSync(`${out}.part`);
    writeFileSync(join(`${out}.part`, 'shard-00007.bin'), 'half');
    await packManifest(manifest, { out, threads: 1 });
    expect(existsSync(`${out}.part`)).toBe(false);
    expect(readdirSync(out)).not.toContain('shard-00007.bin');
  });
});

describe('mien data pack', () => {
  it('says what it left out, and why', async () => {
    const folder = folderWith({ '1.jpg': 'no picture', '2.jpg': '' });
    const manifest = manifestOf(folder, [
      ...(await writePictures(folder, ['png'])),
      '1.jpg',
      '2.jpg',
      '3.jpg',
    ]);
    const { status, stdout } = mien([
      'data',
      'pack',
      manifest.file,
      '--out',
      join(folder, 'pack'),
      '--size',
      '112',
    ]);
    expect(status).toBe(0);
    expect(stdout).toContain('kept 1\n');
    expect(stdout).toContain(`dropped 1: an empty file (${join(folder, '2.jpg')})`);
    expect(stdout).toContain(`dropped 1: no such file (${join(folder, '3.jpg')})`);
    expect(stdout).toMatch(/^wrote .*pack \(1 picture, 1 shard, 0\.0 MB\)$/m);
  });

  it('stops at the first such picture with --strict, and leaves nothing', async () => {
    const folder = folderWith({ '1.jpg': '' });
    const manifest = manifestOf(folder, [...(await writePictures(folder, ['png'])), '1.jpg']);
    const { status, stderr } = mien([
      'data',
      'pack',
      manifest.file,
      '--out',
      join(folder, 'pack'),
      '--strict',
    ]);
    expect(status).toBe(1);
    expect(stderr).toBe(`mien: ${join(folder, '1.jpg')}: found an empty file; expected a picture\n`);
    expect(readdirSync(folder).sort()).toEqual(['0.png', '1.jpg', 'manifest.parquet']);
  });

  it('does not write over a folder', async () => {
    const folder = folderWith({ 'pack/mine.txt': 'keep' });
    const manifest = manifestOf(folder, await writePictures(folder, ['png']));
    const { status, stderr } = mien(['data', 'pack', manifest.file, '--out', join(folder, 'pack')]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/pack: found a folder that is not empty; expected a new folder\. Remove it/);
    expect(readFileSync(join(folder, 'pack/mine.txt'), 'utf8')).toBe('keep');
  });

  it('needs one picture at least', async () => {
    const folder = folderWith({});
    const manifest = manifestOf(folder, ['gone.jpg']);
    const { status, stderr } = mien(['data', 'pack', manifest.file, '--out', join(folder, 'pack')]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/found no picture that opens \(.*gone\.jpg: no such file\); expected pictures/);
    expect(readdirSync(folder)).toEqual(['manifest.parquet']);
  });

  it.each([
    ['--format', 'webp'],
    ['--size', '4'],
  ])('ends with 2 for %s %s', (...option) => {
    const { status, stderr } = mien(['data', 'pack', 'm.parquet', '--out', 'x', ...option]);
    expect(status).toBe(2);
    expect(stderr).toContain(option[0]);
  });
});
