// Importing Aff-Wild2: seconds and peak memory for a made-up tree of label lines and (empty) crops.
//
// Options: --frames 2800000 --videos 560 --tmp /tmp
// The videos are shared out among the three tasks and the two splits. The tree is made in a temporary folder and deleted.
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { print, runJson } from './lib/measure.mjs';

const { values } = parseArgs({
  options: {
    frames: { type: 'string', default: '2800000' },
    videos: { type: 'string', default: '560' },
    tmp: { type: 'string', default: tmpdir() },
  },
});
const frames = Number(values.frames);
const videos = Number(values.videos);

const SETS = [
  ['AU_Set', 'AU1,AU2,AU4,AU6,AU12,AU15,AU20,AU25', auLine],
  ['EXPR_Set', 'Neutral,Anger,Disgust,Fear,Happiness,Sadness,Surprise', expressionLine],
  ['VA_Set', 'valence,arousal', affectLine],
];

function auLine(frame) {
  return Array.from({ length: 8 }, (_, k) => (frame >> k) & 1).join();
}

function expressionLine(frame) {
  return String((frame >> 5) % 7);
}

function affectLine(frame) {
  return `${(Math.sin(frame / 50) * 0.9).toFixed(3)},${(Math.cos(frame / 70) * 0.8).toFixed(3)}`;
}

/** Video v has label lines and crops for its share of the frames. */
function makeVideo(root, v, length) {
  const [set, header, line] = SETS[v % SETS.length];
  const name = `video${v}`;
  const labels = join(root, 'annotations', set, v % 4 === 3 ? 'Validation_Set' : 'Training_Set');
  const crops = join(root, 'cropped_aligned', name);
  mkdirSync(labels, { recursive: true });
  mkdirSync(crops, { recursive: true });
  const lines = Array.from({ length }, (_, frame) => line(frame));
  writeFileSync(join(labels, `${name}.txt`), [header, ...lines, ''].join('\n'));
  for (let number = 1; number <= length; number++)
    closeSync(openSync(join(crops, `${String(number).padStart(5, '0')}.jpg`), 'w'));
}

const root = mkdtempSync(join(values.tmp, 'mien-bench-import-'));
process.on('SIGINT', () => process.exit(130));
process.on('exit', () => rmSync(root, { recursive: true, force: true }));

const start = performance.now();
for (let v = 0; v < videos; v++)
  makeVideo(root, v, Math.floor(((v + 1) * frames) / videos) - Math.floor((v * frames) / videos));
console.error(`made ${frames} label lines and crops in ${((performance.now() - start) / 1000).toFixed(0)} s`);

const out = join(root, 'faces.parquet');
const job = { annotations: join(root, 'annotations'), crops: join(root, 'cropped_aligned'), out };
const worker = fileURLToPath(new URL('lib/import-worker.mjs', import.meta.url));
const { rows, seconds, peakBytes } = runJson(process.execPath, [worker, JSON.stringify(job)]);
print({
  bench: 'import',
  cpu: cpus()[0]?.model,
  cores: cpus().length,
  videos,
  rows,
  seconds,
  rowsPerSecond: rows / seconds,
  peakMB: peakBytes / 1e6,
  manifestMB: statSync(out).size / 1e6,
});
