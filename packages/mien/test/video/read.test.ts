import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readVideo, VideoError } from 'mien/video';
import { describe, expect, it } from 'vitest';
import { folderWith } from '../../../../test/folders.js';
import { writeVideo } from '../support/videos.js';

async function greysOf(file: string): Promise<number[]> {
  const greys: number[] = [];
  for await (const { picture, release } of readVideo(file)) {
    greys.push(picture.data[0] ?? Number.NaN);
    release();
  }
  return greys;
}

describe('readVideo', () => {
  const GREYS = Array.from({ length: 40 }, (_, i) => 5 * i + 3);

  it('gives every frame in order, exactly', async () => {
    const file = join(folderWith({}), 'a b%03d.mkv');
    writeVideo(file, GREYS);
    expect(await greysOf(file)).toEqual(GREYS);
    for await (const { picture } of readVideo(file)) {
      expect(picture).toMatchObject({ width: 64, height: 48 });
      expect(new Set(picture.data)).toEqual(new Set([3]));
      break; // and it may be left early
    }
  });

  it('gives frames of odd sizes, larger than what a pipe holds', async () => {
    const file = join(folderWith({}), 'v.mkv');
    writeVideo(file, [10, 20, 30], { width: 1001, height: 333 });
    expect(await greysOf(file)).toEqual([10, 20, 30]);
  });

  it('gives the frames of a cut video that can be decoded, then says that it is damaged', async () => {
    const folder = folderWith({});
    writeVideo(join(folder, 'v.mkv'), GREYS);
    const bytes = readFileSync(join(folder, 'v.mkv'));
    writeFileSync(join(folder, 'cut.mkv'), bytes.subarray(0, bytes.length * 0.6));
    const greys: number[] = [];
    const reading = (async () => {
      for await (const { picture } of readVideo(join(folder, 'cut.mkv')))
        greys.push(picture.data[0] ?? Number.NaN);
    })();
    await expect(reading).rejects.toThrow(VideoError);
    expect(greys.length).toBeGreaterThan(5);
    expect(greys).toEqual(GREYS.slice(0, greys.length));
  });

  it.each([
    ['a text', 'hello'],
    ['an empty file', ''],
    ['nothing', undefined],
  ])('refuses %s', async (_, text) => {
    const folder = folderWith(text === undefined ? {} : { 'v.mp4': text });
    await expect(greysOf(join(folder, 'v.mp4'))).rejects.toThrow(VideoError);
  });
});
