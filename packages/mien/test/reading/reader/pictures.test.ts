import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { isDataError } from 'mien/files';
import { decodeShown, encodeJpeg, encodePng, type RgbImage } from 'mien/images';
import { openReader, type Reader, type ReadingProblem } from 'mien/reading';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { picture } from '../../support/pictures.js';
import { all, faceIn, folderForAll, valuesOf, writeClip, writeOnnx } from './support.js';

const folder = folderForAll();
let reader: Reader;
let face: RgbImage;

beforeAll(async () => {
  reader = await openReader({ models: [await writeOnnx(join(folder, 'model.onnx'))], threads: 1 });
  const clip = writeClip(join(folder, 'clip.mkv'), { from: 40, frames: 1 });
  const [frame] = await all(reader.read(clip, { pictures: true }));
  face = frame?.picture as RgbImage;
});
afterAll(() => reader.close());

const png = (image: RgbImage) => encodePng(image);
const fileOf = (name: string, bytes: Uint8Array) => {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
};

describe('a picture', () => {
  it('is read alike from a file, bytes and pixels, which stay what they were', async () => {
    const bytes = await png(face);
    const file = fileOf('face.png', bytes);
    const before = face.data.slice();
    const readings = [
      await reader.readPicture(face),
      await reader.readPicture(bytes),
      await reader.readPicture(file),
      ...(await all(reader.read(file))),
    ];
    expect(face.data).toEqual(before);
    expect(readings.map(({ source }) => source)).toEqual(['picture', 'picture', file, file]);
    for (const reading of readings) {
      expect([reading.frame, reading.time, reading.width, reading.height]).toEqual([0, undefined, 400, 300]);
      expect(reading.faces).toEqual(readings[0]?.faces);
    }
  });

  it('is turned as its file says', async () => {
    const upright = await reader.readPicture(await encodeJpeg(face, 100));
    const { data, width, height } = face;
    const turned = await sharp(data, { raw: { width, height, channels: 3 } })
      .rotate(90)
      .withMetadata({ orientation: 8 }) // shown, it is to be turned back
      .jpeg({ quality: 100, chromaSubsampling: '4:4:4' })
      .toBuffer();
    const reading = await reader.readPicture(turned);
    expect([reading.width, reading.height]).toEqual([400, 300]);
    faceIn(reading).landmarks.forEach((at, i) => {
      expect(Math.abs(at - (faceIn(upright).landmarks[i] as number))).toBeLessThan(1);
    });
  });

  it('that is huge is decoded smaller, and has its faces where they are', async () => {
    const { data, width, height } = face;
    const side = 7_000;
    const huge = await sharp(data, { raw: { width, height, channels: 3 } })
      .resize(side, side * 0.75)
      .jpeg()
      .toBuffer();
    const shown = await decodeShown(huge, { mostPixels: 10 ** 6 });
    expect([shown.width, shown.height]).toEqual([side, side * 0.75]);
    expect(shown.picture.width * shown.picture.height).toBeLessThanOrEqual(10 ** 6);
    const reading = await reader.readPicture(huge);
    expect([reading.width, reading.height]).toEqual([side, side * 0.75]);
    const small = faceIn(await reader.readPicture(face));
    faceIn(reading).landmarks.forEach((at, i) => {
      expect(Math.abs(at / (side / 400) - (small.landmarks[i] as number))).toBeLessThan(1.5);
    });
  });

  it('that is beyond the decoder says so', async () => {
    const bytes = Buffer.from(await png(picture(1, 8)));
    bytes.writeUInt32BE(20_000, 16);
    bytes.writeUInt32BE(20_000, 20);
    bytes.writeUInt32BE(crc32(bytes.subarray(12, 29)), 29); // of the header
    const file = fileOf('beyond.png', bytes);
    await expect(reader.readPicture(file)).rejects.toThrow(
      'beyond.png: found a picture larger than 16,384 × 16,384; expected a picture',
    );
  });
});

describe('pictures', () => {
  it('are read in their order, those that do not open left out and told', async () => {
    const files = [
      fileOf('0.png', await png(face)),
      fileOf('1.png', (await png(face)).subarray(0, 900)),
      fileOf('2.jpg', await encodeJpeg(picture(2, 90))),
      join(folder, 'nothing.png'),
      fileOf('4.jpg', await encodeJpeg(face, 100)),
    ];
    const problems: ReadingProblem[] = [];
    const readings = await all(reader.readPictures(files, { onProblem: (one) => problems.push(one) }));
    expect(readings.map(({ source, faces }) => [source, faces.length])).toEqual([
      [files[0], 1],
      [files[2], 0],
      [files[4], 1],
    ]);
    expect(problems).toEqual([
      { source: files[1], message: `${files[1]}: found a picture that is cut off; expected a picture` },
      { source: files[3], message: `${files[3]}: found no such file; expected a picture` },
    ]);
    const alone = await reader.readPicture(files[0] as string);
    expect(valuesOf(faceIn(readings[0] as typeof alone))).toEqual(valuesOf(faceIn(alone)));
    await expect(all(reader.readPictures(files, { strict: true }))).rejects.toSatisfy(isDataError);
  });

  it('of several faces have them from the largest down', async () => {
    const { data, width, height } = face;
    const original = await sharp(data, { raw: { width, height, channels: 3 } })
      .png()
      .toBuffer();
    const smaller = await sharp(original).resize(240, 180).png().toBuffer();
    const two = await sharp({ create: { width: 640, height: 300, channels: 3, background: '#777' } })
      .composite([
        { input: smaller, left: 0, top: 60 },
        { input: original, left: 240, top: 0 },
      ])
      .png()
      .toBuffer();
    const { faces } = await reader.readPicture(two);
    expect(faces.map((one) => one.face)).toEqual([0, 1]);
    expect(faces.map(({ box }) => box.x > 240)).toEqual([true, false]);
  });

  it('may be left unread by a reader that is closed, again and again', async () => {
    for (let time = 0; time < 8; time++) {
      const closing = await openReader({ models: [join(folder, 'model.onnx')], threads: 1 });
      const readings = [1, 2, 3, 4].map(() => closing.readPicture(face).catch(({ message }) => message));
      await readings[0]; // the thread is at work on the next
      await closing.close();
      expect(await readings[3]).toBe('the reader was closed');
    }
  });
});
