// Videos in and out: frames a second, processor time of Node a frame, memory, and the first frame far into a long video.
//
// Options: --seconds 20 --rounds 3 --hour-rate 25
// 640 × 360, H.264. ffmpeg decodes and encodes in processes of its own, whose time is in no `cpu`. Without faces, so that frames come as fast as
// they are decoded.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createVideoWriter, probeVideo, readVideo } from 'mien/video';
import { machine, print, round, runJson } from './lib/measure.mjs';
import { repeatedSample } from './lib/videos.mjs';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '3' },
    'hour-rate': { type: 'string', default: '25' },
  },
});
const folder = mkdtempSync(join(tmpdir(), 'mien-bench-'));

/** Frames a second and processor time a frame of what counts frames; the round with the least processor time. */
async function perFrame(what, run) {
  let best;
  for (let i = 0; i < Number(values.rounds); i++) {
    const [start, used] = [performance.now(), process.cpuUsage()];
    const frames = await run();
    const milliseconds = performance.now() - start;
    const { user, system } = process.cpuUsage(used);
    const cpu = (user + system) / 1000 / frames;
    if (best === undefined || cpu < best.cpuMillisecondsPerFrame)
      best = {
        frames,
        framesPerSecond: round((frames / milliseconds) * 1000, 1),
        cpuMillisecondsPerFrame: round(cpu),
      };
  }
  print({ bench: 'video', what, ...best, ...machine() });
}

/** ffmpeg's frames through Node's own pipe, thrown away: what is spent by any program that reads so. */
async function plainPipe(file) {
  const { frames, width, height } = await probeVideo(file);
  const args = ['-v', 'error', '-i', file, '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'];
  const child = spawn('ffmpeg', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let bytes = 0;
  for await (const part of child.stdout) bytes += part.length;
  if (bytes !== frames * width * height * 3) throw new Error(`${bytes} bytes of ${frames} frames`);
  return frames;
}

async function readAll(file) {
  let frames = 0;
  for await (const { release } of readVideo(file)) {
    frames++;
    release();
  }
  return frames;
}

async function readAndWrite(file) {
  const info = await probeVideo(file);
  const writer = createVideoWriter(join(folder, 'written.mp4'), { ...info, rate: info.frameRate });
  let frames = 0;
  for await (const { picture, time, release } of readVideo(file)) {
    await writer.write(picture, time);
    release();
    frames++;
  }
  await writer.close();
  return frames;
}

async function firstFrame(file, from) {
  const start = performance.now();
  for await (const { index, time } of readVideo(file, { from })) {
    const seconds = round((performance.now() - start) / 1000);
    print({
      bench: 'video',
      what: `first frame from ${from} s of an hour`,
      index,
      time,
      seconds,
      ...machine(),
    });
    break;
  }
}

function memory(file) {
  const worker = fileURLToPath(new URL('lib/video-worker.mjs', import.meta.url));
  for (const frames of [600, 9000])
    print({
      bench: 'video',
      what: 'memory',
      ...runJson(process.execPath, [worker, file, frames]),
      ...machine(),
    });
}

try {
  const short = repeatedSample(join(folder, 'short.mp4'), { seconds: Number(values.seconds) });
  await perFrame("reading through Node's own pipe", () => plainPipe(short));
  await perFrame('reading', () => readAll(short));
  await perFrame('reading and writing', () => readAndWrite(short));
  const hour = repeatedSample(join(folder, 'hour.mp4'), { seconds: 3600, rate: Number(values['hour-rate']) });
  memory(hour);
  for (const from of [19, 21, 3000]) await firstFrame(hour, from);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
