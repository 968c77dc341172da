// One training step of ResNet-50 at 112 px (forward, backward, Adam), beside PyTorch's in the same run.
//
// Options: --batch 60 --size 112 --steps 3 --rounds 2 --threads 1,2 --precision float32,bf16 --device cpu
// Each round runs both engines in fresh processes, in turn; the fastest step counts, since noise only ever adds time.
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { print, pythonWithTorch, runJson } from './lib/measure.mjs';

const { values } = parseArgs({
  options: {
    batch: { type: 'string', default: '60' },
    size: { type: 'string', default: '112' },
    steps: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '2' },
    threads: { type: 'string', default: '1,2' },
    precision: { type: 'string', default: 'float32,bf16' },
    device: { type: 'string', default: 'cpu' },
  },
});
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const python = pythonWithTorch();
if (!python) console.error('no python3 that imports torch: the engine is measured without its peer');

const best = (runs) => Math.min(...runs.flatMap((run) => run.seconds));
const float32OfPeer = new Map();

for (const threads of values.threads.split(',').map(Number)) {
  for (const precision of values.precision.split(',')) {
    const settings = {
      batch: Number(values.batch),
      size: Number(values.size),
      precision,
      threads,
      device: values.device,
    };
    const job = JSON.stringify({ ...settings, warmUp: 1, steps: Number(values.steps) });
    const ours = [];
    const theirs = [];
    // Both sides get the same number of threads from the start.
    const env = { OMP_NUM_THREADS: String(threads) };
    for (let round = 0; round < Number(values.rounds); round++) {
      ours.push(runJson(process.execPath, [here('lib/train-step-worker.mjs'), job], env));
      if (python) theirs.push(runJson(python, [here('peers/train_step.py'), job], env));
    }
    const imagesPerSecond = (runs) => settings.batch / best(runs);
    const peak = (runs) => Math.max(...runs.map((run) => run.peakBytes));
    const record = {
      bench: 'train-step',
      cpu: cpus()[0]?.model,
      ...settings,
      libtorch: ours[0].version,
      imagesPerSecond: imagesPerSecond(ours),
      peakMB: peak(ours) / 1e6,
    };
    if (python) {
      if (precision === 'float32') float32OfPeer.set(threads, imagesPerSecond(theirs));
      Object.assign(record, {
        pytorch: theirs[0].version,
        pytorchImagesPerSecond: imagesPerSecond(theirs),
        pytorchPeakMB: peak(theirs) / 1e6,
        ratio: imagesPerSecond(ours) / imagesPerSecond(theirs),
        ratioToPytorchFloat32: imagesPerSecond(ours) / (float32OfPeer.get(threads) ?? Number.NaN),
        peakRatio: peak(ours) / peak(theirs),
      });
    }
    print(record);
  }
}
