import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import {
  type AffWild2TestOptions,
  containerFrameCount,
  fillGaps,
  fillGapsAsReference,
  frameCountOf,
  importFaces,
  rawVideoName,
  readAffWild2Test,
  readTestList,
  type TestLists,
  testListsOf,
} from 'mien/datasets';
import { ABAW1 } from 'mien/labels';
import { describe, expect, it } from 'vitest';
import { folderWith, programs } from '../../../../test/folders.js';
import { tree } from '../support/aff-wild2.js';
import { GOLDEN } from '../support/golden.js';

const VIDEOS = join(GOLDEN, 'datasets/raw/aff_wild2/videos');

const cropNumbers = fc
  .uniqueArray(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 20 })
  .map((numbers) => numbers.sort((a, b) => a - b));

describe('fillGaps', () => {
  it('gives every frame its own crop, or else the last one before it, or else the first', () => {
    fc.assert(
      fc.property(cropNumbers, fc.nat(80), (numbers, length) => {
        const filled = fillGaps(numbers, length);
        expect(filled).toHaveLength(length);
        filled.forEach((crop, frame) => {
          expect(crop).toBe(numbers.findLast((number) => number <= frame + 1) ?? numbers[0]);
        });
      }),
    );
  });
});

describe('fillGapsAsReference', () => {
  it('is at least one frame longer than the container says, but for one that has a crop for each frame', () => {
    fc.assert(
      fc.property(cropNumbers, fc.nat(80), (numbers, frames) => {
        const filled = fillGapsAsReference(numbers, frames);
        expect(filled.length).toBeGreaterThanOrEqual(Math.min(frames + 1, numbers.length));
        expect(filled).toEqual(filled.toSorted((a, b) => a - b));
        expect(new Set([...filled, ...numbers]).size).toBe(numbers.length); // only crops that there are
      }),
    );
  });

  it.each(
    JSON.parse(readFileSync(join(GOLDEN, 'datasets/expected/aff_wild2_test_padding_cases.json'), 'utf8')) as {
      crop_numbers: number[];
      container_frame_count: number;
      result_crop_numbers: number[];
    }[],
  )('agrees with the reference on crops $crop_numbers of $container_frame_count frames', (one) => {
    expect(fillGapsAsReference(one.crop_numbers, one.container_frame_count)).toEqual(one.result_crop_numbers);
  });
});

describe('the frame count of a container', () => {
  it('is read from its header', async () => {
    expect(await containerFrameCount(join(VIDEOS, 'batch2/video93.avi'))).toBe(20);
  });

  it.each([
    ['the count of the stream', { nb_frames: '250', duration: '1' }, '9', 250],
    ['duration × rate where there is no count', { r_frame_rate: '30000/1001' }, '10.01', 300],
    ['duration × rate where the count is 0', { nb_frames: '0', r_frame_rate: '25/1' }, '1.98', 50],
    ['the average rate where there is no other', { r_frame_rate: '0/0', avg_frame_rate: '10/1' }, '2', 20],
    ["the stream's duration where the file has none", { r_frame_rate: '10/1', duration: '3' }, undefined, 30],
    ['unknown where nothing is told', {}, undefined, undefined],
  ])('is %s', (_, stream, duration, frames) => {
    expect(frameCountOf({ streams: [stream], format: duration === undefined ? {} : { duration } })).toBe(
      frames,
    );
  });

  it('cannot be had without ffprobe, from a text, or where none is told', async () => {
    const folder = folderWith({ 'v.mp4': 'no video' });
    const video = join(folder, 'v.mp4');
    await expect(containerFrameCount(video, 'no-such-ffprobe')).rejects.toThrow(
      /found no such program; expected ffprobe, to count the frames of videos\. Install ffmpeg/,
    );
    await expect(containerFrameCount(video)).rejects.toThrow(/v\.mp4: found no video that can be read/);
    const silent = join(programs({ ffprobe: 'echo {}' }), 'ffprobe');
    await expect(containerFrameCount(video, silent)).rejects.toThrow(
      /found no number of frames and no duration/,
    );
  });
});

describe('importing test videos', () => {
  async function read(made: { crops: string }, options: Partial<AffWild2TestOptions>, strict = false) {
    const lists: TestLists = {
      AU: { file: 'au.txt', videos: ['v_left', 'w'] },
      VA: { file: 'va.txt', videos: ['w', 'u'] },
    };
    return importFaces({
      command: 'import aff-wild2-test',
      read: readAffWild2Test,
      options: { lists, crops: made.crops, length: 'crops' as const, ...options },
      schema: ABAW1,
      roots: { 'aff-wild2': made.crops },
      strict,
    });
  }
  const made = () => tree({}, { v_left: [2, 3], w: [1], u: [1, 4] });

  it('gives a row per frame and video, a video once, and keeps the lists', async () => {
    const { faces, history } = await read(made(), {});
    expect([...faces.rows()].map(({ image, clip, frame, split }) => [image, clip, frame, split])).toEqual([
      ['v_left/00002.jpg', 'v_left', 0, 'test'],
      ['v_left/00002.jpg', 'v_left', 1, 'test'],
      ['v_left/00003.jpg', 'v_left', 2, 'test'],
      ['w/00001.jpg', 'w', 0, 'test'],
      ['u/00001.jpg', 'u', 0, 'test'],
      ['u/00001.jpg', 'u', 1, 'test'],
      ['u/00001.jpg', 'u', 2, 'test'],
      ['u/00004.jpg', 'u', 3, 'test'],
    ]);
    expect(testListsOf(history)).toEqual({
      AU: { file: 'au.txt', videos: ['v_left', 'w'] },
      VA: { file: 'va.txt', videos: ['w', 'u'] },
    });
    expect(testListsOf([])).toBeUndefined();
  });

  it('takes lengths from a file, by the name of the video or of the raw video', async () => {
    const { folder, crops } = made();
    const file = join(folder, 'lengths.csv');
    writeFileSync(file, 'v,1\r\nw,2\r\nu,3\r\n');
    const { faces, history } = await read({ crops }, { length: { file } });
    expect([...faces.rows()].map(({ clip }) => clip)).toEqual(['v_left', 'w', 'w', 'u', 'u', 'u']);
    expect(history[0]?.tally.noted['crops beyond the length of the video']?.count).toBe(2);
    writeFileSync(file, 'v,1\n');
    await expect(read({ crops }, { length: { file } })).rejects.toThrow(/lengths\.csv: found no length of w/);
    writeFileSync(file, 'v,1\nw,0\n');
    await expect(read({ crops }, { length: { file } })).rejects.toThrow(
      /lengths\.csv:2, column frames: found "0"/,
    );
    writeFileSync(file, 'v 1\n');
    await expect(read({ crops }, { length: { file } })).rejects.toThrow(
      /lengths\.csv:1: found "v 1"; expected VIDEO,FRAMES/,
    );
  });

  it("takes the container's length, or the reference's, which is one more", async () => {
    const { crops } = tree({}, { video93_left: [4], video90: [1, 2] });
    const lists = { VA: { file: 'va.txt', videos: ['video93_left', 'video90'] } };
    const count = async (length: 'container' | 'reference') =>
      (await read({ crops }, { lists, length, videos: VIDEOS })).faces.length;
    expect(await count('container')).toBe(20 + 24);
    expect(await count('reference')).toBe(21 + 25);
  });

  it('misses a raw video, and does not choose between two', async () => {
    const { crops } = made();
    const none = folderWith({ 'other/w.mp4': '' });
    await expect(read({ crops }, { length: 'container', videos: none })).rejects.toThrow(
      /found no video v; expected v\.mp4 or the like, in it or in a folder batch…/,
    );
    const two = folderWith({ 'batch1/v.mp4': '', 'batch2/v.avi': '' });
    await expect(read({ crops }, { length: 'container', videos: two })).rejects.toThrow(
      /v\.mp4: found also .*v\.avi; expected one video v/,
    );
  });

  it('drops a video without crops; a strict import stops there', async () => {
    const { crops } = tree({}, { v_left: [1], w: ['notes.txt'] });
    expect((await read({ crops }, {})).history[0]?.tally.dropped['no crops of the video']?.count).toBe(2);
    await expect(read({ crops }, {}, true)).rejects.toThrow(/\/w: found no crops of the video/);
  });
});

describe('a list of test videos', () => {
  const list = (text: string | Buffer) => {
    const file = join(folderWith({}), 'list.txt');
    writeFileSync(file, text);
    return readTestList(file);
  };

  it('is read whatever blanks and line ends it has', async () => {
    expect((await list('\ufeffa\r\n b_left \n\nc')).videos).toEqual(['a', 'b_left', 'c']);
  });

  it.each<[string, string | Buffer, RegExp]>([
    [
      'names a video twice',
      'a\nb\na \n',
      /list\.txt:3: found a for the second time; expected each video once; the first is line 1/,
    ],
    ['is empty', '\n', /list\.txt: found no names/],
    ['holds paths', 'a\nbatch1/b.mp4\n', /list\.txt:2: found "batch1\/b\.mp4"; expected the name of a video/],
    ['is Latin-1', Buffer.from('caf\xe9\n', 'latin1'), /list\.txt:1: found bytes that are no UTF-8/],
  ])('is refused when it %s', async (_, text, message) => {
    await expect(list(text)).rejects.toThrow(message);
  });

  it('leads to the raw video of both people in it', () => {
    expect(['a_left', 'a_right', 'left_a', 'a'].map(rawVideoName)).toEqual(['a', 'a', 'left_a', 'a']);
  });
});

describe('mien data import aff-wild2-test', () => {
  it('is called wrongly without a list, or without videos to count frames of', () => {
    const main = join(GOLDEN, '../../../dist/cli/main.js');
    const run = (...args: string[]) =>
      spawnSync(
        process.execPath,
        [main, 'data', 'import', 'aff-wild2-test', '--crops', '.', '--out', 'x', ...args],
        {
          encoding: 'utf8',
        },
      );
    expect(run()).toMatchObject({ status: 2, stderr: expect.stringContaining('--au-list') });
    const list = join(folderWith({ 'l.txt': 'a' }), 'l.txt');
    expect(run('--va-list', list)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("needs '--videos <dir>'"),
    });
  });
});
