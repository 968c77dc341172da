import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { decodeJpeg, decodeRgb, encodeJpeg, encodePng } from 'mien/images';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { folderWith } from '../../../../test/folders.js';
import { GOLDEN } from '../support/golden.js';
import { picture } from '../support/pictures.js';

const golden = (path: string) => join(GOLDEN, 'datasets', path);
const IMAGES = [
  'jpeg420_125x110.jpg',
  'jpeg_cmyk_116x116.jpg',
  'jpeg_gray_112x120.jpg',
  'jpeg_exif_orientation6_120x90.jpg',
  'palette_113x127.png',
  'rgba_120x118.png',
];

/** A bitmap of one picture, bottom up, with 24 or 32 bits a pixel. */
function bitmap(width: number, height: number, bits: 24 | 32, compression = 0): Uint8Array {
  const line = Math.ceil((width * bits) / 32) * 4;
  const bytes = Buffer.alloc(54 + line * height, 7);
  bytes.write('BM');
  bytes.writeUInt32LE(54, 10);
  bytes.writeUInt32LE(40, 14);
  bytes.writeInt32LE(width, 18);
  bytes.writeInt32LE(height, 22);
  bytes.writeUInt16LE(1, 26);
  bytes.writeUInt16LE(bits, 28);
  bytes.writeUInt32LE(compression, 30);
  return bytes;
}

describe('decoding', () => {
  it.each(IMAGES)("is Pillow's, byte for byte: %s", async (name) => {
    const decoded = await decodeRgb(golden(`raw/images/${name}`));
    const expected = await decodeRgb(golden(`expected/transforms/decoded_${name.replace(/\..*/, '')}.png`));
    expect(decoded).toMatchObject({ width: expected.width, height: expected.height });
    expect(Buffer.from(decoded.data).equals(expected.data)).toBe(true);
  });

  it("of small JPEGs is sharp's, byte for byte, of whatever size and subsampling", async () => {
    for (const [width, height] of [
      [1, 1],
      [3, 17],
      [64, 64],
      [113, 127],
    ] as const)
      for (const chromaSubsampling of ['4:2:0', '4:4:4']) {
        const { data } = picture(width, width, height);
        const raw = { width, height, channels: 3 as const };
        const jpeg = await sharp(data, { raw })
          .jpeg({ chromaSubsampling, progressive: width === 64 })
          .toBuffer();
        const expected = await sharp(jpeg).raw().toBuffer();
        expect(Buffer.from(decodeJpeg(jpeg)?.data ?? []).equals(expected)).toBe(true);
      }
  });

  it('drops alpha, whatever lies under it', async () => {
    const data = Uint8Array.of(10, 20, 30, 0, 40, 50, 60, 255);
    const png = await sharp(data, { raw: { width: 2, height: 1, channels: 4 } })
      .png()
      .toBuffer();
    expect([...(await decodeRgb(png)).data]).toEqual([10, 20, 30, 40, 50, 60]);
  });

  it('takes the high byte of 16-bit PNGs', async () => {
    const data = Uint16Array.of(0x1234, 0x8000, 0xffff);
    const png = await sharp(data, { raw: { width: 1, height: 1, channels: 3 } })
      .toColourspace('rgb16')
      .png()
      .toBuffer();
    expect((await sharp(png).metadata()).depth).toBe('ushort');
    expect([...(await decodeRgb(png)).data]).toEqual([0x12, 0x80, 0xff]);
  });

  it.each(['gif', 'webp'] as const)('takes the first frame of an animated %s', async (format) => {
    const frames = Buffer.concat([picture(1, 16).data, picture(2, 16).data]);
    const raw = { width: 16, height: 32, channels: 3 as const, pageHeight: 16 };
    const animated = await sharp(frames, { raw })[format]().toBuffer();
    expect((await sharp(animated, { animated: true }).metadata()).pages).toBe(2);
    expect(await decodeRgb(animated)).toMatchObject({ width: 16, height: 16 });
  });

  it('opens a single pixel, and ten thousand by ten thousand', async () => {
    expect(
      await decodeRgb(await encodePng({ width: 1, height: 1, data: Uint8Array.of(1, 2, 3) })),
    ).toMatchObject({
      width: 1,
      height: 1,
    });
    const grey = { create: { width: 10_000, height: 10_000, channels: 3 as const, background: 'grey' } };
    const large = await decodeRgb(await sharp(grey).jpeg().toBuffer());
    expect(large).toMatchObject({ width: 10_000, height: 10_000 });
    expect(large.data.length).toBe(300_000_000);
  });

  it('of bitmaps reads them from the bottom, or from the top', async () => {
    const bytes = Buffer.from(bitmap(1, 2, 24));
    bytes.set([1, 2, 3], 54); // bottom pixel: blue, green, red
    bytes.set([4, 5, 6], 58);
    expect([...(await decodeRgb(bytes)).data]).toEqual([6, 5, 4, 3, 2, 1]);
    bytes.writeInt32LE(-2, 22);
    expect([...(await decodeRgb(bytes)).data]).toEqual([3, 2, 1, 6, 5, 4]);
    expect(await decodeRgb(bitmap(5, 3, 32))).toMatchObject({ width: 5, height: 3 });
  });
});

describe('what is no picture', () => {
  const jpeg = async () => Buffer.from(await encodeJpeg(picture(5, 64)));
  const damaged: [string, () => Promise<Uint8Array>, RegExp][] = [
    ['nothing', async () => new Uint8Array(0), /an empty file/],
    ['a text', async () => Buffer.from('image,label\n1.jpg,2\n'), /^no picture \(an unknown format\)$/],
    ['a JPEG that ends early', async () => (await jpeg()).subarray(0, 1500), /^a picture that is cut off$/],
    [
      'a JPEG that ends in its header',
      async () => (await jpeg()).subarray(0, 40),
      /^a picture that is cut off$/,
    ],
    ['two bytes of a JPEG', async () => (await jpeg()).subarray(0, 2), /^a picture that is cut off$/],
    [
      'a PNG that ends early',
      async () => Buffer.from(await encodePng(picture(5, 64))).subarray(0, 3000),
      /./,
    ],
    ['a PNG of a larger picture than is taken', hugePng, /^a picture larger than 16,384 × 16,384$/],
    ['a bitmap that ends early', async () => bitmap(20, 20, 24).subarray(0, 300), /a bitmap that is cut off/],
    [
      'a packed bitmap',
      async () => bitmap(20, 20, 24, 1),
      /a bitmap of 24 bits a pixel, compression 1; expected/,
    ],
    ['a bitmap without pixels', async () => bitmap(0, 20, 24), /a bitmap of 0 × 20 pixels/],
    [
      'a video',
      async () => Buffer.from('\0\0\0\x20ftypisom\0\0\x02\0isomiso2avc1mp41', 'latin1'),
      /^no picture \(an unknown format\)$/,
    ],
  ];

  /** Says that it is 30,000 × 30,000. */
  async function hugePng(): Promise<Uint8Array> {
    const bytes = Buffer.from(await encodePng(picture(1, 8)));
    bytes.writeUInt32BE(30_000, 16);
    bytes.writeUInt32BE(30_000, 20);
    bytes.writeUInt32BE(crc32(bytes.subarray(12, 29)), 29);
    return bytes;
  }

  it.each(damaged)('is refused: %s', async (_, make, message) => {
    const folder = folderWith({});
    const file = join(folder, 'x.jpg');
    writeFileSync(file, await make());
    await expect(decodeRgb(file)).rejects.toThrow(message);
  });

  it('is refused when it is missing', async () => {
    await expect(decodeRgb('/nowhere/x.jpg')).rejects.toThrow(/ENOENT/);
  });

  it('does not spoil the pictures after it', async () => {
    const good = await jpeg();
    const expected = decodeJpeg(good)?.data;
    for (let cut = 2; cut < good.length; cut += 97) expect(decodeJpeg(good.subarray(0, cut))).toBeUndefined();
    const noisy = Buffer.from(good);
    for (let i = 0; i < 300; i++) {
      noisy[20 + ((i * 7919) % (good.length - 20))] = (i * 31) & 255;
      decodeJpeg(noisy); // whatever comes, it must come back
    }
    expect(decodeJpeg(good)?.data).toEqual(expected);
    expect(decodeJpeg(readFileSync(golden('raw/images/jpeg420_125x110.jpg')))).toMatchObject({
      width: 125,
      height: 110,
    });
  });
});
