// Crops a second of an ensemble of ResNet-50s, beside the plain way; and how near ONNX comes to the machine's matrix products.
//
// Options: --models 5 --pictures 960 --size 112 --backbone resnet50-ferplus --batch 12 --threads N --rounds 2
// Plain is what the reference's run_pretrained_model does: one model after the other over all pictures, decoded again for each,
// in batches of 12, by libtorch; the same by ONNX Runtime stands beside it. Ours decodes a picture once for all models; it is
// measured in float32, and with models in eight bits. All ways decode with our loader, which is quicker than the reference's.
// Weights are fresh: time does not depend on them. The ways take turns, and the fastest round of each counts, since noise only
// ever adds time.
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { backboneOf } from 'mien/models';
import { drawPatches } from 'mien/models/onnx';
import { openRunner } from 'mien/models/runners';
import { readFaces } from 'mien/reading';
import { drawnCrops, writeMembers } from './lib/fresh-models.mjs';
import { matrixProductRates } from './lib/matrix-products.mjs';
import { fastest, print } from './lib/measure.mjs';

const { values } = parseArgs({
  options: {
    models: { type: 'string', default: '5' },
    pictures: { type: 'string', default: '960' },
    size: { type: 'string', default: '112' },
    backbone: { type: 'string', default: 'resnet50-ferplus' },
    batch: { type: 'string', default: '12' },
    threads: { type: 'string', default: String(availableParallelism()) },
    rounds: { type: 'string', default: '2' },
  },
});
const { backbone } = values;
const [count, pictures, size, batch, threads, rounds] = [
  'models',
  'pictures',
  'size',
  'batch',
  'threads',
  'rounds',
].map((name) => Number(values[name]));
const machine = () => ({ threads, cpu: cpus()[0]?.model, load: Number(loadavg()[0].toFixed(1)) });

const folder = mkdtempSync(join(tmpdir(), 'mien-bench-'));
const open = [];
const openAll = async (files) => {
  const runners = [];
  for (const file of files) runners.push(await openRunner(file, { threads }));
  open.push(...runners);
  return runners;
};

/** ONNX ResNet-50's operations a second in batches of several sizes, as a share of the fastest matrix product. */
async function shareOfProducts(runner, macs) {
  const rates = await matrixProductRates({ threads, rounds: 4 * rounds });
  const most = Math.max(...Object.values(rates).map(({ gflops }) => gflops));
  const { normalization } = backboneOf(backbone);
  for (const length of [1, 4, 8, 16, 32, 64]) {
    const images = drawPatches(length, size, normalization, 1);
    const dims = [length, 3, size, size];
    const seconds = await fastest(2 * rounds, () => runner.run(images, dims));
    const gflops = (2 * macs * length) / seconds / 1e9;
    print({
      bench: 'read-ensemble',
      measures: 'matrix products',
      backbone,
      batch: length,
      cropsPerSecond: Number((length / seconds).toFixed(1)),
      gflops: Math.round(gflops),
      products: rates,
      ofProducts: Number((gflops / most).toFixed(2)),
      ...machine(),
    });
  }
}

try {
  const { files, macs } = await writeMembers(folder, { backbone, size, count });
  const manifest = await drawnCrops(join(folder, 'crops'), { size, count: pictures });
  const rows = Int32Array.from({ length: pictures }, (_, row) => row);
  const [torch, onnx] = [await openAll(files.weights), await openAll(files.fp32)];
  const small = await openAll(files.int8);
  const oneByOne = async (runners) => {
    for (const runner of runners) await readFaces({ manifest, rows, runners: [runner], batch, threads });
  };
  const ways = {
    'plain, libtorch': () => oneByOne(torch),
    'plain, ONNX Runtime': () => oneByOne(onnx),
    ours: () => readFaces({ manifest, rows, runners: onnx, threads }),
    'ours, models of eight bits': () => readFaces({ manifest, rows, runners: small, threads }),
  };
  const seconds = {};
  for (let round = 0; round < rounds; round++)
    for (const [way, read] of Object.entries(ways))
      seconds[way] = Math.min(seconds[way] ?? Number.POSITIVE_INFINITY, await fastest(1, read));
  for (const way of Object.keys(ways))
    print({
      bench: 'read-ensemble',
      measures: 'ensemble',
      backbone,
      size,
      models: count,
      way,
      cropsPerSecond: Number((pictures / seconds[way]).toFixed(2)),
      timesPlain: Number((seconds['plain, libtorch'] / seconds[way]).toFixed(2)),
      ...machine(),
    });
  await shareOfProducts(onnx[0], macs);
} finally {
  for (const runner of open) await runner.close();
  rmSync(folder, { recursive: true, force: true });
}
