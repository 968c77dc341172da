import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { DataError } from 'mien/files';
import {
  type BrokenImage,
  batchesOf,
  clipsOf,
  createLoader,
  createLoaderPool,
  type LoaderOptions,
  type TransformInput,
  windowsOf,
} from 'mien/loading';
import { Random } from 'mien/random';
import { afterAll, describe, expect, it } from 'vitest';
import { folderWith } from '../../../../test/folders.js';
import { manifestOf, writePictures } from '../support/pictures.js';

const SIZE = 16;
const AUGMENTED: TransformInput = { kind: 'augmented', size: SIZE };
const PLAIN: TransformInput = { kind: 'evaluation', size: SIZE };
const pool = createLoaderPool(2);
afterAll(() => pool.close());

const kinds = (count: number) =>
  Array.from({ length: count }, (_, i) => (i % 3 === 0 ? 'png' : 'jpg') as 'png' | 'jpg');

interface Copy {
  step: number;
  rows: number[];
  counts: number[];
  images: number[];
}

/** Loads to the end and copies every batch. */
async function loadAll(
  options: Partial<LoaderOptions> & Pick<LoaderOptions, 'manifest' | 'order'>,
): Promise<Copy[]> {
  const copies: Copy[] = [];
  for await (const batch of createLoader({ transform: AUGMENTED, threads: pool, ...options })) {
    const { step, rows, counts, images } = batch;
    copies.push({ step, rows: [...rows], counts: [...counts], images: [...images] });
    batch.release();
  }
  return copies;
}

async function setOf(count: number) {
  const folder = folderWith({});
  return { folder, manifest: manifestOf(folder, await writePictures(folder, kinds(count))) };
}

describe('a loader', () => {
  it("gives the rows in the order asked for, with each picture's own tensor", async () => {
    const { manifest } = await setOf(7);
    const order = batchesOf(Int32Array.of(6, 0, 3, 3, 1), 2);
    const batches = await loadAll({ manifest, order, transform: PLAIN });
    expect(batches.map(({ step, rows }) => [step, ...rows])).toEqual([
      [0, 6, 0],
      [1, 3, 3],
      [2, 1],
    ]);
    const alone = await loadAll({ manifest, order: batchesOf(7, 1), transform: PLAIN });
    const size = 3 * SIZE ** 2;
    expect(batches[0]?.images.slice(0, size)).toEqual(alone[6]?.images);
    expect(batches[0]?.images.slice(size)).toEqual(alone[0]?.images);
    expect(batches[2]?.images).toEqual(alone[1]?.images);
  });

  it('gives the same whatever the number of threads, and something else for another seed or epoch', async () => {
    const { manifest } = await setOf(20);
    const order = batchesOf(Random.seeded(3).permutation(20), 6);
    const run = (more: Partial<LoaderOptions>) => loadAll({ manifest, order, seed: 5, epoch: 1, ...more });
    const first = await run({ threads: 1 });
    expect(await run({ threads: 3, prefetch: 5 })).toEqual(first);
    expect(await run({})).toEqual(first);
    for (const other of [await run({ seed: 6 }), await run({ epoch: 2 })]) {
      expect(other.map(({ rows }) => rows)).toEqual(first.map(({ rows }) => rows));
      expect(other.map(({ images }) => images)).not.toEqual(first.map(({ images }) => images));
    }
  });

  it('goes on at any step as if it had begun at the first', async () => {
    const { manifest } = await setOf(11);
    const order = batchesOf(11, 2);
    const whole = await loadAll({ manifest, order });
    expect(await loadAll({ manifest, order, start: 3 })).toEqual(whole.slice(3));
    expect(await loadAll({ manifest, order, start: 6 })).toEqual([]);
  });

  it('can leave out a last batch that is not full', () => {
    expect(batchesOf(11, 2).steps).toBe(6);
    expect(batchesOf(11, 2, { dropLast: true }).steps).toBe(5);
  });

  it('uses a few buffers over and over, on shared memory, as does the next one', async () => {
    const { manifest } = await setOf(12);
    const memory = new Set<ArrayBufferLike>();
    for (const epoch of [1, 2, 3]) {
      const loader = createLoader({
        manifest,
        order: batchesOf(12, 1),
        transform: PLAIN,
        threads: pool,
        prefetch: 2,
        epoch,
      });
      for await (const batch of loader) {
        expect(batch.images.buffer).toBeInstanceOf(SharedArrayBuffer);
        memory.add(batch.images.buffer);
        batch.release();
        expect(() => batch.images).toThrow(/released/);
      }
    }
    expect(memory.size).toBeLessThanOrEqual(3);
  });

  it('says so when no batch was released, instead of waiting for ever', async () => {
    const { manifest } = await setOf(6);
    const loader = createLoader({
      manifest,
      order: batchesOf(6, 1),
      transform: PLAIN,
      threads: pool,
      prefetch: 1,
    });
    await loader.next();
    await loader.next();
    await expect(loader.next()).rejects.toThrow(/all 2 batches are held: release/);
  });

  it('refuses an order that asks for what is not there', async () => {
    const { manifest } = await setOf(2);
    const load = (order: LoaderOptions['order']) => loadAll({ manifest, order, transform: PLAIN });
    await expect(load(batchesOf(Int32Array.of(0, 2), 2))).rejects.toThrow(/step 0 asks for sample 2 of 2/);
    await expect(load({ steps: 1, batchSize: 1, samples: () => [0, 1] })).rejects.toThrow(
      /2 samples, more than/,
    );
  });

  it('makes bytes when asked to', async () => {
    const { manifest } = await setOf(2);
    const [batch] = await loadAll({
      manifest,
      order: batchesOf(2, 2),
      transform: { ...PLAIN, output: 'uint8' },
    });
    expect(batch?.images.length).toBe(2 * 3 * SIZE ** 2);
    expect(batch?.images.every((value) => Number.isInteger(value) && value >= 0 && value <= 255)).toBe(true);
  });

  it('ends its threads when the loop is left, when it is closed, and when it fails', async () => {
    // Each thread holds a port to it.
    const threads = () => process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length;
    const { manifest } = await setOf(6);
    const options: LoaderOptions = { manifest, order: batchesOf(6, 1), transform: PLAIN, threads: 2 };
    const before = threads();
    for await (const batch of createLoader(options)) {
      expect(threads()).toBe(before + 2);
      batch.release();
      break;
    }
    expect(threads()).toBe(before);
    const loader = createLoader(options);
    await loader.next();
    await loader.close();
    expect(await loader.next()).toEqual({ done: true, value: undefined });
    expect(threads()).toBe(before);
    await createLoader(options).close();
    await createLoader(options).return?.();
    expect(threads()).toBe(before);
    const failing = createLoader({
      ...options,
      manifest: manifestOf(folderWith({}), ['gone.jpg']),
      order: batchesOf(1, 1),
      onBroken: () => {},
    });
    await expect(failing.next().then(() => failing.next())).rejects.toThrow(/broken/);
    expect(threads()).toBe(before);
  });

  it('stops with the reason of its signal', async () => {
    const { manifest } = await setOf(30);
    const controller = new AbortController();
    const loader = createLoader({
      manifest,
      order: batchesOf(30, 1),
      transform: PLAIN,
      threads: pool,
      signal: controller.signal,
    });
    (await loader.next()).value?.release();
    controller.abort(new Error('enough'));
    await expect(loader.next()).rejects.toThrow('enough');
    expect(() =>
      createLoader({ manifest, order: batchesOf(1, 1), transform: PLAIN, signal: controller.signal }),
    ).toThrow('enough');
  });

  it('works in a worker thread, whose batches other threads can see', async () => {
    const { folder } = await setOf(4);
    const script = `
      const { parentPort, workerData } = require('node:worker_threads');
      (async () => {
        const { readManifest } = await import('mien/datasets');
        const { batchesOf, createLoader } = await import('mien/loading');
        const manifest = await readManifest(workerData);
        const loader = createLoader({ manifest, order: batchesOf(4, 4), transform: { kind: 'evaluation', size: 16 }, threads: 2 });
        for await (const { images, rows } of loader) parentPort.postMessage({ images, rows });
      })();`;
    const worker = new Worker(script, { eval: true, workerData: join(folder, 'manifest.parquet') });
    const [sent, code] = await Promise.all([
      new Promise<{ images: Float32Array; rows: Int32Array }>((resolve) => worker.once('message', resolve)),
      new Promise((resolve) => worker.once('exit', resolve)),
    ]);
    expect(code).toBe(0);
    expect([...sent.rows]).toEqual([0, 1, 2, 3]);
    const { manifest } = { manifest: manifestOf(folder, ['0.png', '1.jpg', '2.jpg', '3.png']) };
    const [here] = await loadAll({ manifest, order: batchesOf(4, 4), transform: PLAIN });
    expect([...sent.images]).toEqual(here?.images);
  });
});

describe('windows', () => {
  it('come as [batch, frames], all frames of one changed alike', async () => {
    const folder = folderWith({});
    await writePictures(folder, ['png']);
    const manifest = manifestOf(folder, ['0.png', '0.png', '0.png', '0.png', '0.png']);
    const windows = windowsOf(clipsOf(manifest), 3, 'evaluation');
    const [batch] = await loadAll({ manifest, windows, order: batchesOf(windows.count, 4) });
    expect(batch?.rows).toEqual([0, 1, 2, 2, 3, 4]);
    expect(batch?.counts).toEqual([1, 1, 1, 0, 1, 1]);
    const size = 3 * SIZE ** 2;
    const frame = (i: number) => batch?.images.slice(i * size, (i + 1) * size);
    expect(frame(1)).toEqual(frame(0));
    expect(frame(2)).toEqual(frame(0));
    expect(frame(4)).toEqual(frame(3));
    expect(frame(3)).not.toEqual(frame(0));
  });

  it('show the neighbour of a broken frame, which does not count', async () => {
    const { folder, manifest } = await setOf(8);
    rmSync(join(folder, '1.jpg'));
    for (const name of ['6.png', '7.jpg']) writeFileSync(join(folder, name), '');
    const windows = windowsOf(clipsOf(manifest), 2, 'evaluation');
    const broken: BrokenImage[] = [];
    const batches = await loadAll({
      manifest,
      windows,
      order: batchesOf(4, 4),
      transform: PLAIN,
      onBroken: (one) => broken.push(one),
    });
    expect(batches[0]?.rows).toEqual([0, 1, 2, 3, 4, 5]);
    expect(batches[0]?.counts).toEqual([1, 0, 1, 1, 1, 1]);
    const size = 3 * SIZE ** 2;
    expect(batches[0]?.images.length).toBe(6 * size);
    expect(batches[0]?.images.slice(size, 2 * size)).toEqual(batches[0]?.images.slice(0, size));
    expect(broken.map(({ row, reason }) => [row, reason])).toEqual([
      [1, 'no such file'],
      [6, 'an empty file'],
      [7, 'an empty file'],
    ]);
  });
});

describe('broken pictures', () => {
  it('are left out, reported once, and leave the others as they were', async () => {
    const { folder, manifest } = await setOf(10);
    const order = batchesOf(
      Int32Array.from({ length: 40 }, (_, i) => i % 10),
      10,
    );
    const whole = await loadAll({ manifest, order });
    writeFileSync(join(folder, '4.jpg'), 'not a picture');
    const reported: BrokenImage[] = [];
    const loader = createLoader({
      manifest,
      order,
      transform: AUGMENTED,
      threads: pool,
      onBroken: (one) => reported.push(one),
    });
    const size = 3 * SIZE ** 2;
    for await (const batch of loader) {
      expect([...batch.rows]).toEqual([0, 1, 2, 3, 5, 6, 7, 8, 9]);
      const expected = whole[batch.step]?.images ?? [];
      expect([...batch.images]).toEqual([...expected.slice(0, 4 * size), ...expected.slice(5 * size)]);
      batch.release();
    }
    expect(reported).toEqual([
      { row: 4, path: join(folder, '4.jpg'), reason: expect.stringMatching(/format/) },
    ]);
    expect(loader.report()).toEqual({ seen: 10, broken: reported });
  });

  it('stop the run above 1 % of at least 100, and not before', async () => {
    const folder = folderWith({});
    const [good = ''] = await writePictures(folder, ['jpg']);
    const names = Array.from({ length: 400 }, (_, i) =>
      i === 0 || i === 50 || i === 250 ? `${i}.gone` : good,
    );
    const load = async (manifest: LoaderOptions['manifest'], steps: number[]) => {
      for await (const batch of createLoader({
        manifest,
        order: batchesOf(manifest.faces.length, 10),
        transform: PLAIN,
        threads: pool,
        onBroken: () => {},
      })) {
        steps.push(batch.step);
        batch.release();
      }
    };
    const early: number[] = [];
    await expect(load(manifestOf(folder, names), early)).rejects.toThrow(
      /manifest\.parquet: found 2 broken pictures among the first 100 \(.*0\.gone: no such file\); expected at most 1 %/,
    );
    expect(early.length).toBe(9);
    names[50] = good;
    const late: number[] = [];
    await load(manifestOf(folder, names), late);
    expect(late.length).toBe(40);
  });

  it('stop the run when there is nothing else', async () => {
    const folder = folderWith({});
    const manifest = manifestOf(folder, ['a.jpg', 'b.jpg']);
    const loading = loadAll({ manifest, order: batchesOf(2, 1), onBroken: () => {} });
    await expect(loading).rejects.toThrow(/found 2 broken pictures among the first 2 .*mien data check/);
    await expect(loading).rejects.toThrow(DataError);
  });

  it('are not what a frame of a video is: that must be cut out first', async () => {
    const folder = folderWith({});
    const manifest = manifestOf(folder, []);
    manifest.faces.push({ dataset: 'set', video: 'v.mp4', frame: 3 });
    await expect(loadAll({ manifest, order: batchesOf(1, 1) })).rejects.toThrow(
      /manifest\.parquet:1: found a frame of a video; expected a picture\. .*mien data crops/,
    );
  });
});
