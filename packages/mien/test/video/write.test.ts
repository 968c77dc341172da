// Videos that are written, as ffprobe and the reader see them.

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createVideoWriter, probeVideo, readVideo, steadyRate, type VideoWriterOptions } from 'mien/video';
import { describe, expect, it, onTestFinished } from 'vitest';
import { folderWith, programs } from '../../../../test/folders.js';
import { ffmpeg } from '../support/videos.js';

const SIZE = { width: 64, height: 48 };

const greyPicture = (grey: number, { width, height } = SIZE) => ({
  width,
  height,
  data: new Uint8Array(width * height * 3).fill(grey),
});

async function greysOf(file: string): Promise<number[]> {
  const greys: number[] = [];
  for await (const { picture } of readVideo(file)) greys.push(picture.data[0] as number);
  return greys;
}

async function write(
  file: string,
  frames: readonly { grey: number; time: number }[],
  options: Omit<VideoWriterOptions, 'width' | 'height'>,
): Promise<void> {
  const writer = createVideoWriter(file, { ...SIZE, ...options });
  const picture = greyPicture(0);
  for (const { grey, time } of frames) {
    picture.data.fill(grey);
    await writer.write(picture, time);
    picture.data.fill(255); // the caller's memory is the caller's again
  }
  await writer.close();
}

describe('each frame shows the latest picture that is not after it', () => {
  /** By the sentence above alone; the last picture lasts one frame. */
  function expectedGreys(frames: readonly { grey: number; time: number }[], rate: number, begin: number) {
    const greys: number[] = [];
    const [first, last] = [frames[0], frames.at(-1)];
    for (let k = 0; ; k++) {
      const at = begin + k / rate;
      const latest = frames.filter(({ time }) => time <= at + 1e-3).at(-1) ?? first;
      if (at - 1 / rate > (last?.time ?? 0) - 1e-3 && greys.length > 0) return greys;
      greys.push(latest?.grey ?? Number.NaN);
    }
  }

  it.each([
    ['at the same rate', Array.from({ length: 40 }, (_, i) => i / 25), 25],
    [
      'whose times are rounded',
      Array.from({ length: 40 }, (_, i) => Math.round((1e6 * i) / 29.97e3) / 1e3),
      29.97,
    ],
    ['twice as often', Array.from({ length: 20 }, (_, i) => 3 + i / 12.5), 25],
    ['half as often', Array.from({ length: 50 }, (_, i) => i / 50), 25],
    ['unevenly', [0.013, 0.05, 0.06, 0.071, 0.33, 0.331, 0.7, 1.203, 1.21], 30],
    ['once', [5], 10],
  ])('%s', async (_, times, rate) => {
    const file = join(folderWith({}), 'v.mp4');
    const frames = times.map((time, i) => ({ time, grey: 20 + ((i * 37) % 200) }));
    await write(file, frames, { rate });
    const expected = expectedGreys(frames, rate, times[0] as number);
    const greys = await greysOf(file);
    expect(greys).toHaveLength(expected.length);
    greys.forEach((grey, k) => {
      expect(Math.abs(grey - (expected[k] as number)), `frame ${k}`).toBeLessThan(8);
    });
    const info = await probeVideo(file);
    expect(info.frameRate).toBeCloseTo(rate === 29.97 ? 30000 / 1001 : rate, 3);
    expect(info.duration).toBeCloseTo(expected.length / rate, 2);
  });
});

/** A second after each second a flash and a beep of 80 ms, 4 s long. */
const FLASH = "geq=lum='if(gte(T\\,1)*lt(mod(T\\,1)\\,0.08)\\,235\\,16)':cb=128:cr=128";
const BEEP = "aevalsrc='if(gte(t\\,1)*lt(mod(t\\,1)\\,0.08)\\,0.8*sin(2*PI*1000*t)\\,0)':s=48000:d=4";

/** When something begins: the times at which a signal rises above a half. */
function risesOf(samples: readonly { time: number; value: number }[]): number[] {
  return samples
    .filter(({ value }, i) => value > 0.5 && (i === 0 || (samples[i - 1]?.value ?? 0) <= 0.5))
    .map(({ time }) => time);
}

async function flashesIn(file: string): Promise<number[]> {
  const samples: { time: number; value: number }[] = [];
  for await (const { time, picture, release } of readVideo(file)) {
    samples.push({ time, value: (picture.data[0] as number) / 255 });
    release();
  }
  return risesOf(samples);
}

/** Loudness in windows of 5 ms, from the beginning of the file (sound may begin later). */
function beepsIn(file: string): number[] {
  const args = ['-v', 'error', '-i', file, '-map', '0:a', '-af', 'aresample=async=1:first_pts=0'];
  const raw = execFileSync('ffmpeg', [...args, '-ac', '1', '-ar', '48000', '-f', 's16le', '-']);
  const sound = new Int16Array(raw.buffer, raw.byteOffset, raw.length >> 1);
  const windows = Array.from({ length: Math.floor(sound.length / 240) }, (_, i) => ({
    time: i / 200,
    value: Math.max(...sound.subarray(240 * i, 240 * (i + 1)).map(Math.abs)) > 8000 ? 1 : 0,
  }));
  return risesOf(windows);
}

describe('sound stays in step with the pictures', () => {
  function source(name: string, output: readonly string[]): string {
    const file = join(folderWith({}), name);
    const pictures = ['-f', 'lavfi', '-i', `color=s=64x48:r=30:d=4,${FLASH}`];
    ffmpeg([...pictures, '-f', 'lavfi', '-i', BEEP, ...output, file]);
    return file;
  }
  const H264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'aac'];
  /** Two of three frames, and none of one second. */
  const VARYING = ['-vf', "select='mod(n,3)*not(between(t,1.4,1.9))'", '-fps_mode', 'vfr'];

  it.each([
    ['a constant rate', 'v.mp4', H264, 'out.mp4', {}, 'aac'],
    ['a varying rate', 'v.mp4', [...H264, ...VARYING], 'out.mkv', {}, 'aac'],
    ['a part, of a varying rate', 'v.mkv', [...H264, ...VARYING], 'out.mov', { from: 1.5, to: 3.5 }, 'aac'],
    ['another container', 'v.mp4', H264, 'out.webm', {}, 'opus'],
  ] as const)('%s', async (_, name, output, written, part, codec) => {
    const file = source(name, output);
    const out = join(folderWith({}), written);
    const info = await probeVideo(file);
    const { width, height } = info;
    const writer = createVideoWriter(out, { width, height, rate: 30, sound: { file, ...part } });
    for await (const { picture, time, release } of readVideo(file, part)) {
      await writer.write(picture, time);
      release();
    }
    await writer.close();
    const { from = 0, to = 4 } = part as { from?: number; to?: number };
    const beginnings = [1, 2, 3].filter((time) => time >= from && time < to).map((time) => time - from);
    const [flashes, beeps] = [await flashesIn(out), beepsIn(out)];
    expect(flashes).toHaveLength(beginnings.length);
    expect(beeps).toHaveLength(beginnings.length);
    // Of the source a frame is shown every 1/15 s at the least; the writer adds at most one of its own.
    const late = name === 'v.mp4' && output === H264 ? 1.1 / 30 : 3.1 / 30;
    beginnings.forEach((time, i) => {
      expect(Math.abs((beeps[i] as number) - time)).toBeLessThan(1 / 30);
      expect((flashes[i] as number) - time).toBeGreaterThan(-1.1 / 30);
      expect((flashes[i] as number) - time).toBeLessThan(late);
    });
    const made = await probeVideo(out);
    expect(made.soundCodec).toBe(codec);
    expect(Math.abs((made.duration ?? 0) - (to - from))).toBeLessThan(2 / 30);
  });
});

it('a turned video of an odd size is written upright, filled up to even', async () => {
  const folder = folderWith({});
  const lavfi = ['-f', 'lavfi', '-i', 'testsrc=size=63x47:rate=25:duration=0.4'];
  ffmpeg([...lavfi, '-c:v', 'libx264', '-pix_fmt', 'yuv444p', join(folder, 'a.mp4')]);
  const turned = ['-c', 'copy', '-metadata:s:v:0', 'rotate=90', join(folder, 'v.mp4')];
  ffmpeg(['-i', join(folder, 'a.mp4'), ...turned]);
  const info = await probeVideo(join(folder, 'v.mp4'));
  const out = join(folder, 'out.mp4');
  const { width, height } = info;
  const writer = createVideoWriter(out, { width, height, rate: steadyRate(info) });
  for await (const { picture, time } of readVideo(join(folder, 'v.mp4'))) await writer.write(picture, time);
  await writer.close();
  expect([width, height]).toEqual([47, 63]);
  expect(await probeVideo(out)).toMatchObject({ width: 48, height: 64, frames: 10, hasSound: false });
});

it('colours stay', async () => {
  const file = join(folderWith({}), 'v.mp4');
  const writer = createVideoWriter(file, { ...SIZE, rate: 25 });
  const colours = [
    [220, 40, 30],
    [30, 200, 60],
    [20, 60, 210],
    [240, 240, 240],
  ];
  for (const [i, colour] of colours.entries()) {
    const picture = greyPicture(0);
    for (let at = 0; at < picture.data.length; at++) picture.data[at] = colour[at % 3] as number;
    await writer.write(picture, i / 25);
  }
  await writer.close();
  let i = 0;
  for await (const { picture } of readVideo(file)) {
    const middle = (24 * 64 + 32) * 3;
    for (let channel = 0; channel < 3; channel++)
      expect(
        Math.abs((picture.data[middle + channel] as number) - (colours[i]?.[channel] ?? 0)),
      ).toBeLessThan(12);
    i++;
  }
  expect(i).toBe(4);
});

describe('what cannot be written', () => {
  const FRAMES = [0, 1, 2].map((i) => ({ grey: 50 * i, time: i / 25 }));
  const real = execFileSync('which', ['ffmpeg'], { encoding: 'utf8' }).trim();

  function replaceFfmpeg(script: string): void {
    const { PATH = '' } = process.env;
    process.env.PATH = `${programs({ ffmpeg: script })}:${PATH}`;
    onTestFinished(() => {
      process.env.PATH = PATH;
    });
  }

  it('is refused at once: endings, sizes, places', () => {
    const folder = folderWith({ file: 'x' });
    const open = (name: string, width = 64) =>
      createVideoWriter(join(folder, name), { ...SIZE, width, rate: 25 });
    expect(() => open('v.avi')).toThrow(/v\.avi: found the ending \.avi; expected the ending \.mp4, \.mov/);
    expect(() => open('v')).toThrow(/found no ending/);
    expect(() => open('v.mp4', 0)).toThrow(RangeError);
    expect(() => open('file/v.mp4')).toThrow(/found a file where a folder should be/);
    expect(readdirSync(folder)).toEqual(['file']);
  });

  it('ends with the complaint of ffmpeg, and nothing is left', async () => {
    const folder = folderWith({ 'v.mp4': 'an older one' });
    replaceFfmpeg(
      `case "$*" in *-encoders*) exec ${real} "$@";; esac\necho '[out @ 0x1] [error] No space left on device' >&2\nexit 1`,
    );
    const frames = Array.from({ length: 2000 }, (_, i) => ({ grey: 9, time: i / 25 }));
    await expect(write(join(folder, 'v.mp4'), frames, { rate: 25 })).rejects.toThrow(
      /v\.mp4: found that ffmpeg ended with 1 \(it says: .*No space left on device/,
    );
    await expect(write(join(folder, 'w.mp4'), [], { rate: 25 })).rejects.toThrow(/no picture/);
    expect(readdirSync(folder)).toEqual(['v.mp4']);
  });

  it('says that sound is missing that was asked for', async () => {
    const folder = folderWith({});
    const sound = { file: join(folder, 'none.mp4') };
    await expect(write(join(folder, 'v.mp4'), FRAMES, { rate: 25, sound })).rejects.toThrow(
      /none\.mp4: found no such file/,
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is gone when it is given up', async () => {
    const folder = folderWith({});
    const file = join(folder, 'v.mp4');
    const writer = createVideoWriter(file, { ...SIZE, rate: 25 });
    await writer.write(greyPicture(1), 0);
    await writer.write(greyPicture(2), 1);
    expect(readdirSync(folder)).toHaveLength(1);
    expect(existsSync(file)).toBe(false);
    await writer.abort();
    await writer.abort();
    await expect(writer.write(greyPicture(3), 2)).rejects.toThrow(/closed/);
    await expect(createVideoWriter(file, { ...SIZE, rate: 25 }).abort()).resolves.toBeUndefined();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('in H.264 is written in MPEG-4', async () => {
    const file = join(folderWith({}), 'v.mp4');
    replaceFfmpeg(
      `case "$*" in *-encoders*) ${real} "$@" | grep -v 'lib[xo][a-z]*264';; *) exec ${real} "$@";; esac`,
    );
    await write(file, FRAMES, { rate: 25 });
    expect(await probeVideo(file)).toMatchObject({ codec: 'mpeg4', frames: 3 });
  });
});
