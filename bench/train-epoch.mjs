// An epoch of a teacher and one of a student from JPEGs: ResNet-50 at 112 px, 3 x 20 images a step, beside PyTorch.
//
// Options: --data FOLDER (a demo set; drawn there where it is missing) or --expr, --au, --va MANIFEST
//   --steps 12 (after --warm-up 2; "all": as many as the smallest task has batches) --rounds 1 --sides mien,pytorch
//   --precision float32,bf16 --threads 2 --workers 2 --batch 20 --size 112 --balance paper (or none: a plain shuffle)
//   --forward per-task (or joint: our side passes the three batches through the network as one) --seed 1
// Each round runs every side and precision in a process of its own, in turn; the fastest round counts, since noise only
// ever adds time. A step takes a batch of each task: three forward passes, one backward, Adam; a student's also the
// teacher's three forward passes. Ratios are to PyTorch in float32.
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { print, pythonWithTorch, runJson } from './lib/measure.mjs';
import { demoManifests, writeTrainingFaces } from './lib/training-data.mjs';

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: join(tmpdir(), 'mien-bench-demo') },
    expr: { type: 'string' },
    au: { type: 'string' },
    va: { type: 'string' },
    steps: { type: 'string', default: '12' },
    'warm-up': { type: 'string', default: '2' },
    rounds: { type: 'string', default: '1' },
    sides: { type: 'string', default: 'mien,pytorch' },
    precision: { type: 'string', default: 'float32,bf16' },
    threads: { type: 'string', default: '2' },
    workers: { type: 'string', default: '2' },
    batch: { type: 'string', default: '20' },
    size: { type: 'string', default: '112' },
    balance: { type: 'string', default: 'paper' },
    forward: { type: 'string', default: 'per-task' },
    seed: { type: 'string', default: '1' },
  },
});

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Command and first argument by side. */
function commandsOf(sides) {
  const python = pythonWithTorch();
  if (!python) console.error('no python3 that imports torch: measured without the peer');
  const known = {
    mien: [process.execPath, here('lib/train-epoch-worker.mjs')],
    pytorch: python && [python, here('peers/train_epoch.py')],
  };
  const unknown = sides.filter((side) => !(side in known));
  if (unknown.length > 0) throw new Error(`--sides ${unknown}; expected mien, pytorch`);
  return sides.flatMap((side) => (known[side] ? [{ side, command: known[side] }] : []));
}

async function manifestsOf({ expr, au, va, data }) {
  const given = [expr, au, va].filter(Boolean).length;
  if (given === 0) return demoManifests(data);
  if (given < 3) throw new Error('--expr, --au and --va go together: a step takes a batch of each task');
  return { EXPR: expr, AU: au, VA: va };
}

const sum = (numbers) => numbers.reduce((total, one) => total + one, 0);

/** What one epoch of one network came to. @param phases the same phase of every round */
function summary(phases, imagesPerStep) {
  const secondsOf = ({ seconds }) => sum(seconds) / seconds.length;
  const fastest = phases.reduce((best, one) => (secondsOf(one) < secondsOf(best) ? one : best));
  return {
    steps: fastest.seconds.length,
    secondsPerStep: secondsOf(fastest),
    imagesPerSecond: imagesPerStep / secondsOf(fastest),
    waiting: sum(fastest.waitingSeconds) / sum(fastest.seconds),
    peakMB: Math.max(...phases.map(({ peakBytes, workerBytes = 0 }) => peakBytes + workerBytes)) / 1e6,
  };
}

const folder = mkdtempSync(join(tmpdir(), 'mien-bench-'));
try {
  const { balance } = values;
  const seed = Number(values.seed);
  const manifests = await manifestsOf(values);
  const { files, faces } = await writeTrainingFaces(folder, { manifests, balance, seed });
  const batch = Number(values.batch);
  const stepsOfEpoch = Math.floor(Math.min(...Object.values(faces)) / batch);
  if (stepsOfEpoch === 0)
    throw new Error(`a task with fewer faces than --batch ${batch}: ${JSON.stringify(faces)}`);
  const threads = Number(values.threads);
  const settings = {
    batch,
    size: Number(values.size),
    steps: values.steps === 'all' ? stepsOfEpoch : Number(values.steps),
    warmUp: Number(values['warm-up']),
    threads,
    workers: Number(values.workers),
    seed,
    balance,
    forward: values.forward,
  };
  const sides = commandsOf(values.sides.split(','));
  const jobs = values.precision
    .split(',')
    .flatMap((precision) => sides.map(({ side, command }) => ({ side, command, precision, runs: [] })));
  for (let round = 0; round < Number(values.rounds); round++)
    for (const { command, precision, runs } of jobs) {
      const job = JSON.stringify({ ...settings, ...files, precision, folder });
      const [program, file] = command;
      runs.push({ load: loadavg()[0], ...runJson(program, [file, job], { OMP_NUM_THREADS: `${threads}` }) });
    }
  const epochsOf = ({ runs }) =>
    Object.fromEntries(
      ['teacher', 'student'].map((phase) => [
        phase,
        summary(
          runs.map((run) => run[phase]),
          3 * batch,
        ),
      ]),
    );
  const reference = jobs.find(({ side, precision }) => side === 'pytorch' && precision === 'float32');
  const peer = reference && epochsOf(reference);
  for (const job of jobs) {
    const epochs = epochsOf(job);
    if (peer)
      for (const [phase, epoch] of Object.entries(epochs)) {
        epoch.ratioToPytorchFloat32 = epoch.imagesPerSecond / peer[phase].imagesPerSecond;
        epoch.peakRatio = epoch.peakMB / peer[phase].peakMB;
      }
    print({
      bench: 'train-epoch',
      cpu: cpus()[0]?.model,
      loadAverage: Math.max(...job.runs.map(({ load }) => load)),
      side: job.side,
      version: job.runs[0].version,
      precision: job.precision,
      ...settings,
      faces,
      ...epochs,
    });
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
