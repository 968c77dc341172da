// Time stamps and numbers of frames, against ffprobe's.

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ReadVideoOptions, readVideo } from 'mien/video';
import { describe, expect, it, onTestFinished } from 'vitest';
import { folderWith, programs } from '../../../../test/folders.js';
import { ffmpeg, frameTimes, writeVideo } from '../support/videos.js';

const X264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'];
const WITH_B_FRAMES = [...X264, '-bf', '3', '-b_strategy', '0', '-g', '25'];
/** Frames come 20 ms apart, then ever later. */
const UNEVEN = ['-vf', 'settb=1/1000,setpts=N*N+20*N', '-fps_mode', 'vfr', '-enc_time_base', '1/1000'];

interface Seen {
  index: number;
  time: number;
  grey: number;
  size: string;
}

async function framesOf(file: string, options?: ReadVideoOptions): Promise<Seen[]> {
  const seen: Seen[] = [];
  for await (const { index, time, picture, release } of readVideo(file, options)) {
    const { width, height, data } = picture;
    seen.push({ index, time, grey: data[0] as number, size: `${width}x${height}` });
    release();
  }
  return seen;
}

const GREYS = Array.from({ length: 60 }, (_, i) => 20 + 3 * i);

async function expectTimesOfFfprobe(file: string): Promise<Seen[]> {
  const expected = frameTimes(file);
  const seen = await framesOf(file);
  expect(seen.map(({ index }) => index)).toEqual(expected.map((_, i) => i));
  for (const [i, { time }] of seen.entries()) expect(time).toBeCloseTo(expected[i] as number, 5);
  return seen;
}

describe('times of frames are those that ffprobe tells, from the beginning of the file', () => {
  it.each([
    ['a constant rate and B-frames', 'v.mp4', WITH_B_FRAMES],
    ['a varying rate', 'v.mkv', ['-c:v', 'ffv1', '-pix_fmt', 'gbrp', ...UNEVEN]],
    ['a varying rate and B-frames', 'v.mp4', [...WITH_B_FRAMES, ...UNEVEN]],
    ['a clock that does not begin at 0', 'v.ts', [...WITH_B_FRAMES, '-f', 'mpegts']],
    ['an animated GIF', 'v.gif', ['-pix_fmt', 'gray']],
  ])('%s', async (_, name, output) => {
    const file = join(folderWith({}), name);
    writeVideo(file, GREYS, { output });
    const seen = await expectTimesOfFfprobe(file);
    expect(seen).toHaveLength(60);
    seen.forEach(({ grey }, i) => {
      expect(Math.abs(grey - (GREYS[i] as number))).toBeLessThan(5);
    });
  });

  it('an edit list that hides the first frames', async () => {
    const folder = folderWith({});
    writeVideo(join(folder, 'all.mp4'), GREYS, { output: WITH_B_FRAMES });
    ffmpeg(['-ss', '1.4', '-i', join(folder, 'all.mp4'), '-c', 'copy', join(folder, 'v.mp4')]);
    const seen = await expectTimesOfFfprobe(join(folder, 'v.mp4'));
    expect(seen.length).toBeLessThan(30);
    expect(Math.abs((seen[0] as Seen).grey - (GREYS[35] as number))).toBeLessThan(5);
  });

  it('sound that begins earlier', async () => {
    const folder = folderWith({});
    writeVideo(join(folder, 'all.mkv'), GREYS);
    const late = ['-itsoffset', '0.5', '-i', join(folder, 'all.mkv')];
    const both = ['-f', 'lavfi', '-i', 'sine=duration=2', '-map', '0:v', '-map', '1:a', '-c:v', 'copy'];
    ffmpeg([...late, ...both, join(folder, 'v.mkv')]);
    const [first] = await expectTimesOfFfprobe(join(folder, 'v.mkv'));
    expect(first?.time).toBeCloseTo(0.5, 2);
  });
});

it('a turned video is read as it is shown', async () => {
  const folder = folderWith({});
  writeVideo(join(folder, 'all.mp4'), GREYS, { output: WITH_B_FRAMES });
  const turned = ['-i', join(folder, 'all.mp4'), '-c', 'copy', '-metadata:s:v:0', 'rotate=90'];
  ffmpeg([...turned, join(folder, 'v.mp4')]);
  const seen = await expectTimesOfFfprobe(join(folder, 'v.mp4'));
  expect(new Set(seen.map(({ size }) => size))).toEqual(new Set(['48x64']));
});

it('a part of a video has the numbers and times of the whole', async () => {
  const file = join(folderWith({}), 'v.mkv');
  writeVideo(file, GREYS, { output: ['-c:v', 'ffv1', '-pix_fmt', 'gbrp', ...UNEVEN] });
  const all = await framesOf(file);
  const [exactly, later] = [all[17]?.time as number, all[41]?.time as number];
  for (const options of [
    { from: exactly },
    { from: exactly + 1e-6, to: later },
    { to: later, every: 7 },
    { from: 2, to: 2.1, every: 2 },
    { from: 1000 },
  ]) {
    const { from = 0, to = Number.POSITIVE_INFINITY, every = 1 } = options as ReadVideoOptions;
    const expected = all.filter(
      ({ index, time }) => time >= (from ?? 0) && time < (to ?? 0) && index % (every ?? 1) === 0,
    );
    expect(await framesOf(file, options)).toEqual(expected);
  }
  await expect(framesOf(file, { from: 3, to: 3 })).rejects.toThrow(RangeError);
  await expect(framesOf(file, { every: 0 })).rejects.toThrow(RangeError);
});

describe('late in a long video', () => {
  /** A grey per frame that tells it from the others near it. */
  const LONG = Array.from({ length: 1000 }, (_, i) => 20 + 2 * (i % 100));
  const LOSSLESS = ['-c:v', 'libx264rgb', '-qp', '0', '-preset', 'ultrafast', '-g', '60', '-bf', '3'];

  /** What ffmpeg is called with from now on in this test. */
  function watchCalls(): () => string[] {
    const real = execFileSync('which', ['ffmpeg'], { encoding: 'utf8' }).trim();
    const { PATH = '' } = process.env;
    const folder = programs({ ffmpeg: `echo "$*" >> "$(dirname "$0")/calls"\nexec ${real} "$@"` });
    process.env.PATH = `${folder}:${PATH}`;
    onTestFinished(() => {
      process.env.PATH = PATH;
    });
    return () => readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n');
  }

  it.each([
    ['v.mp4', LOSSLESS],
    ['v.mkv', [...LOSSLESS, '-vf', 'settb=1/1000,setpts=40*N+7*mod(N\\,3)', ...UNEVEN.slice(2)]],
  ])('decoding begins near it, with the same numbers: %s', async (name, output) => {
    const file = join(folderWith({}), name);
    writeVideo(file, LONG, { width: 16, height: 16, output });
    const all = await framesOf(file);
    const calls = watchCalls();
    for (const options of [
      { from: 31.3, to: 33 },
      { from: 25, to: 27, every: 7 },
    ]) {
      const { from, to, every = 1 } = options as { from: number; to: number; every?: number };
      const expected = all.filter(({ index, time }) => time >= from && time < to && index % every === 0);
      expect(expected.length).toBeGreaterThan(5);
      expect(await framesOf(file, options)).toEqual(expected);
    }
    expect(calls()).toHaveLength(2);
    for (const call of calls()) expect(call).toContain('-noaccurate_seek');
  });

  it('all is decoded where packets promised another frame', async () => {
    const folder = folderWith({});
    const file = join(folder, 'v.mp4');
    writeVideo(file, LONG, { width: 16, height: 16, output: LOSSLESS });
    const all = await framesOf(file);
    // A program that does not tell of the packet at 31.25 s.
    const real = execFileSync('which', ['ffprobe'], { encoding: 'utf8' }).trim();
    const { PATH = '' } = process.env;
    const lying = programs({
      ffprobe: `case "$*" in *packet=*) ${real} "$@" | sed '/^400000/d';; *) exec ${real} "$@";; esac`,
    });
    process.env.PATH = `${lying}:${PATH}`;
    onTestFinished(() => {
      process.env.PATH = PATH;
    });
    const wanted = all.filter(({ time }) => time >= 31.25 && time < 31.5);
    expect(await framesOf(file, { from: 31.25, to: 31.5 })).toEqual(wanted);
  });
});

it('frames of another size are fitted into that of the first, undistorted', async () => {
  const folder = folderWith({});
  const output = [...X264, '-f', 'mpegts'];
  writeVideo(join(folder, 'a.ts'), GREYS, { width: 64, height: 48, output });
  writeVideo(join(folder, 'b.ts'), GREYS.fill(200), { width: 64, height: 96, output });
  const both = ['a.ts', 'b.ts'].map((name) => readFileSync(join(folder, name)));
  writeFileSync(join(folder, 'v.ts'), Buffer.concat(both));
  const rows: number[][] = [];
  try {
    for await (const { picture } of readVideo(join(folder, 'v.ts'))) {
      expect(picture).toMatchObject({ width: 64, height: 48 });
      rows.push(Array.from({ length: 64 }, (_, x) => picture.data[(24 * 64 + x) * 3] as number));
    }
  } catch {
    // whether the seam counts as damage is ffmpeg's to say
  }
  const last = rows.at(-1) ?? [];
  expect(rows.length).toBeGreaterThan(100);
  expect(last.slice(0, 14).every((value) => value < 20)).toBe(true); // bars beside 32 columns
  expect(last.slice(20, 44).every((value) => value > 180)).toBe(true);
  expect(last.slice(50).every((value) => value < 20)).toBe(true);
});
