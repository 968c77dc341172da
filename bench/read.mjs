// Frames a second from a video to readings, with the time of each stage; the latency of one picture; memory of long videos.
//
// Options: --model FILE or name (default: the one that ships) --seconds 20 --height 360 --threads N --batch 8 --rounds 3 --pictures 100
//          --hour also reads a video of one minute and one of an hour, and compares their peak memory; --hour-rate 25
// The videos are made of the sample video with one face, 16:9, H.264. A stage's time is milliseconds a frame, and stages work
// side by side: `locate` and `cut` in a thread of their own, `models` and `decide` on the main thread; `decode` is the time that was
// waited for ffmpeg, whose own work is in no column. `cpu` is the processor time of this process, all threads, without ffmpeg's. The
// fastest round counts. Memory is that of a process of its own which reads one video.
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openReader } from 'mien';
import { readVideo } from 'mien/video';
import { machine, median, print, round, runJson } from './lib/measure.mjs';
import { repeatedSample } from './lib/videos.mjs';

const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    seconds: { type: 'string', default: '20' },
    height: { type: 'string', default: '360' },
    threads: { type: 'string', default: String(availableParallelism()) },
    batch: { type: 'string', default: '8' },
    rounds: { type: 'string', default: '3' },
    pictures: { type: 'string', default: '100' },
    hour: { type: 'boolean', default: false },
    'hour-rate': { type: 'string', default: '25' },
  },
});
const [threads, batch, rounds, height] = ['threads', 'batch', 'rounds', 'height'].map((name) =>
  Number(values[name]),
);
const size = `${Math.round((height * 8) / 9) * 2}×${height}`;
const models = values.model === undefined ? [] : [values.model];

const folder = mkdtempSync(join(tmpdir(), 'mien-bench-'));
const video = (name, options) => repeatedSample(join(folder, name), { ...options, height });

/** One reading of a whole video, each figure for one frame. */
async function readOnce(reader, file) {
  const times = { decode: 0, locate: 0, cut: 0, models: 0, decide: 0 };
  const [start, used] = [performance.now(), process.cpuUsage()];
  const loop = performance.eventLoopUtilization();
  let [frames, faces] = [0, 0];
  for await (const frame of reader.read(file, { times })) {
    frames++;
    faces += frame.faces.length;
  }
  const milliseconds = performance.now() - start;
  const { user, system } = process.cpuUsage(used);
  const stages = Object.fromEntries(
    Object.entries(times).map(([stage, time]) => [stage, round(time / frames)]),
  );
  return {
    frames,
    faces,
    framesPerSecond: round((frames / milliseconds) * 1000, 1),
    millisecondsPerFrame: {
      ...stages,
      mainThread: round(performance.eventLoopUtilization(loop).active / frames),
      cpu: round((user + system) / 1000 / frames),
    },
  };
}

async function throughput(reader, file) {
  await readOnce(reader, file); // warms up
  let best;
  for (let i = 0; i < rounds; i++) {
    const one = await readOnce(reader, file);
    if (best === undefined || one.framesPerSecond > best.framesPerSecond) best = one;
  }
  print({ bench: 'read', what: `video ${size}, one face`, threads, batch, ...best, ...machine() });
}

/** From a picture in memory to its reading. */
async function latency(reader, file) {
  const pictures = [];
  for await (const { picture } of readVideo(file)) if (pictures.push(picture) === 20) break;
  const times = [];
  for (let i = -10; i < Number(values.pictures); i++) {
    const start = performance.now();
    await reader.readPicture(pictures[(i + 10) % pictures.length]);
    if (i >= 0) times.push(performance.now() - start);
  }
  times.sort((one, other) => one - other);
  const at = (share) => round(times[Math.min(times.length - 1, Math.floor(times.length * share))]);
  print({
    bench: 'read',
    what: `one picture ${size} in memory`,
    pictures: times.length,
    milliseconds: { fastest: at(0), median: round(median(times)), of95Percent: at(0.95) },
    ...machine(),
  });
}

/** A process that reads a whole video: how fast, and its peak memory. */
function apart(file) {
  const worker = fileURLToPath(new URL('lib/read-worker.mjs', import.meta.url));
  return runJson(process.execPath, [worker, file, ...models]);
}

function compareMemory() {
  const rate = Number(values['hour-rate']);
  const [minute, hour] = [60, 3600].map((seconds) => apart(video(`${seconds}.mp4`, { seconds, rate })));
  for (const [what, one] of Object.entries({ 'one minute': minute, 'one hour': hour })) {
    const ofOneMinute = round(one.peakMegabytes / minute.peakMegabytes);
    print({ bench: 'read', what, ...one, ofOneMinute, ...machine() });
  }
}

try {
  const file = video('short.mp4', { seconds: Number(values.seconds) });
  const reader = await openReader({ models, threads, batch, faces: 'largest' });
  try {
    await throughput(reader, file);
    await latency(reader, file);
  } finally {
    await reader.close();
  }
  print({ bench: 'read', what: `a process of its own, ${size}`, ...apart(file), ...machine() });
  if (values.hour) compareMemory();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
