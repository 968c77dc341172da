// What cannot be read, cameras, and what reading leaves behind.

import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cameraArguments, probeVideo, readVideo, steadyRate, VideoError } from 'mien/video';
import { describe, expect, it, onTestFinished } from 'vitest';
import { folderWith } from '../../../../test/folders.js';
import { ffmpeg, writeVideo } from '../support/videos.js';

const GREYS = Array.from({ length: 60 }, (_, i) => 20 + 3 * i);

function setEnvironment(name: 'PATH' | 'TMPDIR', value: string): void {
  const before = process.env[name];
  process.env[name] = value;
  onTestFinished(() => {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  });
}

const childrenOfThisProcess = (): string[] =>
  execFileSync('ps', ['--ppid', `${process.pid}`, '-o', 'comm='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .filter((name) => name !== 'ps');

async function messageOf(source: Parameters<typeof readVideo>[0]): Promise<string> {
  try {
    for await (const _ of readVideo(source));
  } catch (error) {
    expect(error).toBeInstanceOf(VideoError);
    return (error as Error).message;
  }
  throw new Error('it was read');
}

describe('what is no video is refused, with what was found', () => {
  const SOUND = ['-f', 'lavfi', '-i', 'sine=duration=0.2'];

  it('files that are none, folders, empty files, texts', async () => {
    const folder = folderWith({
      'empty.mp4': '',
      'v.mp4': 'hello',
      'notes.txt': 'words of a text\n'.repeat(200),
    });
    expect(await messageOf(join(folder, 'none.mp4'))).toMatch(
      /none\.mp4: found no such file; expected a video/,
    );
    expect(await messageOf(folder)).toMatch(/found a folder/);
    expect(await messageOf(join(folder, 'empty.mp4'))).toMatch(/found an empty file/);
    expect(await messageOf(join(folder, 'v.mp4'))).toMatch(
      /found no video that can be read \(ffmpeg says: .*invalid/i,
    );
    expect(await messageOf(join(folder, 'notes.txt'))).toMatch(/found a text/);
  });

  it('sound, also with a cover picture', async () => {
    const folder = folderWith({});
    ffmpeg([...SOUND, join(folder, 'a.mp3')]);
    expect(await messageOf(join(folder, 'a.mp3'))).toMatch(/found sound \(mp3\) without a video/);
    const cover = [
      '-f',
      'lavfi',
      '-i',
      'color=s=32x32:d=0.04',
      '-map',
      '0',
      '-map',
      '1',
      '-c:v',
      'png',
      '-frames:v',
      '1',
    ];
    ffmpeg([...SOUND, ...cover, '-disposition:v', 'attached_pic', join(folder, 'b.mp3')]);
    expect(await messageOf(join(folder, 'b.mp3'))).toMatch(/found sound \(mp3\) and a cover picture without/);
  });

  it('a machine without ffmpeg', async () => {
    const file = join(folderWith({}), 'v.mkv');
    writeVideo(file, [1]);
    setEnvironment('PATH', '/nowhere');
    await expect(readVideo(file).next()).rejects.toThrow(/ffprobe is not in PATH; install ffmpeg/);
    const camera = { camera: 'testsrc', format: 'lavfi' };
    await expect(readVideo(camera).next()).rejects.toThrow(/ffmpeg is not in PATH; install ffmpeg/);
  });
});

it('probeVideo tells what is shown', async () => {
  const folder = folderWith({});
  const lavfi = ['-f', 'lavfi', '-i', 'testsrc=size=64x48:rate=30000/1001:duration=2,setsar=4/3'];
  const sound = ['-f', 'lavfi', '-i', 'sine=duration=2', '-c:v', 'libx264', '-c:a', 'aac'];
  ffmpeg([...lavfi, ...sound, join(folder, 'a.mp4')]);
  const turned = ['-c', 'copy', '-metadata:s:v:0', 'rotate=270'];
  ffmpeg(['-i', join(folder, 'a.mp4'), ...turned, join(folder, 'v.mp4')]);
  const info = await probeVideo(join(folder, 'v.mp4'));
  expect(info).toMatchObject({ width: 48, height: 64, frames: 60, hasSound: true, codec: 'h264' });
  expect(info.pixelAspect).toBeCloseTo(4 / 3, 6);
  expect(info.frameRate).toBeCloseTo(30000 / 1001, 3);
  expect(info.nominalRate).toBeCloseTo(30000 / 1001, 3);
  expect(info.duration).toBeCloseTo(2.002, 2);
  expect(info.soundCodec).toBe('aac');
});

it.each([
  [29.8, 30, 30],
  [25, 25, 25],
  [7, 1000, 7],
  [14.9, 90_000, 14.9],
  [12, 30, 12],
  [0, 0, 25],
])(
  'frames that come %d a second on average, on a raster of %d, are written %d a second',
  (frameRate, nominalRate, rate) => {
    expect(steadyRate({ frameRate, nominalRate })).toBe(rate);
  },
);

describe('reading', () => {
  it('uses the memory of released frames again, and leaves others as they are', async () => {
    const file = join(folderWith({}), 'v.mkv');
    writeVideo(file, GREYS);
    const memories = new Set<Uint8Array>();
    for await (const { picture, release } of readVideo(file)) {
      memories.add(picture.data);
      release();
      release(); // twice is once
    }
    expect(memories.size).toBeLessThan(20);
    const kept: Uint8Array[] = [];
    for await (const { picture } of readVideo(file)) kept.push(picture.data);
    expect(kept.map((data) => new Set(data))).toEqual(GREYS.map((grey) => new Set([grey])));
  });

  it('leaves nothing when it is left early, or aborted while it waits', async () => {
    const file = join(folderWith({}), 'v.mkv');
    writeVideo(file, GREYS, { width: 320, height: 240 });
    const temporary = folderWith({});
    setEnvironment('TMPDIR', temporary);
    for await (const { index } of readVideo(file)) if (index === 3) break;
    expect(childrenOfThisProcess()).not.toContain('ffmpeg');

    const stop = new AbortController();
    const endless = { camera: 'testsrc=rate=30,realtime', format: 'lavfi' };
    const reading = readVideo(endless, { every: 100_000, signal: stop.signal }); // the next frame is due in an hour
    await reading.next();
    expect(childrenOfThisProcess()).toContain('ffmpeg');
    const waiting = reading.next();
    stop.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    expect(childrenOfThisProcess()).not.toContain('ffmpeg');
    await expect(readVideo(file, { signal: stop.signal }).next()).rejects.toThrow('enough');
    expect(readdirSync(temporary)).toEqual([]);
  });
});

describe('cameras', () => {
  it('are opened as each system does', () => {
    const open = (camera: string, platform: NodeJS.Platform) =>
      cameraArguments({ camera }, platform).join(' ');
    expect(open('/dev/video0', 'linux')).toBe('-f v4l2 -i /dev/video0');
    expect(open('0', 'darwin')).toBe('-f avfoundation -framerate 30 -i 0:none');
    expect(open('Integrated Camera', 'win32')).toBe('-f dshow -i video=Integrated Camera');
    expect(() => open('0', 'aix')).toThrow(/name ffmpeg's input device/);
    expect(cameraArguments({ camera: ':0.0', format: 'x11grab' }, 'linux')).toEqual([
      '-f',
      'x11grab',
      '-i',
      ':0.0',
    ]);
  });

  it.runIf(process.platform === 'linux')('that are not there are told from those that are', async () => {
    expect(await messageOf({ camera: '/dev/video99' })).toMatch(
      /\/dev\/video99: found no such device; expected (one of|a camera)/,
    );
  });

  it('give the newest frame to a reader who is slower, and never wait', async () => {
    const seen: { index: number; time: number }[] = [];
    const camera = { camera: 'testsrc=size=64x48:rate=50,realtime', format: 'lavfi' };
    for await (const { index, time, release } of readVideo(camera)) {
      seen.push({ index, time });
      release();
      if (seen.length === 5) break;
      await sleep(300);
    }
    for (const { index, time } of seen) expect(time).toBeCloseTo(index / 50, 5);
    seen.slice(1).forEach(({ index }, i) => {
      expect(index - (seen[i]?.index ?? 0)).toBeGreaterThan(5); // of the 15 that came meanwhile
    });
  });

  it('end at the time that was asked for', async () => {
    const camera = { camera: 'testsrc=size=64x48:rate=50,realtime', format: 'lavfi' };
    let last = { index: -1, time: -1 };
    for await (const { index, time } of readVideo(camera, { to: 0.5, every: 3 })) last = { index, time };
    expect(last.index % 3).toBe(0);
    expect(last.time).toBeLessThan(0.5);
    expect(last.time).toBeGreaterThan(0);
  });
});
