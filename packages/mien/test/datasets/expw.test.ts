import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { readExpw } from 'mien/datasets';
import { decodeRgb, encodeJpeg, encodePng } from 'mien/images';
import { describe, expect, it } from 'vitest';
import { folderWith } from '../../../../test/folders.js';
import { GOLDEN } from '../support/golden.js';
import { readAll } from './readers.js';

const picture = (width: number, height: number, colour: number[]) => ({
  width,
  height,
  data: Uint8Array.from({ length: width * height * 3 }, (_, i) => colour[i % 3] ?? 0),
});

/** A set with pictures `a.jpg` and `b.jpg` of 40 × 30. */
async function expw(list: string | Buffer) {
  const folder = folderWith({});
  mkdirSync(join(folder, 'images'));
  for (const name of ['a.jpg', 'b.jpg'])
    writeFileSync(join(folder, 'images', name), await encodeJpeg(picture(40, 30, [200, 100, 50])));
  writeFileSync(join(folder, 'label.lst'), list);
  return { list: join(folder, 'label.lst'), images: join(folder, 'images'), crops: join(folder, 'crops') };
}

describe('ExpW', () => {
  it('cuts every face into a file of its own, in the order of the list', async () => {
    const options = await expw('a.jpg 0 5 10 30 25 80.5 3\nb.jpg 0 0 0 10 10 60 0\na.jpg 1 1 2 13 12 90 6\n');
    const { rows, tally } = await readAll(readExpw, options);
    expect(rows).toEqual([
      {
        dataset: 'expw',
        image: 'a_0.jpg',
        split: 'train',
        box: { x: 10, y: 5, width: 20, height: 20 },
        expression: 'happiness',
      },
      {
        dataset: 'expw',
        image: 'b_0.jpg',
        split: 'train',
        box: { x: 0, y: 0, width: 10, height: 10 },
        expression: 'anger',
      },
      {
        dataset: 'expw',
        image: 'a_1.jpg',
        split: 'train',
        box: { x: 2, y: 1, width: 11, height: 11 },
        expression: 'neutral',
      },
    ]);
    expect(tally).toMatchObject({ kept: 3, dropped: {} });
    expect(await decodeRgb(join(options.crops, 'a_0.jpg'))).toMatchObject({ width: 20, height: 20 });
  });

  it('fills what lies beyond the picture with black', async () => {
    const options = await expw('a.jpg 0 -10 -20 20 10 80 3\n');
    await readAll(readExpw, options);
    const crop = await decodeRgb(join(options.crops, 'a_0.jpg'));
    expect(crop).toMatchObject({ width: 40, height: 20 });
    const red = (x: number, y: number) => crop.data[(y * 40 + x) * 3] ?? Number.NaN;
    expect(red(5, 5)).toBeLessThan(20);
    expect(red(35, 15)).toBeGreaterThan(180);
  });

  it('drops faces by confidence, missing and broken pictures and empty boxes, and counts them', async () => {
    const options = await expw(
      [
        'a.jpg 0 5 10 30 25 19.9 3',
        'a.jpg 1 5 10 30 25 20 3',
        'none.jpg 0 5 10 30 25 80 3',
        'b.jpg 0 5 10 30 25 80 1',
        'a.jpg 2 5 30 30 25 80 1',
        'a.jpg 1 0 0 9 9 80 1',
      ].join('\n'),
    );
    truncateSync(join(options.images, 'b.jpg'), 150);
    const { rows, tally } = await readAll(readExpw, { ...options, minConfidence: 20 });
    expect(rows.map(({ image }) => image)).toEqual(['a_1.jpg']);
    expect(Object.entries(tally.dropped).map(([reason, { examples }]) => [reason, examples])).toEqual([
      ['a confidence below the minimum', [`${options.list}:1`]],
      ['no such picture', [`${options.list}:3`]],
      ['an empty box', [`${options.list}:5`]],
      ['a face that was listed before', [`${options.list}:6`]],
      ['a picture that cannot be decoded', [`${options.list}:4`]],
    ]);
    await expect(readAll(readExpw, options, { strict: true })).rejects.toThrow(
      /label\.lst:3: found no such picture; expected .*none\.jpg/,
    );
  });

  it('keeps finished crops and makes the others again', async () => {
    const list = join(GOLDEN, 'datasets/raw/expw/label/label.lst');
    const options = {
      list,
      images: join(GOLDEN, 'datasets/raw/expw/image/origin'),
      crops: join(folderWith({}), 'crops'),
    };
    const first = await readAll(readExpw, options);
    const contents = () =>
      readdirSync(options.crops).map((name) => [name, readFileSync(join(options.crops, name), 'base64')]);
    const before = contents();
    rmSync(join(options.crops, 'sad_child_166_1.jpg'));
    truncateSync(join(options.crops, 'sad_child_166_2.jpg'), 0);
    const kept = statSync(join(options.crops, 'afraid_100_0.jpg')).mtimeMs;
    expect(await readAll(readExpw, options)).toEqual(first);
    expect(contents()).toEqual(before);
    expect(statSync(join(options.crops, 'afraid_100_0.jpg')).mtimeMs).toBe(kept);
  });

  it('writes into no folder that holds other things', async () => {
    const options = await expw('a.jpg 0 5 10 30 25 80.5 3\n');
    await expect(readAll(readExpw, { ...options, crops: options.images })).rejects.toThrow(
      /images: found "a\.jpg" and no crops\.json; expected a new folder/,
    );
    cpSync(join(GOLDEN, 'datasets/expected/expw.json'), join(options.crops, 'crops.json'));
    await expect(readAll(readExpw, options)).rejects.toThrow(
      /crops\.json: found crops made with .*; expected align box as listed, format jpg/,
    );
    writeFileSync(join(options.crops, 'crops.json'), '{"align": ');
    await expect(readAll(readExpw, options)).rejects.toThrow(/crops\.json: found no JSON/);
  });

  it.each<[string, string | Buffer, RegExp]>([
    [
      'seven fields',
      'a.jpg 0 5 10 30 25 80.5\n',
      /label\.lst:1: found 7 fields; expected 8: image, face id, top/,
    ],
    ['nine fields', 'a.jpg 0 5 10 30 25 80.5 3 1\n', /label\.lst:1: found 9 fields/],
    [
      'an empty line',
      'a.jpg 0 5 10 30 25 80.5 3\n\nb.jpg 0 5 10 30 25 80.5 3\n',
      /label\.lst:2: found no fields/,
    ],
    [
      'an expression of 7',
      'a.jpg 0 5 10 30 25 80.5 7\n',
      /label\.lst:1, column expression: found "7"; expected an integer from 0 to 6/,
    ],
    ['a coordinate that is no integer', 'a.jpg 0 5.5 10 30 25 80.5 3\n', /column top: found "5\.5"/],
    ['a confidence of NaN', 'a.jpg 0 5 10 30 25 NaN 3\n', /column confidence: found "NaN"/],
    ['a face id below 0', 'a.jpg -1 5 10 30 25 80.5 3\n', /column face id: found "-1"/],
    [
      'a path for a name',
      '../a.jpg 0 5 10 30 25 80.5 3\n',
      /column image: found "\.\.\/a\.jpg"; expected a file name/,
    ],
    [
      'Latin-1',
      Buffer.from('a.jpg 0 5 10 30 25 80.5 3\nfran\xe7ois.jpg 0 5 10 30 25 80.5 3\n', 'latin1'),
      /label\.lst:2: found bytes that are no UTF-8/,
    ],
    [
      'UTF-16',
      Buffer.from('\ufeffa.jpg 0 5 10 30 25 80.5 3\n', 'utf16le'),
      /label\.lst:1: found UTF-16 text/,
    ],
  ])('refuses %s with its line', async (_, list, message) => {
    await expect(readAll(readExpw, await expw(list))).rejects.toThrow(message);
  });

  it('takes a byte order mark, CRLF and no last line end', async () => {
    const { rows } = await readAll(
      readExpw,
      await expw('\ufeffa.jpg 0 5 10 30 25 80.5 3\r\nb.jpg 0 5 10 30 25 80.5 3'),
    );
    expect(rows.map(({ image }) => image)).toEqual(['a_0.jpg', 'b_0.jpg']);
  });

  it('drops expressions that another schema lacks', async () => {
    const schema = { name: 'two', actionUnits: [], expressions: ['neutral', 'happiness'] };
    const options = await expw('a.jpg 0 5 10 30 25 80.5 3\nb.jpg 0 5 10 30 25 80.5 0\n');
    const { rows, tally } = await readAll(readExpw, options, { schema });
    expect(rows).toHaveLength(1);
    expect(tally.dropped['an expression that the schema lacks']?.count).toBe(1);
  });

  it('tells a PNG that is called JPEG by its content', async () => {
    const options = await expw('a.jpg 0 5 10 30 25 80.5 3\n');
    writeFileSync(join(options.images, 'a.jpg'), await encodePng(picture(40, 30, [1, 2, 3])));
    expect((await readAll(readExpw, options)).rows).toHaveLength(1);
  });
});
