import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readAfewVa, splitAfewVa } from 'mien/datasets';
import { decodeRgb } from 'mien/images';
import { describe, expect, it } from 'vitest';
import { folderWith } from '../../../../test/folders.js';
import { GOLDEN } from '../support/golden.js';
import { readAll } from './readers.js';

const ROOT = join(GOLDEN, 'datasets/raw/afew_va');

interface Clip {
  frames: Record<string, { landmarks: unknown; valence: unknown; arousal: unknown }>;
}

/** A copy of golden clip 03/104 (three frames), its JSON changed. */
function clipWith(change: (clip: Clip) => unknown = (clip) => clip): string {
  const folder = folderWith({});
  cpSync(join(ROOT, '03/104'), join(folder, '03/104'), { recursive: true });
  const file = join(folder, '03/104/104.json');
  writeFileSync(file, JSON.stringify(change(JSON.parse(readFileSync(file, 'utf8')))));
  return folder;
}

const frame0 = (clip: Clip) => Object.values(clip.frames)[0] as Clip['frames'][string];

describe('AFEW-VA', () => {
  it('aligns every frame, in the order of the reference, and keeps finished crops', async () => {
    const options = { root: ROOT, crops: join(folderWith({}), 'crops'), align: 'bilinear' as const };
    const first = await readAll(readAfewVa, options);
    expect(first.rows).toHaveLength(49);
    expect(first.rows[0]).toEqual({
      dataset: 'afew-va',
      image: '01_003/00007.png',
      split: 'train',
      clip: '01_003',
      frame: 7,
      valence: -0.1,
      arousal: 0.9,
    });
    const file = join(options.crops, '01_003/00007.png');
    const crop = readFileSync(file);
    expect(await decodeRgb(crop)).toMatchObject({ width: 48, height: 48 });
    rmSync(file);
    expect(await readAll(readAfewVa, options)).toEqual(first);
    expect(readFileSync(file).equals(crop)).toBe(true);
    await expect(readAll(readAfewVa, { ...options, align: 'reference' })).rejects.toThrow(
      /crops\.json: found crops made with align bilinear.*; expected align reference.*Choose another folder/,
    );
  });

  it("writes the reference's own crops, by nearest neighbour", async () => {
    const options = { root: ROOT, crops: join(folderWith({}), 'crops'), align: 'reference' as const };
    await readAll(readAfewVa, options);
    for (const name of ['01_003/00008.png', '03_117/00002.png']) {
      const ours = await decodeRgb(join(options.crops, name));
      const golden = await decodeRgb(join(GOLDEN, 'datasets/expected/afew_va_aligned', name));
      expect([ours.width, ours.height]).toEqual([golden.width, golden.height]);
      const unequal = ours.data.filter((value, i) => value !== golden.data[i]).length;
      expect(unequal / ours.data.length).toBeLessThan(0.01);
    }
  });

  it('keeps whole frames with their landmarks when it is not to align', async () => {
    const { rows, tally } = await readAll(readAfewVa, { root: ROOT, align: 'none' });
    expect(rows[0]).toMatchObject({ image: '01/003/00007.png', clip: '01_003' });
    expect(rows[0]?.landmarks).toHaveLength(136);
    expect(Object.keys(tally.noted)).toEqual([
      'a file beside the folders of clips',
      'a folder other than 01 to 12',
    ]);
  });

  it('splits clips four to one, each once', () => {
    const clips = Array.from({ length: 600 }, (_, i) => `01_${String(i).padStart(3, '0')}`);
    const split = splitAfewVa(clips);
    expect(split.filter((one) => one.split === 'train')).toHaveLength(480);
    expect(split.map(({ clip }) => clip).sort()).toEqual(clips);
  });

  it('drops a frame that cannot be decoded, and one whose points coincide; strictly, it refuses', async () => {
    const root = clipWith((clip) => {
      Object.assign(clip.frames['00001'] ?? {}, { landmarks: Array.from({ length: 68 }, () => [5, 5]) });
      return clip;
    });
    truncateSync(join(root, '03/104/00000.png'), 500);
    const options = (name: string) => ({ root, crops: join(root, name), align: 'bilinear' as const });
    const { rows, tally } = await readAll(readAfewVa, options('crops'));
    expect(rows.map(({ image }) => image)).toEqual(['03_104/00002.png']);
    expect(Object.keys(tally.dropped)).toEqual([
      'a picture that cannot be decoded',
      'landmarks that all lie in one place',
    ]);
    await expect(readAll(readAfewVa, options('others'), { strict: true })).rejects.toThrow(
      /00000\.png: found a picture that cannot be decoded/,
    );
  });

  it.each<[string, (clip: Clip) => unknown, RegExp]>([
    [
      '67 landmarks',
      (clip) => Object.assign(clip, { x: (frame0(clip).landmarks as unknown[]).pop() }),
      /104\.json, column frames\.00001\.landmarks: found Too small/,
    ],
    [
      'a landmark of three numbers',
      (clip) => Object.assign(clip, { x: (frame0(clip).landmarks as number[][])[3]?.push(1) }),
      /column frames\.00001\.landmarks\.3: found/,
    ],
    [
      'a landmark that is a text',
      (clip) =>
        Object.assign(clip, {
          x: Object.assign((frame0(clip).landmarks as unknown[][])[3] ?? [], { 0: 'a' }),
        }),
      /column frames\.00001\.landmarks\.3\.0: found/,
    ],
    [
      'a valence of 11',
      (clip) => Object.assign(clip, { x: Object.assign(frame0(clip), { valence: 11 }) }),
      /column frames\.00001\.valence: found Too big/,
    ],
    [
      'an arousal of 0.5',
      (clip) => Object.assign(clip, { x: Object.assign(frame0(clip), { arousal: 0.5 }) }),
      /column frames\.00001\.arousal: found .*expected int/,
    ],
    [
      'no arousal',
      (clip) => Object.assign(clip, { x: delete (frame0(clip) as { arousal?: unknown }).arousal }),
      /column frames\.00001\.arousal: found/,
    ],
    ['a list', (clip) => [clip], /104\.json: found/],
    ['no frames', () => ({}), /104\.json, column frames: found/],
    [
      'a frame less than pictures',
      (clip) => Object.assign(clip, { x: delete clip.frames['00001'] }),
      /104\.json: found 2 frames; expected 3, as there are pictures/,
    ],
    [
      'a frame that no picture shows',
      (clip) => ({ frames: { ...clip.frames, '00009': clip.frames['00001'], '00001': undefined } }),
      /104\.json: found frame "00002"; expected 00001, as a picture is named/,
    ],
  ])('refuses a clip with %s', async (_, change, message) => {
    await expect(readAll(readAfewVa, { root: clipWith(change), align: 'none' })).rejects.toThrow(message);
  });

  it('refuses a clip without JSON, with two, and with something else in it', async () => {
    const [none, two, other] = [clipWith(), clipWith(), clipWith()];
    rmSync(join(none, '03/104/104.json'));
    await expect(readAll(readAfewVa, { root: none, align: 'none' })).rejects.toThrow(
      /104: found 0 JSON files; expected one/,
    );
    copyFileSync(join(two, '03/104/104.json'), join(two, '03/104/105.json'));
    await expect(readAll(readAfewVa, { root: two, align: 'none' })).rejects.toThrow(
      /104: found 2 JSON files/,
    );
    writeFileSync(join(other, '03/104/104.json'), '{"frames": {');
    await expect(readAll(readAfewVa, { root: other, align: 'none' })).rejects.toThrow(
      /104\.json: found no JSON/,
    );
  });

  it('refuses a folder without clips', async () => {
    const root = folderWith({ '13/601/x.txt': '' });
    mkdirSync(join(root, '01'));
    await expect(readAll(readAfewVa, { root, align: 'none' })).rejects.toThrow(
      /found no clips; expected folders 01 to 12/,
    );
  });
});
