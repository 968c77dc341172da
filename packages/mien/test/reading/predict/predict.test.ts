// Predict: files and folders in, tables, texts, videos and pages out.

import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openParquet } from 'mien/files';
import { encodeJpeg, encodePng } from 'mien/images';
import { type PredictOptions, PredictUsageError, predict, predictReferenceTrees } from 'mien/reading';
import { describe, expect, it } from 'vitest';
import { folderWith } from '../../../../../test/folders.js';
import { picture } from '../../support/pictures.js';
import { filesIn, material, rowsIn } from '../../support/predicting.js';

const at = material();

function run(options: Partial<PredictOptions>) {
  return predict({ sources: [at('face.mp4')], models: [at('one.onnx')], threads: 1, ...options });
}

describe('predict', () => {
  it('writes a table for each video and folder of pictures of a mixed folder, and tells what is none', async () => {
    const root = folderWith({ 'in/notes.txt': '', 'in/.hidden.txt': '', 'in/sub/broken.jpg': 'nothing' });
    const folder = join(root, 'in');
    copyFileSync(at('face.mp4'), join(folder, 'a.mp4'));
    copyFileSync(at('empty.mp4'), join(folder, 'sub/a.mp4'));
    for (const name of ['1.jpg', '2.jpg']) copyFileSync(at('face.jpg'), join(folder, 'sub', name));
    const out = join(folder, 'out');
    const options = { sources: [folder], outputs: { table: out, format: 'jsonl' } } as const;
    const { problems, written, tally } = await run(options);
    expect(problems).toMatchObject([
      { source: join(folder, 'notes.txt'), message: 'neither a picture nor a video' },
      { source: join(folder, 'sub/broken.jpg'), message: expect.stringMatching(/found no picture/) },
    ]);
    const tables = ['a.jsonl', 'sub/a.jsonl', 'sub/pictures.jsonl'];
    expect(filesIn(out)).toEqual(['a.jsonl', 'predict.json', 'sub/a.jsonl', 'sub/pictures.jsonl']);
    expect(written.sort()).toEqual(tables.map((path) => join(out, path)));
    expect(tally).toMatchObject({ frames: 17, videos: 2, pictures: 2, framesWithFace: 12, people: 3 });
    expect(tally.seconds).toBeCloseTo(0.9, 6);
    const lines = (path: string) =>
      readFileSync(join(out, path), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
    expect(lines('sub/a.jsonl')).toHaveLength(5);
    expect(lines('sub/a.jsonl')[0]).toMatchObject({ frame: 0, faces: 0, face: null, valence: null });
    expect(lines('sub/pictures.jsonl').map(({ source, time_s }) => [source, time_s])).toEqual(
      ['1.jpg', '2.jpg'].map((name) => [join(folder, 'sub', name), null]),
    );

    // What has its outputs is not read again, and outputs are nothing to read.
    rmSync(join(out, 'a.jsonl'));
    const again = await run({ ...options, resume: true });
    expect(again).toMatchObject({ skipped: 2, written: [join(out, 'a.jsonl')], tally: { frames: 10 } });
    await expect(run({ ...options, resume: true, every: 2 })).rejects.toThrow(
      /predict\.json: found outputs made with .*; expected .*every 2\. Go on with the same settings/,
    );
    const strict = { sources: [folder], outputs: { table: join(root, 'strict') }, strict: true };
    await expect(run(strict)).rejects.toThrow(/notes\.txt: found neither a picture nor a video/);
    expect(existsSync(join(root, 'strict'))).toBe(false);
  });

  it('shares sources out, each to one shard', async () => {
    const root = folderWith({});
    mkdirSync(join(root, 'in'));
    for (let i = 0; i < 5; i++) copyFileSync(at('face.jpg'), join(root, `in/${i}.jpg`));
    const seen: string[] = [];
    for (const index of [0, 1]) {
      const table = join(root, `out/${index}.csv`);
      await run({ sources: [join(root, 'in')], outputs: { table }, shard: { index, count: 2 } });
      seen.push(...rowsIn(table).map(({ source = '' }) => source.at(-5) as string));
      const folder = join(root, 'folder');
      await run({ sources: [join(root, 'in')], outputs: { table: folder }, shard: { index, count: 2 } });
    }
    expect(seen).toEqual(['0', '2', '4', '1', '3']);
    expect(filesIn(join(root, 'folder'))).toEqual([
      'pictures-0-of-2.csv',
      'pictures-1-of-2.csv',
      'predict.json',
    ]);
  });

  it('calls outputs after sources, so that no two are called the same', async () => {
    const root = folderWith({});
    for (const path of ['a/v.mp4', 'b/v.mp4', 'b/v.mkv'])
      mkdirSync(join(root, path, '..'), { recursive: true });
    for (const path of ['a/v.mp4', 'b/v.mp4']) copyFileSync(at('empty.mp4'), join(root, path));
    const two = [join(root, 'a'), join(root, 'b')];
    await run({ sources: two, outputs: { table: join(root, 'two') } });
    expect(filesIn(join(root, 'two'))).toEqual(['a/v.csv', 'b/v.csv', 'predict.json']);
    copyFileSync(at('empty.mp4'), join(root, 'b/v.mkv'));
    await run({ sources: [join(root, 'b')], outputs: { table: join(root, 'one') } });
    expect(filesIn(join(root, 'one'))).toEqual(['predict.json', 'v.mkv.csv', 'v.mp4.csv']);
    const files = two.map((folder) => join(folder, 'v.mp4'));
    await expect(run({ sources: files, outputs: { table: join(root, 'none') } })).rejects.toThrow(
      /found another source called v\.mp4/,
    );
  });

  it('reads part of a video, and keeps with the table how', async () => {
    const file = join(folderWith({}), 't.parquet');
    await run({ from: 0.1, to: 0.3, every: 2, outputs: { table: file } });
    const table = await openParquet(file);
    for await (const { columns } of table.chunks(['frame', 'time_s'])) {
      expect(Array.from(columns.get('frame') as number[])).toEqual([4, 6]);
      expect(Array.from(columns.get('time_s') as number[])).toEqual([0.16, 0.24]);
    }
    expect(JSON.parse(table.keyValues.get('mien.reading') ?? '')).toMatchObject({
      settings: { from: 0.1, to: 0.3, every: 2 },
      models: [{ name: 'one', hash: expect.stringMatching(/^[0-9a-f]{64}$/) }],
    });
  });

  it('reads several models as one, and tells how they disagree', async () => {
    const table = join(folderWith({}), 't.csv');
    const models = [at('one.onnx'), at('two.onnx')];
    await run({ sources: [at('face.jpg')], models, outputs: { table } });
    expect(Number(rowsIn(table)[0]?.disagreement_expression)).toBeGreaterThan(0);
  });

  it('writes an annotated video as long as the read part, and a page', async () => {
    const root = folderWith({});
    const [video, report] = [join(root, 'v.mp4'), join(root, 'r.html')];
    const { written } = await run({ outputs: { video, report } });
    expect(written.sort()).toEqual([report, video]);
    const probe = [
      '-v',
      'error',
      '-count_frames',
      '-show_entries',
      'stream=nb_read_frames,height',
      '-of',
      'json',
    ];
    const { streams } = JSON.parse(spawnSync('ffprobe', [...probe, video], { encoding: 'utf8' }).stdout);
    expect(streams[0].nb_read_frames).toBe('10');
    expect(readFileSync(report, 'utf8')).toMatch(/^<!doctype html>/i);
    expect(filesIn(root)).toEqual(['r.html', 'v.mp4']);
  });

  it('writes the text files of a challenge, a line for every frame', async () => {
    const out = join(folderWith({}), 'out');
    const sources = [at('face.mp4'), at('empty.mp4')];
    const { problems } = await run({ sources, outputs: { table: out, format: 'abaw-txt' } });
    expect(problems).toMatchObject([{ source: at('empty.mp4'), message: expect.stringMatching(/no face/) }]);
    expect(filesIn(out)).toEqual(['AU_Set/face.txt', 'EXPR_Set/face.txt', 'VA_Set/face.txt', 'predict.json']);
    expect(readFileSync(join(out, 'VA_Set/face.txt'), 'utf8')).toMatch(
      /^valence,arousal(\n-?\d\.\d{4},-?\d\.\d{4}){10}$/,
    );
  });

  it('reads frames without any face, and pictures of 10,000 × 10,000 pixels', async () => {
    const root = folderWith({});
    const grey = { width: 10_000, height: 10_000, data: new Uint8Array(300_000_000).fill(128) };
    writeFileSync(join(root, 'large.jpg'), await encodeJpeg(grey, 50));
    const table = join(root, 't.csv');
    const { tally } = await run({ sources: [at('empty.mp4'), join(root, 'large.jpg')], outputs: { table } });
    expect(tally).toMatchObject({ frames: 6, framesWithFace: 0, faces: 0 });
    expect(rowsIn(table).map(({ faces, face }) => [faces, face])).toEqual(Array(6).fill(['0', '']));
  });
});

describe('predict of face crops', () => {
  async function crops(folder: string, count: number): Promise<void> {
    mkdirSync(folder, { recursive: true });
    for (let i = 0; i < count; i++)
      writeFileSync(join(folder, `${i}.png`), await encodePng(picture(i, 40, 48)));
  }

  it('takes the whole picture as the face', async () => {
    const root = folderWith({});
    await crops(join(root, 'c'), 3);
    const table = join(root, 't.csv');
    await run({ sources: [join(root, 'c')], crops: true, outputs: { table } });
    const box = { box_x_px: '0', box_y_px: '0', box_width_px: '40', box_height_px: '48' };
    expect(rowsIn(table)).toMatchObject(
      [0, 1, 2].map((i) => ({ source: join(root, `c/${i}.png`), face: '0', ...box })),
    );
  });

  it("writes the reference's tree of each folder of crops", async () => {
    const root = folderWith({});
    await crops(join(root, 'c/v1'), 2);
    await crops(join(root, 'c/v2'), 3);
    const out = join(root, 'out');
    const models = [at('one.onnx'), at('two.onnx')];
    const options = { sources: [join(root, 'c')], models, teacher: at('one.onnx'), out };
    expect(await predictReferenceTrees(options)).toMatchObject({ trees: 2, skipped: 0 });
    const parts = ['merged', 'merged_raw', 'student_0', 'student_1', 'teacher'];
    const texts = parts.flatMap((part) => ['AU', 'EXPR', 'VA'].map((task) => `${part}/${task}.txt`));
    expect(filesIn(out)).toEqual(
      ['predict.json', ...['v1', 'v2'].flatMap((video) => texts.map((text) => `${video}/${text}`))].sort(),
    );
    expect(readFileSync(join(out, 'v2/merged_raw/VA.txt'), 'utf8').split('\n')).toHaveLength(4);
    expect(await predictReferenceTrees({ ...options, resume: true })).toEqual({
      written: [],
      trees: 2,
      skipped: 2,
    });
  });
});

describe('predict of bad input', () => {
  /** What it says, in a folder in which nothing may be left. */
  async function refusal(options: Partial<PredictOptions>, table = 't.csv'): Promise<string> {
    const root = folderWith({});
    const error = await run({ outputs: { table: join(root, table) }, ...options }).then(
      () => 'nothing',
      ({ message }: Error) => message,
    );
    expect(filesIn(root)).toEqual([]);
    return error;
  }

  it('names what is no picture and no video', async () => {
    const text = folderWith({ 'text.mp4': 'no video\n', 'text.jpg': 'no picture\n' });
    for (const table of ['t.csv', 't.parquet', 'folder']) {
      expect(await refusal({ sources: [join(text, 'text.mp4')] }, table)).toMatch(/text\.mp4: found /);
      expect(await refusal({ sources: [join(text, 'text.jpg')] }, table)).toMatch(
        /text\.jpg: found no picture \(an unknown format\)/,
      );
      expect(await refusal({ sources: [text] }, table)).toMatch(/: found nothing that could be read/);
    }
    expect(await refusal({ sources: [folderWith({ 'notes.txt': '' })] })).toMatch(
      /: found only others \(1\), such as \S+notes\.txt; expected a picture, a video, or a folder of them/,
    );
    expect(await refusal({ sources: [folderWith({})] })).toMatch(/: found nothing; expected a picture/);
    expect(await refusal({ sources: [at('cut.mkv')], strict: true })).toMatch(/cut\.mkv: found /);
    expect(await refusal({ from: 100 })).toMatch(/face\.mp4: found /);
  });

  it('names models that are none, or do not go together', async () => {
    const text = join(folderWith({ 'm.onnx': 'no model' }), 'm.onnx');
    expect(await refusal({ models: ['nowhere.onnx'] })).toMatch(/nowhere\.onnx: found no such file/);
    expect(await refusal({ models: [at('face.mp4')] })).toMatch(/face\.mp4: /);
    expect(await refusal({ models: [text] })).toMatch(/m\.onnx: found /);
    expect(await refusal({ models: [at('one.onnx'), at('other.onnx')] })).toMatch(
      /other\.onnx: found labels neutral, .*; expected labels .*one\.onnx has/,
    );
  });

  it('names outputs that cannot be written', async () => {
    const root = folderWith({ taken: '' });
    const taken = join(root, 'taken');
    const sources = [at('face.mp4')];
    for (const outputs of [
      { table: join(taken, 't.csv') },
      { table: taken },
      { report: join(taken, 'r.html') },
      { video: join(taken, 'v.mp4') },
    ])
      await expect(run({ sources, outputs })).rejects.toThrow(/taken\S*: found a file/);
    expect(filesIn(root)).toEqual(['taken']);
  });

  it('leaves nothing when it is interrupted', async () => {
    const root = folderWith({});
    const stopping = new AbortController();
    const outputs = { table: join(root, 'out'), video: join(root, 'v.mp4'), report: join(root, 'r.html') };
    const onFrame = () => stopping.abort(new Error('enough'));
    await expect(run({ outputs, signal: stopping.signal, onFrame })).rejects.toThrow('enough');
    expect(filesIn(root)).toEqual([]);
  });

  it.each<[string, Partial<PredictOptions>, RegExp]>([
    ['nothing to read', { sources: [] }, /nothing to read/],
    ['sources and a camera', { camera: 'x' }, /found sources and --camera/],
    ['an end before the beginning', { from: 2, to: 1 }, /--to 1 is not after --from 2/],
    ['a format that is not the ending', { outputs: { table: 't.csv', format: 'jsonl' } }, /contradict/],
    ['a format without a table', { outputs: { format: 'csv' } }, /--format needs --out/],
    ['going on with a file', { resume: true, outputs: { table: 't.csv' } }, /--resume goes on with a folder/],
    ['text files in a table', { outputs: { table: 't.csv', format: 'abaw-txt' } }, /expected a folder/],
    [
      'text files of all faces',
      { faces: 'all', outputs: { table: 'o', format: 'abaw-txt' } },
      /one face a frame/,
    ],
    ['text files of some frames', { every: 2, outputs: { table: 'o', format: 'abaw-txt' } }, /every frame/],
    ['a page of crops', { crops: true, outputs: { report: 'r.html' } }, /--crops are read into tables/],
  ])('refuses %s', async (_, options, message) => {
    const error = await run(options).catch((caught) => caught);
    expect(error).toBeInstanceOf(PredictUsageError);
    expect(error.message).toMatch(message);
  });

  it('refuses one file for several, pictures as text files or video, and its input as output', async () => {
    const both = [at('face.mp4'), at('face.jpg')];
    const refused: [Partial<PredictOptions>, RegExp][] = [
      [{ sources: both, outputs: { report: 'r.html' } }, /is one page, and there are 2/],
      [
        { sources: [at('face.mp4'), at('empty.mp4')], outputs: { video: 'v.mp4' } },
        /is one video, and there are 2/,
      ],
      [{ sources: [at('face.jpg')], outputs: { video: 'v.mp4' } }, /--video-out needs a video/],
      [{ sources: both, outputs: { table: 'o', format: 'abaw-txt' } }, /is for videos, or for face crops/],
      [{ outputs: { video: at('face.mp4') } }, /would be read and written/],
    ];
    for (const [options, message] of refused) {
      const error = await run(options).catch((caught) => caught);
      expect(error).toBeInstanceOf(PredictUsageError);
      expect(error.message).toMatch(message);
    }
  });
});
