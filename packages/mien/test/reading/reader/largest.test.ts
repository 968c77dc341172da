import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { RgbImage } from 'mien/images';
import { openReader } from 'mien/reading';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { all, faceIn, folderForAll, writeClip, writeOnnx } from './support.js';

const folder = folderForAll();
const raw = { width: 980, height: 420, channels: 3 } as const;

/** Two faces side by side; the left one's size against the right one's, frame by frame. */
async function writeTwo(file: string, face: RgbImage, sizes: readonly number[]): Promise<void> {
  const { data, width, height } = face;
  const original = await sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
  const at = (size: number) =>
    sharp(original)
      .resize(Math.round(400 * size))
      .png()
      .toBuffer();
  const frames: Buffer[] = [];
  for (const size of sizes)
    frames.push(
      await sharp({ create: { ...raw, background: '#b0a890' } })
        .composite([
          { input: await at(size), left: 0, top: 0 },
          { input: await at(1), left: 570, top: 60 },
        ])
        .removeAlpha()
        .raw()
        .toBuffer(),
    );
  const input = [
    '-f',
    'rawvideo',
    '-pix_fmt',
    'rgb24',
    '-s',
    `${raw.width}x${raw.height}`,
    '-r',
    '25',
    '-i',
    '-',
  ];
  const { status } = spawnSync('ffmpeg', ['-v', 'error', '-y', ...input, '-c:v', 'ffv1', file], {
    input: Buffer.concat(frames),
  });
  expect(status).toBe(0);
}

it('the largest face stays the same one until another is clearly larger', async () => {
  const model = await writeOnnx(join(folder, 'model.onnx'), { tasks: ['VA'] });
  const reader = await openReader({ models: [model], faces: 'largest', smoothLandmarks: 'none', threads: 1 });
  const everyone = await openReader({ models: [model], smoothLandmarks: 'none', threads: 1 });
  const clip = writeClip(join(folder, 'one.mkv'), { from: 40, frames: 1 });
  const [one] = await all(everyone.read(clip, { pictures: true }));
  const sizes = [0.95, 0.95, 1.1, 1.1, 0.95, 0.95, 1.1, 1.1, 1.2, 1.3, 1.4, 1.4, 1.3, 1.2, 1.1, 0.95, 0.95];
  const video = join(folder, 'two.mkv');
  await writeTwo(video, one?.picture as RgbImage, sizes);
  const frames = await all(everyone.read(video));
  const chosen = (await all(reader.read(video))).map((frame) => faceIn(frame));
  await Promise.all([reader.close(), everyone.close()]);
  for (const { faces } of frames) expect(faces).toHaveLength(2);
  const isLeft = chosen.map(({ box }) => box.x < 500);
  const changes = isLeft.filter((left, i) => i > 0 && left !== isLeft[i - 1]);
  expect(changes).toEqual([true]); // though now one and now the other is larger
  const area = ({ box }: { box: { width: number; height: number } }) => box.width * box.height;
  const largestIsLeft = frames.map(({ faces }) => {
    const [first, second] = faces as [(typeof faces)[number], (typeof faces)[number]];
    return (area(first) > area(second) ? first : second).box.x < 500;
  });
  expect(largestIsLeft.slice(0, 8)).toContain(true);
  frames.forEach(({ faces }, i) => {
    const one = chosen[i] as (typeof chosen)[number];
    expect(faces.map(({ face }) => face)).toContain(one.face);
    expect(Math.max(...faces.map(area))).toBeLessThan(1.3 * area(one));
  });
});
