import { join } from 'node:path';
import { readDisfa, splitDisfa } from 'mien/datasets';
import { ABAW3 } from 'mien/labels';
import { describe, expect, it } from 'vitest';
import { folderWith } from '../../../../test/folders.js';
import { readAll } from './readers.js';

const UNITS = [1, 2, 4, 6, 12, 15, 20, 25];
/** Label files of SN001, the same intensities for every action unit. */
const labels = (intensities: number[], units = UNITS) =>
  Object.fromEntries(
    units.map((unit) => [
      `labels/SN001/SN001_au${unit}.txt`,
      intensities.map((value, i) => `${i + 1},${value}\n`).join(''),
    ]),
  );
const aligned = (names: string[], video = 'LeftVideoSN001_comp') =>
  Object.fromEntries(names.map((name) => [`images/${video}/${video}_aligned/${name}`, '']));

const read = (files: Record<string, string>, threshold = 2, context = {}) => {
  const folder = folderWith({ 'images/.keep': '', ...files });
  return readAll(
    readDisfa,
    { labels: join(folder, 'labels'), images: join(folder, 'images'), threshold },
    context,
  );
};

describe('DISFA', () => {
  it('keeps intensities, and calls an action unit present from the threshold on', async () => {
    const files = {
      ...labels([0, 1, 2, 5]),
      ...aligned(['frame_det_00_000002.bmp', 'frame_det_00_000003.bmp']),
    };
    const { rows, tally } = await read(files);
    expect(rows).toEqual([
      {
        dataset: 'disfa',
        image: 'LeftVideoSN001_comp/LeftVideoSN001_comp_aligned/frame_det_00_000002.bmp',
        split: 'train',
        subject: 'SN001',
        clip: 'SN001',
        frame: 1,
        actionUnits: new Array(8).fill(0),
        intensities: new Array(8).fill(1),
      },
      expect.objectContaining({
        frame: 2,
        actionUnits: new Array(8).fill(1),
        intensities: new Array(8).fill(2),
      }),
    ]);
    expect(tally.noted['label lines without a picture']?.count).toBe(2);
    const { rows: strict } = await read(files, 3);
    expect(strict[1]?.actionUnits).toEqual(new Array(8).fill(0));
  });

  it('pairs by number where a frame is lost, and drops a second face', async () => {
    const names = ['frame_det_00_000001.bmp', 'frame_det_00_000003.bmp', 'frame_det_01_000002.bmp'];
    const { rows, tally } = await read({ ...labels([0, 3, 5]), ...aligned(names) });
    expect(rows.map(({ frame, intensities }) => [frame, intensities?.[0]])).toEqual([
      [0, 0],
      [2, 5],
    ]);
    expect(tally.dropped['a second face']?.count).toBe(1);
  });

  it.each(['1.jpg', '00001.png', 'frame_1.JPEG', 'SN001_0001.bmp'])(
    'reads a plain folder with %s',
    async (name) => {
      const { rows } = await read({
        ...labels([4]),
        [`images/SN001/${name}`]: '',
        'images/SN001/notes.txt': '',
      });
      expect(rows).toMatchObject([{ image: `SN001/${name}`, frame: 0 }]);
    },
  );

  it('knows the action units of another schema that it has', async () => {
    const files = { ...labels([3], [...UNITS, 26]), ...aligned(['frame_det_00_000001.bmp']) };
    const { rows } = await read(files, 2, { schema: ABAW3 });
    const known = ABAW3.actionUnits.filter((_, k) => rows[0]?.actionUnits?.[k] === 1);
    expect(known).toEqual(['AU1', 'AU2', 'AU4', 'AU6', 'AU12', 'AU15', 'AU25', 'AU26']);
  });

  it('leaves an action unit unknown whose file is not there, and says so; strictly, it refuses', async () => {
    const files = { ...labels([3], UNITS.slice(1)), ...aligned(['frame_det_00_000001.bmp']) };
    const { rows, tally } = await read(files);
    expect(rows[0]?.actionUnits).toEqual([undefined, 1, 1, 1, 1, 1, 1, 1]);
    expect(tally.noted['no label file of AU1']).toEqual({ count: 1, examples: ['SN001'] });
    await expect(read(files, 2, { strict: true })).rejects.toThrow(/SN001_au1\.txt: found no such file/);
  });

  it('splits 27 people into 21 and 6, others in the same proportion, each once', () => {
    const people = Array.from({ length: 27 }, (_, i) => `SN${String(i + 1).padStart(3, '0')}`);
    const count = (n: number) =>
      splitDisfa(people.slice(0, n)).filter(({ split }) => split === 'train').length;
    expect([27, 12, 9, 1].map(count)).toEqual([21, 9, 7, 1]);
    const split = splitDisfa([...people].reverse());
    expect(split.map(({ subject }) => subject).sort()).toEqual(people);
    expect(split.slice(0, 21).every(({ split: part }) => part === 'train')).toBe(true);
  });

  const good = { ...labels([0, 1]), ...aligned(['frame_det_00_000001.bmp']) };
  const au1 = 'labels/SN001/SN001_au1.txt';
  it.each<[string, Record<string, string>, RegExp]>([
    [
      'a line without a comma',
      { [au1]: '1 0\n2,1\n' },
      /SN001_au1\.txt:1: found "1 0"; expected frame,intensity/,
    ],
    ['a third field', { [au1]: '1,0\n2,1,0\n' }, /SN001_au1\.txt:2: found "2,1,0"/],
    [
      'an intensity of 6',
      { [au1]: '1,0\n2,6\n' },
      /SN001_au1\.txt:2, column intensity: found "6"; expected an integer from 0 to 5/,
    ],
    ['an intensity of 1.5', { [au1]: '1,1.5\n2,1\n' }, /:1, column intensity: found "1.5"/],
    ['NaN', { [au1]: '1,NaN\n2,1\n' }, /:1, column intensity: found "NaN"/],
    [
      'a frame left out',
      { [au1]: '1,0\n3,0\n' },
      /SN001_au1\.txt:2, column frame: found "3"; expected an integer from 2 to 2/,
    ],
    ['frames from 0', { [au1]: '0,0\n1,0\n' }, /SN001_au1\.txt:1, column frame: found "0"/],
    ['an empty file', { [au1]: '' }, /SN001_au1\.txt: found an empty file/],
    ['an empty line', { [au1]: '1,0\n\n' }, /SN001_au1\.txt:2: found ""/],
    [
      'fewer lines than others',
      { [au1]: '1,0\n' },
      /SN001_au2\.txt:2: found 2 lines; expected 1, as in SN001_au1\.txt/,
    ],
    ['a zero byte', { [au1]: '1,0\n2,\u00001\n' }, /SN001_au1\.txt:2: found a zero byte/],
    [
      'more pictures than lines',
      aligned(['frame_det_00_000003.bmp']),
      /frame_det_00_000003\.bmp: found frame 3; expected at most 2/,
    ],
    [
      'a picture numbered 0',
      aligned(['frame_det_00_000000.bmp']),
      /found a frame numbered 0; expected frames numbered from 1/,
    ],
    ['two pictures of one frame', aligned(['frame_det_00_000001.png']), /000001\.png: found frame 1 again/],
  ])('refuses %s with its place', async (_, files, message) => {
    await expect(read({ ...good, ...files })).rejects.toThrow(message);
  });

  it('takes a byte order mark and CRLF', async () => {
    const { rows } = await read({ ...good, [au1]: '\ufeff1,0\r\n2,1\r\n' });
    expect(rows).toHaveLength(1);
  });

  it('refuses folders that are not there, or hold no subjects', async () => {
    const folder = folderWith({ 'labels/notes.txt': '', 'images/.keep': '' });
    const options = { labels: join(folder, 'labels'), images: join(folder, 'images'), threshold: 2 };
    await expect(readAll(readDisfa, options)).rejects.toThrow(
      /labels: found no folder of a subject; expected SN001/,
    );
    await expect(readAll(readDisfa, { ...options, labels: join(folder, 'nothing') })).rejects.toThrow(
      /nothing: found no such folder/,
    );
    await expect(readAll(readDisfa, { ...options, images: join(folder, 'nothing') })).rejects.toThrow(
      /nothing: found no such folder/,
    );
    await expect(read({ 'labels/SN001/other.txt': '' })).rejects.toThrow(/SN001: found no label file of AU1/);
  });

  it('counts a subject without pictures, strictly refuses it', async () => {
    const { rows, tally } = await read({ ...labels([0]), 'images/SN002/1.jpg': '' });
    expect(rows).toEqual([]);
    expect(tally.dropped['a subject without a folder of pictures']?.count).toBe(1);
    await expect(read(labels([0]), 2, { strict: true })).rejects.toThrow(
      /SN001: found a subject without a folder of pictures; expected LeftVideoSN001_comp or SN001/,
    );
  });
});
