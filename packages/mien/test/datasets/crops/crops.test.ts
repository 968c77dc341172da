import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import type { FaceRow } from 'mien/datasets';
import { cropFace, type FaceFinder } from 'mien/faces';
import { decodeRgb } from 'mien/images';
import { describe, expect, it } from 'vitest';
import { folderWith } from '../../../../../test/folders.js';
import { writeVideo } from '../../support/videos.js';
import { crop, HEADER, imagesOf, points, RECIPE, rowsOf } from './cropping.js';
import { contentsOf, fivePoints, waves, writeFaces, writePicture } from './faces.js';

describe('crops of a manifest', () => {
  it('keep everything but landmarks, in the order of the rows', async () => {
    const folder = folderWith({});
    for (const name of ['s/b.jpg', 's/a.jpg']) await writePicture(join(folder, 'raw', name), 1);
    const rows: FaceRow[] = ['s/b.jpg', 's/a.jpg'].map((image) => ({
      dataset: 'set',
      image,
      split: 'validation',
      subject: 'p1',
      box: { x: 1, y: 2, width: 50, height: 60 },
      landmarks: fivePoints(48, 40),
      expression: 'fear',
      valence: 0.25,
      actionUnits: [1, 0, undefined, 0, 0, 0, 0, 1],
    }));
    writeFaces(join(folder, 'm.parquet'), rows, { set: join(folder, 'raw') });
    const result = await crop(folder, { input: join(folder, 'm.parquet') });
    expect(rowsOf(result)).toEqual(
      rows.map(({ landmarks: _, ...row }, i) => ({ ...row, image: ['s/b.png', 's/a.png'][i] })),
    );
    expect(result).toMatchObject({ made: 2, finished: 0 });
    expect([...result.manifest.roots]).toEqual([['set', join(folder, 'crops')]]);
    expect(result.manifest.history.map(({ command }) => command)).toEqual(['crops']);
    const written = await decodeRgb(join(folder, 'crops/s/a.png'));
    const picture = await decodeRgb(join(folder, 'raw/s/a.jpg'));
    expect(written.data).toEqual(
      Buffer.from(cropFace(picture, { landmarks: fivePoints(48, 40) }, RECIPE).data),
    );
  });

  it('are named by clip and frame from 1 in five digits, in more where the clip needs them', async () => {
    const folder = folderWith({});
    await writePicture(join(folder, 'raw/1.jpg'), 1);
    const frames = [
      ['short', 0],
      ['short', 99_998],
      ['long', 7],
      ['long', 99_999],
    ] as const;
    for (const [clip, frame] of frames) await writePicture(join(folder, 'raw', clip, `f${frame}.jpg`), frame);
    const rows = frames.map(([clip, frame]) => ({
      dataset: 'set',
      image: `${clip}/f${frame}.jpg`,
      clip,
      frame,
      landmarks: fivePoints(48, 40),
    }));
    writeFaces(join(folder, 'm.parquet'), rows, { set: join(folder, 'raw') });
    expect(imagesOf(await crop(folder, { input: join(folder, 'm.parquet') }))).toEqual([
      'short/00001.png',
      'short/99999.png',
      'long/000008.png',
      'long/100000.png',
    ]);
  });

  it('of several data sets lie apart', async () => {
    const folder = folderWith({});
    for (const name of ['one', 'two']) await writePicture(join(folder, name, '1.jpg'), 1);
    const rows = ['one', 'two'].map((dataset) => ({
      dataset,
      image: '1.jpg',
      landmarks: fivePoints(48, 40),
    }));
    writeFaces(join(folder, 'm.parquet'), rows, { one: join(folder, 'one'), two: join(folder, 'two') });
    const result = await crop(folder, { input: join(folder, 'm.parquet') });
    expect(imagesOf(result)).toEqual(['one/1.png', 'two/1.png']);
  });

  it('that would share a name are refused', async () => {
    const folder = folderWith({});
    const rows = ['a.jpg', 'a.png'].map((image) => ({
      dataset: 'set',
      image,
      landmarks: fivePoints(48, 40),
    }));
    writeFaces(join(folder, 'm.parquet'), rows, { set: folder });
    await expect(crop(folder, { input: join(folder, 'm.parquet') })).rejects.toThrow(
      /m\.parquet:2: found .*a\.png, whose crop would be a as that of .*a\.jpg; expected names that differ/,
    );
  });

  it('that would lie outside their folder are refused', async () => {
    const folder = folderWith({});
    writeFaces(join(folder, 'm.parquet'), [{ dataset: 'set', image: '../a.jpg' }], { set: folder });
    await expect(crop(folder, { input: join(folder, 'm.parquet') })).rejects.toThrow(
      /m\.parquet:1: found crop \.\.\/a\.png; expected a path below the folder of crops/,
    );
  });
});

describe('crops of pictures with a table', () => {
  it('take each face of a picture, the second with its number', async () => {
    const folder = folderWith({
      'table.csv': `image,${HEADER}\nb/1.jpg,${points(fivePoints(40, 40))}\na.png,${points(fivePoints(48, 40))}\nb/1.jpg,${points(fivePoints(60, 40))}\n`,
    });
    await writePicture(join(folder, 'in/b/1.jpg'), 1);
    await writePicture(join(folder, 'in/a.png'), 2);
    const result = await crop(folder, { landmarks: join(folder, 'table.csv') });
    expect(rowsOf(result)).toEqual([
      { dataset: 'mine', image: 'b/1.png' },
      { dataset: 'mine', image: 'a.png' },
      { dataset: 'mine', image: 'b/1_1.png' },
    ]);
    const expected = cropFace(waves(2), { landmarks: fivePoints(48, 40) }, RECIPE);
    expect((await decodeRgb(join(folder, 'crops/a.png'))).data).toEqual(Buffer.from(expected.data));
  });

  it('read JSON Lines with landmarks flat or in pairs, and boxes', async () => {
    const pairs = [0, 1, 2, 3, 4].map((i) => fivePoints(48, 40).slice(2 * i, 2 * i + 2));
    const lines = [
      { image: '1.jpg', landmarks: fivePoints(48, 40), clip: 'c', frame: 4 },
      { image: '2.jpg', landmarks: pairs, box: [1, 2, 3, 4] },
      { image: '3.jpg', box: { x: 5, y: 6, width: 7, height: 8 }, face: 2, landmarks: fivePoints(48, 40) },
    ];
    const folder = folderWith({ 'table.jsonl': lines.map((line) => JSON.stringify(line)).join('\n\n') });
    for (const i of [1, 2, 3]) await writePicture(join(folder, 'in', `${i}.jpg`), i);
    expect(rowsOf(await crop(folder, { landmarks: join(folder, 'table.jsonl') }))).toEqual([
      { dataset: 'mine', image: 'c/00005.png', clip: 'c', frame: 4 },
      { dataset: 'mine', image: '2.png', box: { x: 1, y: 2, width: 3, height: 4 } },
      { dataset: 'mine', image: '3_2.png', box: { x: 5, y: 6, width: 7, height: 8 } },
    ]);
  });

  it('drop what cannot be cut out and count it; strictly, they refuse', async () => {
    const folder = folderWith({
      'table.csv': `image,${HEADER}\n1.jpg,${points(fivePoints(48, 40))}\n2.jpg,${points(new Array(10).fill(3))}\n3.jpg,${points(fivePoints(48, 40))}\n4.jpg,${','.repeat(9)}\n5.jpg,${points(fivePoints(48, 40))}\n`,
    });
    for (const i of [1, 2, 3]) await writePicture(join(folder, 'in', `${i}.jpg`), i);
    truncateSync(join(folder, 'in/3.jpg'), 400);
    const options = { landmarks: join(folder, 'table.csv') };
    const result = await crop(folder, options);
    expect(imagesOf(result)).toEqual(['1.png']);
    const { dropped } = result.manifest.history[0]?.tally ?? {};
    expect(dropped).toEqual({
      'no face found': { count: 1, examples: [`${join(folder, 'table.csv')}:5`] },
      'landmarks that all lie in one place': { count: 1, examples: [join(folder, 'in/2.jpg')] },
      'a picture that cannot be decoded': {
        count: 2,
        examples: [join(folder, 'in/3.jpg'), join(folder, 'in/5.jpg')],
      },
    });
    await expect(crop(folder, options, { strict: true })).rejects.toThrow(
      /in\/2\.jpg: found landmarks that all lie in one place/,
    );
  });
});

describe('crops of videos', () => {
  const GREYS = Array.from({ length: 12 }, (_, i) => 20 * i + 10);
  /** The grey in the middle of a crop. */
  async function greyOf(file: string): Promise<number> {
    const { data, width, height } = await decodeRgb(file);
    return data[(Math.floor(height / 2) * width + Math.floor(width / 2)) * 3] ?? Number.NaN;
  }

  it('take the frames that the table names, each face under its own number', async () => {
    const row = (frame: number, face: number | string) =>
      `batch/v.mkv,${frame},${face},${points(fivePoints(32, 24))}`;
    const folder = folderWith({
      'in/batch/.keep': '',
      'table.csv': [`video,frame,face,${HEADER}`, row(5, 0), row(2, 1), row(5, 1), row(11, 0)].join('\n'),
    });
    writeVideo(join(folder, 'in/batch/v.mkv'), GREYS);
    const result = await crop(folder, { landmarks: join(folder, 'table.csv') });
    expect(rowsOf(result)).toEqual(
      [
        ['batch/v/00006.png', 5],
        ['batch/v/00003_1.png', 2],
        ['batch/v/00006_1.png', 5],
        ['batch/v/00012.png', 11],
      ].map(([image, frame]) => ({ dataset: 'mine', image, clip: 'batch/v', frame })),
    );
    expect(await greyOf(join(folder, 'crops/batch/v/00003_1.png'))).toBe(GREYS[2]);
    expect(await greyOf(join(folder, 'crops/batch/v/00006_1.png'))).toBe(GREYS[5]);
    expect(await greyOf(join(folder, 'crops/batch/v/00012.png'))).toBe(GREYS[11]);
  });

  it('count frames that a video lacks, and videos that are damaged or missing', async () => {
    const row = (video: string, frame: number) => `${video},${frame},${points(fivePoints(32, 24))}`;
    const folder = folderWith({
      'in/bad.mp4': 'no video',
      'table.csv': [
        `video,frame,${HEADER}`,
        row('v.mkv', 11),
        row('v.mkv', 12),
        row('bad.mp4', 0),
        row('none.mkv', 3),
      ].join('\n'),
    });
    writeVideo(join(folder, 'in/v.mkv'), GREYS);
    const result = await crop(folder, { landmarks: join(folder, 'table.csv') });
    expect(imagesOf(result)).toEqual(['v/00012.png']);
    expect(result.manifest.history[0]?.tally.dropped).toEqual({
      'a frame that the video lacks': { count: 1, examples: [`${join(folder, 'in/v.mkv')}:13`] },
      'a video that cannot be decoded this far': {
        count: 2,
        examples: [`${join(folder, 'in/bad.mp4')}:1`, `${join(folder, 'in/none.mkv')}:4`],
      },
    });
  });

  const openFace = (frames: number[], found = frames.map(() => 1)) => {
    const axis = (letter: string) => Array.from({ length: 68 }, (_, i) => ` ${letter}_${i}`).join(',');
    const value = (i: number) => 20 + ((i * 7) % 30);
    const row = (frame: number, success: number) =>
      ` ${frame}, 0, 0.04, 0.98, ${success}, ${Array.from({ length: 136 }, (_, i) => value(i)).join(', ')}`;
    return [
      `frame, face_id, timestamp, confidence, success,${axis('x')},${axis('y')}`,
      ...frames.map((frame, i) => row(frame, found[i] ?? 1)),
    ].join('\r\n');
  };

  it("read OpenFace's own tables, whose frames count from 1, one per video", async () => {
    const folder = folderWith({ 'in/.keep': '', 'tables/v.csv': openFace([1, 2, 3, 4], [1, 0, 1, 1]) });
    writeVideo(join(folder, 'in/v.mkv'), GREYS);
    const result = await crop(folder, { landmarks: join(folder, 'tables'), align: 'box' });
    expect(imagesOf(result)).toEqual(['v/00001.png', 'v/00003.png', 'v/00004.png']);
    expect(result.manifest.history[0]?.tally.dropped['no face found']?.count).toBe(1);
    expect(await greyOf(join(folder, 'crops/v/00003.png'))).toBe(GREYS[2]);
  });

  it("read OpenFace's tables of a folder of frames, and of a single video whatever its name", async () => {
    const folder = folderWith({ 'tables/seq.csv': openFace([1, 3]) });
    for (const i of [10, 20, 30]) await writePicture(join(folder, 'in/seq', `img${i}.jpg`), i);
    const options = { landmarks: join(folder, 'tables/seq.csv'), align: 'box' as const };
    expect(rowsOf(await crop(folder, options))).toMatchObject([
      { image: 'seq/00001.png', clip: 'seq', frame: 0 },
      { image: 'seq/00003.png', clip: 'seq', frame: 2 },
    ]);
    writeVideo(join(folder, 'other.mkv'), GREYS);
    const single = { ...options, input: join(folder, 'other.mkv'), crops: join(folder, 'crops2') };
    expect(imagesOf(await crop(folder, single))).toEqual(['other/00001.png', 'other/00003.png']);
  });
});

/** One finder for pictures and videos. */
const both = (finder: FaceFinder) => ({ ofPictures: finder, ofVideo: () => finder });

describe('crops of faces that a finder finds', () => {
  it('are made without a table, and each picture and video is asked for once', async () => {
    const folder = folderWith({ 'in/.keep': '' });
    await writePicture(join(folder, 'in/p/1.jpg'), 1);
    writeVideo(join(folder, 'in/v.mkv'), [10, 200, 30]);
    let asked = 0;
    const finder = async ({ data }: { data: Uint8Array }) => {
      asked++;
      const faces = [
        { landmarks: fivePoints(30, 24), score: 0.9 },
        { landmarks: fivePoints(34, 24), score: 0.5 },
      ];
      return data[0] === 200 ? faces : data[0] === 10 ? [] : faces.slice(0, 1);
    };
    // The folder of crops may lie inside the input: crops are not taken for pictures.
    const options = { crops: join(folder, 'in/crops') };
    const first = await crop(folder, options, { finders: both(finder) });
    expect(imagesOf(first)).toEqual(['p/1.png', 'v/00002.png', 'v/00002_1.png', 'v/00003.png']);
    expect(first.manifest.history[0]?.tally.dropped['no face found']?.count).toBe(1);
    expect(asked).toBe(4);
    const before = contentsOf(options.crops);
    const second = await crop(folder, options, { finders: both(finder) });
    expect(rowsOf(second)).toEqual(rowsOf(first));
    expect(second).toMatchObject({ made: 0, finished: 4 });
    expect(asked).toBe(4);
    expect(contentsOf(options.crops)).toEqual(before);
  });

  it('are named by the numbers of their tracks, and each video is followed by a finder of its own', async () => {
    const folder = folderWith({ 'in/.keep': '' });
    for (const name of ['v', 'w']) writeVideo(join(folder, `in/${name}.mkv`), [10, 200]);
    const ofVideo = () => {
      let frame = 0;
      return async () => (frame++ === 0 ? [0, 1] : [1]).map((id) => ({ id, landmarks: fivePoints(30, 24) }));
    };
    const finders = { ofPictures: async () => [], ofVideo };
    expect(imagesOf(await crop(folder, {}, { finders }))).toEqual(
      ['v', 'w'].flatMap((name) => [`${name}/00001.png`, `${name}/00001_1.png`, `${name}/00002_1.png`]),
    );
  });

  it('are shared out and joined again', async () => {
    const folder = folderWith({ 'in/.keep': '' });
    for (const i of [1, 2, 3, 4, 5]) await writePicture(join(folder, `in/${i}.jpg`), i);
    const finder = async () => [{ landmarks: fivePoints(48, 40) }];
    const part = async (index: number) =>
      imagesOf(await crop(folder, { shard: { index, count: 2 } }, { finders: both(finder) }));
    expect([await part(0), await part(1)]).toEqual([
      ['1.png', '3.png', '5.png'],
      ['2.png', '4.png'],
    ]);
    const whole = await crop(folder, {}, { finders: both(finder) });
    expect(whole).toMatchObject({ made: 0, finished: 5 });
  });
});
