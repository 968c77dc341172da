import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CropsOptions } from 'mien/datasets';
import { describe, expect, it } from 'vitest';
import { folderWith } from '../../../../../test/folders.js';
import { crop, HEADER, points } from './cropping.js';
import { fivePoints } from './faces.js';

describe('a table of landmarks', () => {
  const good = points(fivePoints(48, 40));
  it.each<[string, Record<string, string>, RegExp]>([
    [
      'without a face that could be kept',
      { 't.csv': `image,${HEADER}\n1.jpg,${','.repeat(9)}\n` },
      /found no face that could be kept \(dropped 1: no face found, such as .*t\.csv:2\)/,
    ],
    ['that is not there', {}, /t\.csv: found no such file/],
    ['that is empty', { 't.csv': '' }, /t\.csv: found an empty file/],
    ['of a header alone', { 't.csv': `image,${HEADER}\n` }, /t\.csv: found no rows/],
    [
      'with a cell too few',
      { 't.csv': `image,${HEADER}\n1.jpg,${good.slice(0, -3)}\n`.replace(/,\d+\n$/, '\n') },
      /t\.csv:2: found 9 cells .*; expected 11, as there are columns/,
    ],
    [
      'of six points',
      { 't.csv': `image,${HEADER},x5,y5\n1.jpg,${good},1,1\n` },
      /t\.csv:1: found 6 columns x… and 6 columns y…; expected columns x0, y0/,
    ],
    [
      'without y4',
      { 't.csv': `image,${HEADER.replace('y4', 'z4')}\n1.jpg,${good}\n` },
      /t\.csv:1: found 5 columns x… and 4 columns y…|no column y4/,
    ],
    [
      'with a text for a coordinate',
      { 't.csv': `image,${HEADER}\n1.jpg,left${good.slice(2)}\n` },
      /t\.csv:2, column x0: found "left"; expected a number/,
    ],
    [
      'with half a face',
      { 't.csv': `image,${HEADER}\n1.jpg,${good.replace(/\d+$/, '')}\n` },
      /t\.csv:2, column y4: found ""/,
    ],
    [
      'with NaN',
      { 't.csv': `image,${HEADER}\n1.jpg,${good.replace(/^\d+/, 'NaN')}\n` },
      /t\.csv:2, column x0: found "NaN"/,
    ],
    [
      'with a frame of 1.5',
      { 't.csv': `image,frame,${HEADER}\n1.jpg,1.5,${good}\n` },
      /t\.csv:2, column frame: found "1\.5"/,
    ],
    [
      'of a video without frames',
      { 't.csv': `video,${HEADER}\nv.mkv,${good}\n` },
      /t\.csv:2, column frame: found no number; expected the number of the frame/,
    ],
    [
      'with a path that leaves the folder',
      { 't.csv': `image,${HEADER}\n../1.jpg,${good}\n` },
      /t\.csv:2: found "\.\.\/1\.jpg"; expected a path below/,
    ],
    [
      'without paths, of no video',
      { 't.csv': `frame,${HEADER}\n1,${good}\n` },
      /t\.csv: found no videos t\.\* in .*in; expected columns image, or video and frame/,
    ],
    [
      'of two videos of one name',
      { 't.csv': `frame,${HEADER}\n1,${good}\n`, 'in/t.mp4': '', 'in/t.avi': '' },
      /t\.csv: found 2 videos t\.\*/,
    ],
    [
      'with one face twice',
      { 't.csv': `image,face,${HEADER}\n1.jpg,1,${good}\n1.jpg,1,${good}\n` },
      /t\.csv:2: found crop 1_1\.png again/,
    ],
  ])('%s is refused with its place', async (_, files, message) => {
    const folder = folderWith({ 'in/1.jpg': '', ...files });
    await expect(crop(folder, { landmarks: join(folder, 't.csv') })).rejects.toThrow(message);
  });

  it.each<[string, string, RegExp]>([
    ['no JSON', 'image', /t\.jsonl:1: found "image", which is no JSON/],
    ['a list', '[1]', /t\.jsonl:1: found "\[1\]"; expected an object in JSON/],
    [
      '9 numbers',
      '{"image":"1.jpg","landmarks":[1,2,3,4,5,6,7,8,9]}',
      /t\.jsonl:1, column landmarks: found 9 numbers/,
    ],
    [
      'landmarks that are no list',
      '{"image":"1.jpg","landmarks":{"x":1}}',
      /t\.jsonl:1, column landmarks: found ".*"; expected a list of x and y of/,
    ],
    [
      'a box of three numbers',
      '{"image":"1.jpg","box":[1,2,3]}',
      /t\.jsonl:1, column box: found "\[1,2,3\]"; expected x, y, width, height/,
    ],
  ])('of JSON Lines with %s is refused with its line', async (_, text, message) => {
    const folder = folderWith({ 'in/1.jpg': '', 't.jsonl': `${text}\n` });
    await expect(crop(folder, { landmarks: join(folder, 't.jsonl') })).rejects.toThrow(message);
  });
});

describe('an input', () => {
  it.each<[string, Record<string, string>, Partial<CropsOptions>, RegExp]>([
    ['that is not there', {}, {}, /in: found nothing; expected a manifest \(\.parquet\), a picture, a video/],
    ['of another kind', { in: '' }, {}, /in: found another file/],
    [
      'without landmarks',
      { 'in/1.jpg': '' },
      {},
      /in: found pictures or videos without landmarks.*Give --landmarks/,
    ],
    [
      'whose tables are not there',
      { 'in/1.jpg': '', 'tables/notes.txt': '' },
      { landmarks: 'tables' },
      /tables: found no table/,
    ],
  ])('%s is refused', async (_, files, options, message) => {
    const folder = folderWith(files);
    const landmarks = options.landmarks && join(folder, options.landmarks);
    await expect(crop(folder, { landmarks })).rejects.toThrow(message);
  });

  it('of a manifest and a table is refused', async () => {
    const folder = folderWith({});
    const options = { input: join(folder, 'm.parquet'), landmarks: join(folder, 't.csv') };
    await expect(crop(folder, options)).rejects.toThrow(/found a manifest and a table of landmarks/);
    writeFileSync(options.input, 'x');
    await expect(crop(folder, { input: options.input })).rejects.toThrow(/expected a Parquet file/);
  });
});
