// What synchronised batch normalisation costs: a data-parallel training step of ResNet-50 on two processes, with and without.
//
// Options: --processes 2 --batch 16 (of each process) --size 112 --steps 5 --precision float32,bf16
// Each process computes on one thread. Variants take turns within a run; the fastest step counts.
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { distributed, torchInfo } from '@mien/torch';
import { print } from './lib/measure.mjs';

const { values } = parseArgs({
  options: {
    processes: { type: 'string', default: '2' },
    batch: { type: 'string', default: '16' },
    size: { type: 'string', default: '112' },
    steps: { type: 'string', default: '5' },
    precision: { type: 'string', default: 'float32,bf16' },
  },
});
const worker = fileURLToPath(new URL('lib/sync-batch-norm-worker.mjs', import.meta.url));

for (const precision of values.precision.split(',')) {
  const settings = {
    processes: Number(values.processes),
    batch: Number(values.batch),
    size: Number(values.size),
    precision,
    steps: Number(values.steps),
  };
  let milliseconds;
  await distributed.spawnProcesses(settings.processes, worker, {
    args: [JSON.stringify(settings)],
    env: { OMP_NUM_THREADS: '1' },
    onLine: (line, rank, stream) => {
      if (stream === 'stderr') console.error(line);
      else if (rank === 0) milliseconds = JSON.parse(line);
    },
  });
  const { plain, sync } = milliseconds;
  print({
    bench: 'sync-batch-norm',
    cpu: cpus()[0]?.model,
    libtorch: torchInfo().version,
    ...settings,
    milliseconds,
    ratio: sync / plain,
  });
}
