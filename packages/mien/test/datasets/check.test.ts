import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { checkManifest, type FaceRow, FaceTable } from 'mien/datasets';
import { decodeRgb, encodeJpeg, encodePng, type RgbImage } from 'mien/images';
import { ABAW1 } from 'mien/labels';
import { describe, expect, it } from 'vitest';
import { folderWith } from '../../../../test/folders.js';

/** A picture of noise that depends on the seed; grey where red, green and blue are to be equal. */
function picture(seed: number, { grey = false, width = 24, height = 20 } = {}): RgbImage {
  const data = new Uint8Array(width * height * 3);
  let value = seed + 1;
  for (let i = 0; i < data.length; i++) {
    if (!grey || i % 3 === 0) value = (value * 16807) % 2147483647;
    data[i] = value % 251;
  }
  return { width, height, data };
}

const jpeg = (seed: number, options = {}) => encodeJpeg(picture(seed, options));
const png = (seed: number, options = {}) => encodePng(picture(seed, options));

type Row = Omit<FaceRow, 'dataset'>;

async function checked(files: Record<string, Uint8Array | string>, rows: Row[], examples?: number) {
  const folder = folderWith({});
  for (const [path, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
  const faces = new FaceTable(ABAW1);
  for (const row of rows) faces.push({ dataset: 'set', ...row });
  const manifest = { file: 'm.parquet', faces, roots: new Map([['set', folder]]) };
  return { folder, check: await checkManifest(manifest, examples === undefined ? {} : { examples }) };
}

describe('checkManifest', () => {
  it('counts sizes and colours; a colour file of equal channels is grey', async () => {
    const { check } = await checked(
      {
        '1.jpg': await jpeg(1),
        '2.png': await png(2),
        'grey.png': await png(3, { grey: true }),
        'wide.png': await png(4, { width: 48 }),
      },
      ['1.jpg', '2.png', 'grey.png', 'wide.png'].map((image) => ({ image })),
    );
    expect(check).toMatchObject({ faces: 4, images: 4, videos: 0, grey: 1, colour: 3, unusable: [] });
    expect(check.sizes).toEqual([
      { width: 24, height: 20, images: 3 },
      { width: 48, height: 20, images: 1 },
    ]);
  });

  it('opens a picture once, however many rows name it', async () => {
    const { check } = await checked({ '1.png': await png(1) }, [
      { image: '1.png', expression: 'fear' },
      { image: '1.png', valence: 0, arousal: 0 },
    ]);
    expect(check).toMatchObject({ faces: 2, images: 1, colour: 1, copies: { groups: 0, repeated: 1 } });
    expect(check.copies.contradicting.count).toBe(0);
  });

  it('finds copies by their pixels, also in another format', async () => {
    const original = await jpeg(1);
    const { check } = await checked(
      {
        'a.jpg': original,
        'b.png': await png(2),
        'c.png': await encodePng(await decodeRgb(original)),
        'd.png': await png(3),
      },
      ['b.png', 'a.jpg', 'c.png', 'd.png'].map((image) => ({ image })),
    );
    expect(check.copies).toMatchObject({ groups: 1, images: 2, acrossSplits: { count: 0 } });
    expect(check.copies.examples).toEqual([
      [
        { dataset: 'set', image: 'a.jpg', split: null, row: 2 },
        { dataset: 'set', image: 'c.png', split: null, row: 3 },
      ],
    ]);
  });

  it('does not take pictures of the same bytes and another shape for copies', async () => {
    const { check } = await checked(
      {
        'a.png': await encodePng({ width: 4, height: 2, data: new Uint8Array(24) }),
        'b.png': await encodePng({ width: 2, height: 4, data: new Uint8Array(24) }),
      },
      [{ image: 'a.png' }, { image: 'b.png' }],
    );
    expect(check.copies.groups).toBe(0);
  });

  it('points out copies across splits and copies whose labels contradict', async () => {
    const { check } = await checked(
      { 'a.png': await png(1), 'b.png': await png(1), 'c.png': await png(2), 'd.png': await png(2) },
      [
        { image: 'a.png', split: 'train', expression: 'fear', valence: 0.5, arousal: 0 },
        { image: 'b.png', split: 'validation', expression: 'fear' },
        { image: 'c.png', split: 'train', expression: 'fear' },
        { image: 'd.png', split: 'train', expression: 'anger' },
      ],
    );
    const { groups, acrossSplits, contradicting } = check.copies;
    expect(groups).toBe(2);
    expect(acrossSplits.examples.map((group) => group.map(({ image }) => image))).toEqual([
      ['a.png', 'b.png'],
    ]);
    expect(contradicting.examples.map((group) => group.map(({ row }) => row))).toEqual([[3, 4]]);
  });

  it('knows that two faces of one picture may be labelled differently', async () => {
    const box = (x: number) => ({ x, y: 0, width: 10, height: 10 });
    const { check } = await checked({ '1.png': await png(1) }, [
      { image: '1.png', box: box(0), expression: 'fear' },
      { image: '1.png', box: box(12), expression: 'anger' },
    ]);
    expect(check.copies).toMatchObject({ groups: 0, repeated: 0, contradicting: { count: 0 } });
  });

  it('looks for videos without decoding them', async () => {
    const { check } = await checked({ 'v.mp4': 'not really a video' }, [
      { video: 'v.mp4', frame: 0 },
      { video: 'v.mp4', frame: 1 },
      { video: 'lost.mp4', frame: 0 },
    ]);
    expect(check).toMatchObject({ faces: 3, images: 0, videos: 2 });
    expect(check.unusable).toMatchObject([{ reason: 'no such file', count: 1 }]);
  });

  const whole = () => jpeg(1);
  it.each<[string, () => Promise<Uint8Array | string>, string]>([
    ['an empty file', async () => '', 'an empty file'],
    [
      'a text with the name of a picture',
      async () => 'image,label\n1.jpg,2\n',
      'no picture (an unknown format)',
    ],
    [
      'a JPEG without its second half',
      async () => (await whole()).subarray(0, 700),
      'a picture that is cut off',
    ],
    ['the first bytes of a JPEG', async () => (await whole()).subarray(0, 30), 'a picture that is cut off'],
    ['a PNG without its end', async () => (await png(1)).subarray(0, 900), 'a picture that is cut off'],
    [
      'a PNG with other bytes in its middle',
      async () => (await png(1)).map((byte, i) => (i > 200 && i < 260 ? byte ^ 255 : byte)),
      'a damaged picture',
    ],
  ])('counts %s as unusable and goes on', async (_, make, reason) => {
    const { folder, check } = await checked({ 'bad.jpg': await make(), 'good.png': await png(2) }, [
      { image: 'bad.jpg' },
      { image: 'good.png' },
    ]);
    expect(check.unusable).toEqual([{ reason, count: 1, examples: [join(folder, 'bad.jpg')] }]);
    expect(check.colour).toBe(1);
  });

  it('counts what is missing, is a folder, or is a loop of links, the commonest first', async () => {
    const folder = folderWith({ 'folder.jpg/x': '' });
    symlinkSync('loop.jpg', join(folder, 'loop.jpg'));
    const faces = new FaceTable(ABAW1);
    for (const image of ['2.jpg', 'folder.jpg', 'loop.jpg', '1.jpg', '3.jpg'])
      faces.push({ dataset: 'set', image });
    const roots = new Map([['set', folder]]);
    const { unusable } = await checkManifest({ file: 'm', faces, roots }, { examples: 2 });
    expect(unusable.map(({ reason, count }) => [reason, count])).toEqual([
      ['no such file', 3],
      ['a folder', 1],
      ['a loop of links', 1],
    ]);
    expect(unusable[0]?.examples).toEqual(['2.jpg', '1.jpg'].map((name) => join(folder, name))); // in row order
  });

  it('reports progress to the end and changes no file', async () => {
    const files = Object.fromEntries(
      await Promise.all([1, 2, 3].map(async (i) => [`${i}.png`, await png(i)] as const)),
    );
    const folder = folderWith({});
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
    const faces = new FaceTable(ABAW1);
    for (const image of Object.keys(files)) faces.push({ dataset: 'set', image });
    const before = statSync(folder).mtimeMs;
    const steps: unknown[] = [];
    await checkManifest(
      { file: 'm', faces, roots: new Map([['set', folder]]) },
      { onProgress: (done, total) => steps.push([done, total]) },
    );
    expect(steps).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ]);
    expect(statSync(folder).mtimeMs).toBe(before);
    for (const [name, bytes] of Object.entries(files))
      expect(readFileSync(join(folder, name)).equals(bytes)).toBe(true);
  });
});
