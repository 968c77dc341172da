// How many pictures a second the loader prepares for training (augmented, 112 px, float32), from JPEG files and from packs.
//
// Options: --images 4000 --threads 2 --batch 60 --runs 5 --output float32
// It makes its own pictures, 112 to 128 px, of noise at several scales, about as hard to decode as faces: some hundred different
// ones, each under several names. The best run counts, since noise only ever adds time. Beside it, in the same run: sharp
// decoding the same files and doing nothing else.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { FaceTable, readManifest, writeManifest } from 'mien/datasets';
import { ABAW1 } from 'mien/labels';
import { batchesOf, createLoader, createLoaderPool, packManifest, resize } from 'mien/loading';
import { Random } from 'mien/random';
import sharp from 'sharp';
import { print } from './lib/measure.mjs';

const { values } = parseArgs({
  options: {
    images: { type: 'string', default: '4000' },
    threads: { type: 'string', default: '2' },
    batch: { type: 'string', default: '60' },
    runs: { type: 'string', default: '5' },
    output: { type: 'string', default: 'float32' },
  },
});
const images = Number(values.images);
const threads = Number(values.threads);
const DIFFERENT = 250;

/** Octaves of noise: a little more than half the contrast for half the wavelength, as in photographs. */
function picture(random, width, height) {
  const pixels = new Float32Array(width * height * 3).fill(128);
  for (let cells = 3, amplitude = 90; cells < 128; cells *= 2, amplitude /= 1.8) {
    const noise = Uint8Array.from({ length: cells * cells * 3 }, () => random.integer(256));
    const { data } = resize({ width: cells, height: cells, data: noise }, width, height);
    for (let i = 0; i < pixels.length; i++) pixels[i] += ((data[i] - 128) * amplitude) / 128;
  }
  return { width, height, data: Uint8ClampedArray.from(pixels) };
}

async function writePictures(folder) {
  const random = Random.seeded(1);
  let bytes = 0;
  for (let different = 0; different < DIFFERENT; different++) {
    const { width, height, data } = picture(random, 112 + random.integer(17), 112 + random.integer(17));
    const jpeg = await sharp(data, { raw: { width, height, channels: 3 } })
      .jpeg({ quality: 90 })
      .toBuffer();
    bytes += jpeg.length;
    for (let i = different; i < images; i += DIFFERENT) writeFileSync(join(folder, `${i}.jpg`), jpeg);
  }
  return bytes / DIFFERENT;
}

async function imagesPerSecond(manifest, pool, epoch) {
  const order = batchesOf(Random.keyed(1, epoch).permutation(images), Number(values.batch));
  const transform = { kind: 'augmented', output: values.output };
  const loader = createLoader({ manifest, order, transform, epoch, threads: pool, prefetch: 3 });
  const start = performance.now();
  for await (const batch of loader) batch.release();
  return (images / (performance.now() - start)) * 1000;
}

async function sharpPerSecond(folder) {
  sharp.cache(false);
  sharp.concurrency(1);
  let next = 0;
  const start = performance.now();
  const decode = async () => {
    while (next < images)
      await sharp(join(folder, `${next++}.jpg`))
        .raw()
        .toBuffer();
  };
  await Promise.all(Array.from({ length: threads }, decode));
  return (images / (performance.now() - start)) * 1000;
}

const folder = mkdtempSync(join(tmpdir(), 'mien-bench-'));
const pool = createLoaderPool(threads);
try {
  const meanBytes = await writePictures(folder);
  const faces = new FaceTable(ABAW1);
  for (let i = 0; i < images; i++) faces.push({ dataset: 'bench', image: `${i}.jpg` });
  const file = join(folder, 'manifest.parquet');
  writeManifest(file, { faces, roots: new Map([['bench', folder]]), history: [] });
  const files = await readManifest(file);
  const packs = [];
  for (const format of ['uint8', 'jpeg']) {
    const out = join(folder, format);
    await packManifest(files, { out, size: 112, format });
    packs.push([`${format} pack`, await readManifest(join(out, 'manifest.parquet'))]);
  }
  const rates = new Map();
  const note = (name, rate) => rates.set(name, [...(rates.get(name) ?? []), rate]);
  for (let run = 0; run < Number(values.runs); run++) {
    for (const [name, manifest] of [['JPEG files', files], ...packs])
      note(name, await imagesPerSecond(manifest, pool, run));
    note('sharp', await sharpPerSecond(folder));
  }
  const sharpRate = Math.max(...rates.get('sharp'));
  rates.delete('sharp');
  for (const [source, all] of rates)
    print({
      bench: 'loader',
      cpu: cpus()[0]?.model,
      cores: availableParallelism(),
      loadAverage: loadavg()[0],
      source,
      images,
      jpegBytes: Math.round(meanBytes),
      threads,
      output: values.output,
      imagesPerSecond: Math.max(...all),
      slowestRun: Math.min(...all),
      sharpDecodingPerSecond: sharpRate,
      ratio: Math.max(...all) / sharpRate,
    });
} finally {
  await pool.close();
  rmSync(folder, { recursive: true, force: true });
}
