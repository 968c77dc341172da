// `mien predict` as it is typed.

import { spawn, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { openParquet } from 'mien/files';
import { encodeJpeg, encodePng } from 'mien/images';
import { ABAW3 } from 'mien/labels';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { folderWith, ROOT } from '../../../../test/folders.js';
import { exported, writeModel } from '../reading/models.js';
import { picture } from '../support/pictures.js';

const MAIN = join(ROOT, 'packages/mien/dist/cli/main.js');
const SAMPLE = join(ROOT, 'packages/mien/assets/samples/talking-face.mp4');

/** Models and what is read, made once. */
let made: string;
const at = (name: string) => join(made, name);

function ffmpeg(...args: string[]): void {
  const { status, stderr } = spawnSync('ffmpeg', ['-v', 'error', '-y', ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

beforeAll(async () => {
  made = mkdtempSync(join(tmpdir(), 'mien-predict-'));
  await exported(await writeModel(at('one.safetensors'), { seed: 1 }));
  await exported(await writeModel(at('two.safetensors'), { seed: 2 }));
  await exported(await writeModel(at('other.safetensors'), { seed: 3, schema: ABAW3 }));
  ffmpeg('-i', SAMPLE, '-t', '0.4', '-c:v', 'libx264', '-an', at('face.mp4'));
  ffmpeg('-i', SAMPLE, '-frames:v', '1', '-q:v', '2', at('face.jpg'));
  ffmpeg('-i', at('face.mp4'), '-c', 'copy', at('cut.mkv'));
  truncateSync(at('cut.mkv'), Math.floor(readFileSync(at('cut.mkv')).length * 0.6));
  ffmpeg('-f', 'lavfi', '-i', 'color=gray:s=96x64:r=10:d=0.5', at('empty.mp4'));
}, 120_000);
afterAll(() => rmSync(made, { recursive: true, force: true }));

function mien(root: string, ...args: string[]) {
  const model = args.includes('--model') || args.includes('--help') ? [] : ['--model', at('one.onnx')];
  return spawnSync(process.execPath, [MAIN, 'predict', ...args, ...model], { encoding: 'utf8', cwd: root });
}

const rowsIn = (file: string): Record<string, string>[] => parse(readFileSync(file), { columns: true });
/** Everything in a folder, as paths. */
const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
    .sort();

describe('mien predict', () => {
  it('reads a video into a table and tells what was seen', () => {
    const root = folderWith({});
    const { status, stdout, stderr } = mien(root, at('face.mp4'), '--out', 't.csv');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(
      /^read 10 frames \(0\.4 s\) of 1 video; a face in 100\.0 % of them, 1 different face\nexpression .*\naction units .*\nvalence .*\narousal .*\nwrote t\.csv\n$/,
    );
    const rows = rowsIn(join(root, 't.csv'));
    expect(rows.map(({ frame }) => Number(frame))).toEqual([...Array(10).keys()]);
    for (const row of rows) expect(row).toMatchObject({ source: at('face.mp4'), faces: '1', face: '0' });
    expect(JSON.parse(readFileSync(join(root, 't.csv.json'), 'utf8'))).toMatchObject({
      schema: { name: 'abaw1' },
      models: [{ name: 'one', hash: expect.stringMatching(/^[0-9a-f]{64}$/) }],
      command: expect.stringMatching(/^mien predict .*face\.mp4 --out t\.csv/),
    });
  });

  it('shows the faces of pictures where no table is asked for', () => {
    const { status, stdout } = mien(folderWith({}), at('face.jpg'), '--tasks', 'EXPR');
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^picture +face +expression +active +valence +arousal\n\S+face\.jpg +0 +[a-z]+ \d+ %/,
    );
    expect(stdout).toContain('read 1 picture; a face in 100.0 % of them');
    expect(stdout).toContain('A table of every frame: --out table.csv');
  });

  it('writes a table for each video and folder of pictures of a mixed folder, and names what is none', () => {
    const root = folderWith({
      'in/notes.txt': 'no picture',
      'in/.hidden.txt': '',
      'in/sub/broken.jpg': 'nothing',
    });
    copyFileSync(at('face.mp4'), join(root, 'in/a.mp4'));
    copyFileSync(at('empty.mp4'), join(root, 'in/sub/a.mp4'));
    for (const name of ['1.jpg', '2.jpg']) copyFileSync(at('face.jpg'), join(root, 'in/sub', name));
    const { status, stdout, stderr } = mien(root, 'in', '--out', 'in/out', '--format', 'jsonl');
    expect(stderr).toContain('in/notes.txt: neither a picture nor a video\n');
    expect(stderr).toMatch(
      /^in\/sub\/broken\.jpg: found no picture \(an unknown format\); expected a picture$/m,
    );
    expect(stderr.trim().split('\n')).toHaveLength(2);
    expect(status).toBe(0);
    expect(filesIn(join(root, 'in/out'))).toEqual([
      'a.jsonl',
      'predict.json',
      'sub/a.jsonl',
      'sub/pictures.jsonl',
    ]);
    const lines = (path: string) =>
      readFileSync(join(root, 'in/out', path), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
    expect(lines('sub/a.jsonl')).toHaveLength(5);
    expect(lines('sub/a.jsonl')[0]).toMatchObject({ frame: 0, faces: 0, face: null, valence: null });
    expect(lines('sub/pictures.jsonl').map(({ source }) => source)).toEqual(['in/sub/1.jpg', 'in/sub/2.jpg']);
    expect(stdout).toContain('read 15 frames (0.9 s) of 2 videos and 2 pictures');

    // What has its outputs is not read again; the same folder does not read its own outputs.
    rmSync(join(root, 'in/out/a.jsonl'));
    const again = mien(root, 'in', '--out', 'in/out', '--format', 'jsonl', '--resume');
    expect(again.stdout).toMatch(
      /^2 had all their outputs\nread 10 frames \(0\.4 s\) of 1 video; .*\n(.*\n)*wrote in\/out\/a\.jsonl\n$/,
    );
    const other = mien(root, 'in', '--out', 'in/out', '--format', 'jsonl', '--resume', '--every', '2');
    expect(other.status).toBe(1);
    expect(other.stderr).toMatch(
      /^mien: in\/out\/predict\.json: found outputs made with .*; expected .*every 2\. Go on with/m,
    );
    const strict = mien(root, 'in', '--out', 'in/strict', '--strict');
    expect(strict).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^mien: in\/notes\.txt: found neither a picture nor a video/),
    });
    expect(existsSync(join(root, 'in/strict'))).toBe(false);
  }, 120_000);

  it('shares sources out, each to one shard', () => {
    const root = folderWith({ 'in/readme': '' });
    for (let i = 0; i < 5; i++) copyFileSync(at('face.jpg'), join(root, `in/${i}.jpg`));
    const seen = [0, 1].flatMap((i) => {
      expect(mien(root, 'in', '--out', `${i}.csv`, '--shard', `${i}/2`).status).toBe(0);
      return rowsIn(join(root, `${i}.csv`)).map(({ source = '' }) => source.slice(3, 4));
    });
    expect(seen).toEqual(['0', '2', '4', '1', '3']);
  });

  it('reads part of a video', () => {
    const root = folderWith({});
    const part = ['--from', '0.1', '--to', '0:00:00.3', '--every', '2'];
    expect(mien(root, at('face.mp4'), '--out', 't.parquet', ...part).status).toBe(0);
    return openParquet(join(root, 't.parquet')).then(async (table) => {
      for await (const { columns } of table.chunks(['frame', 'time_s'])) {
        const times = Array.from(columns.get('time_s') as number[]);
        expect(Array.from(columns.get('frame') as number[])).toEqual([4, 6]);
        for (const time of times) expect(time >= 0.1 && time < 0.3).toBe(true);
      }
      expect(JSON.parse(table.keyValues.get('mien.reading') ?? '').settings).toEqual({
        from: 0.1,
        to: 0.3,
        every: 2,
      });
    });
  });

  it('reads several models as one, and tells how they disagree', () => {
    const root = folderWith({});
    const models = ['--model', at('one.onnx'), '--model', at('two.onnx')];
    expect(mien(root, at('face.jpg'), '--out', 't.csv', ...models).status).toBe(0);
    expect(Number(rowsIn(join(root, 't.csv'))[0]?.disagreement_expression)).toBeGreaterThan(0);
  });

  it('writes the text files of a challenge, a line for every frame', () => {
    const root = folderWith({});
    const made = mien(root, at('face.mp4'), at('empty.mp4'), '--out', 'out', '--format', 'abaw-txt');
    expect(made.stderr).toMatch(/found no face in any frame/);
    expect(made.status).toBe(0);
    expect(filesIn(join(root, 'out'))).toEqual([
      'AU_Set/face.txt',
      'EXPR_Set/face.txt',
      'VA_Set/face.txt',
      'predict.json',
    ]);
    expect(readFileSync(join(root, 'out/VA_Set/face.txt'), 'utf8')).toMatch(
      /^valence,arousal(\n-?\d\.\d{4},-?\d\.\d{4}){10}$/,
    );
  });
});

describe('mien predict --crops', () => {
  async function crops(root: string, folder: string, count: number): Promise<void> {
    mkdirSync(join(root, folder), { recursive: true });
    for (let i = 0; i < count; i++)
      writeFileSync(join(root, folder, `${i}.png`), await encodePng(picture(i, 40, 48)));
  }

  it('takes the whole picture as the face', async () => {
    const root = folderWith({});
    await crops(root, 'c', 3);
    const { status, stderr } = mien(root, 'c', '--crops', '--out', 't.csv');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(rowsIn(join(root, 't.csv'))).toMatchObject(
      [0, 1, 2].map((i) => ({
        source: `c/${i}.png`,
        face: '0',
        box_x_px: '0',
        box_width_px: '40',
        box_height_px: '48',
      })),
    );
  });

  it("writes the reference's tree of each folder of crops", async () => {
    const root = folderWith({});
    await crops(root, 'c/v1', 2);
    await crops(root, 'c/v2', 3);
    const models = ['--model', at('one.onnx'), '--model', at('two.onnx'), '--teacher', at('one.onnx')];
    const options = ['c', '--crops', '--format', 'abaw-txt', '--out', 'out', ...models];
    const { status, stdout, stderr } = mien(root, ...options);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^read 2 folders of face crops\nwrote out\/v1\/teacher\n/);
    const parts = ['merged', 'merged_raw', 'student_0', 'student_1', 'teacher'];
    const texts = parts.flatMap((part) => ['AU', 'EXPR', 'VA'].map((task) => `${part}/${task}.txt`));
    expect(filesIn(join(root, 'out'))).toEqual(
      ['predict.json', ...['v1', 'v2'].flatMap((video) => texts.map((text) => `${video}/${text}`))].sort(),
    );
    expect(readFileSync(join(root, 'out/v2/merged_raw/VA.txt'), 'utf8').split('\n')).toHaveLength(4);
    expect(mien(root, ...options, '--resume').stdout).toBe(
      'read 0 folders of face crops; 2 were read before\n',
    );
  });
});

describe('mien predict of bad input', () => {
  /** Runs in an empty folder, in which nothing may be left but `left`. */
  function refused(args: string[], left: string[] = []) {
    const root = folderWith({});
    const { status, stdout, stderr } = mien(root, ...args);
    expect(stdout).toBe('');
    expect(filesIn(root)).toEqual(left);
    return { status, stderr };
  }

  it('ends with 1 for what is not there, and what is no video', () => {
    const text = folderWith({ 'text.mp4': 'this is no video\n', 'text.jpg': 'nor a picture\n' });
    expect(refused(['nowhere.mp4', '--out', 't.csv'])).toEqual({
      status: 1,
      stderr: 'mien: nowhere.mp4: found no such file; expected a picture, a video, or a folder of them\n',
    });
    const video = refused([join(text, 'text.mp4'), '--out', 't.csv']);
    expect(video.status).toBe(1);
    expect(video.stderr).toMatch(/^mien: \S+text\.mp4: found .*; expected a video or a picture\n$/);
    const image = refused([join(text, 'text.jpg'), '--out', 'folder']);
    expect(image.status).toBe(1);
    expect(image.stderr).toMatch(/text\.jpg: found no picture \(an unknown format\)/);
    const nothing = refused([folderWith({ 'notes.txt': '' }), '--out', 't.csv']);
    expect(nothing.stderr).toMatch(
      /^mien: \S+: found 1 other files?; expected a picture, a video, or a folder/,
    );
    expect(nothing.status).toBe(1);
  });

  it('keeps what it could read of a video that breaks off, and says so; with --strict it is an error', () => {
    const root = folderWith({});
    const { status, stderr } = mien(root, at('cut.mkv'), '--out', 't.csv');
    expect(status).toBe(0);
    expect(stderr).toMatch(/cut\.mkv: .*frames up to there are read/);
    const rows = rowsIn(join(root, 't.csv'));
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.length).toBeLessThan(10);
    const strict = refused([at('cut.mkv'), '--out', 't.csv', '--strict']);
    expect(strict.status).toBe(1);
    expect(strict.stderr).toMatch(/^mien: \S+cut\.mkv: found /);
  });

  it('reads frames without any face, and pictures of 10,000 × 10,000 pixels', async () => {
    const root = folderWith({});
    const grey = { width: 10_000, height: 10_000, data: new Uint8Array(300_000_000).fill(128) };
    writeFileSync(join(root, 'large.jpg'), await encodeJpeg(grey, 50));
    const { status, stdout } = mien(root, at('empty.mp4'), 'large.jpg', '--out', 't.csv');
    expect(status).toBe(0);
    expect(stdout).toBe('read 5 frames (0.5 s) of 1 video and 1 picture; no face\nwrote t.csv\n');
    expect(rowsIn(join(root, 't.csv')).map(({ faces, face }) => [faces, face])).toEqual(
      Array(6).fill(['0', '']),
    );
  }, 120_000);

  it('ends with 1 for outputs that cannot be written', () => {
    const root = folderWith({ taken: '' });
    const face = at('face.jpg');
    for (const args of [
      ['--out', 'taken/t.csv'],
      ['--out', 'taken'],
      ['--report', 'taken/r.html'],
    ]) {
      const { status, stderr } = mien(root, face, ...args);
      expect({ args, status }).toEqual({ args, status: 1 });
      expect(stderr).toMatch(/^mien: taken\S*: found a file/);
    }
    expect(filesIn(root)).toEqual(['taken']);
  });

  it('ends with 1 for models that are none, or do not go together', () => {
    const face = at('face.jpg');
    const out = ['--out', 't.csv', '--model'];
    expect(refused([face, ...out, 'nowhere.onnx']).stderr).toMatch(
      /^mien: nowhere\.onnx: found no such file/,
    );
    const none = refused([face, ...out, at('face.mp4')]);
    expect(none.status).toBe(1);
    expect(none.stderr).toMatch(/^mien: \S+face\.mp4: found /);
    const text = folderWith({ 'm.onnx': 'no model' });
    expect(refused([face, ...out, join(text, 'm.onnx')]).stderr).toMatch(/^mien: \S+m\.onnx: found /);
    const mixed = refused([face, ...out, at('one.onnx'), '--model', at('other.onnx')]);
    expect(mixed.status).toBe(1);
    expect(mixed.stderr).toMatch(/other\.onnx: found labels neutral, .*; expected labels .*one\.onnx has/);
  });

  it.each<[string, string[], RegExp]>([
    ['nothing to read', [], /nothing to read: name files or folders, or --camera/],
    ['sources and a camera', ['VIDEO', '--camera', 'x'], /found sources and --camera/],
    ['an end before the beginning', ['VIDEO', '--from', '2', '--to', '1'], /--to 1 is not after --from 2/],
    ['a format that is not the ending', ['VIDEO', '--out', 't.csv', '--format', 'jsonl'], /contradict/],
    ['a format without a table', ['VIDEO', '--format', 'csv'], /--format needs --out/],
    ['going on with a file', ['VIDEO', '--out', 't.csv', '--resume'], /--resume goes on with a folder/],
    ['one page for several', ['VIDEO', 'PICTURE', '--report', 'r.html'], /is one page, and there are 2/],
    ['the input as output', ['in.csv', '--out', 'in.csv'], /in\.csv would be read and written/],
    ['text files in a table', ['VIDEO', '--out', 't.csv', '--format', 'abaw-txt'], /expected a folder/],
    [
      'text files of all faces',
      ['VIDEO', '--out', 'o', '--format', 'abaw-txt', '--faces', 'all'],
      /one face a frame/,
    ],
    [
      'text files of some frames',
      ['VIDEO', '--out', 'o', '--format', 'abaw-txt', '--every', '2'],
      /every frame/,
    ],
    [
      'text files of pictures',
      ['PICTURE', '--out', 'o', '--format', 'abaw-txt'],
      /is for videos, or for face crops/,
    ],
    ['a teacher alone', ['PICTURE', '--teacher', 'm.onnx'], /--teacher goes with --crops/],
    ['a page of crops', ['PICTURE', '--crops', '--report', 'r.html'], /--crops are read into tables/],
    ['an even window', ['VIDEO', '--smooth', 'median:4'], /odd number/],
    ['a time that is none', ['VIDEO', '--from', '1:75'], /expected seconds, such as 12\.5, or h:mm:ss/],
    ['an unknown task', ['VIDEO', '--tasks', 'AGE'], /expected some of/],
    ['an unknown shard', ['VIDEO', '--shard', '2/2'], /0 ≤ i < n/],
  ])('ends with 2 for %s', (_, args, message) => {
    const root = folderWith({ 'in.csv': '' });
    const named = args.map((word) => ({ VIDEO: at('face.mp4'), PICTURE: at('face.jpg') })[word] ?? word);
    const { status, stdout, stderr } = mien(root, ...named);
    expect(stderr).toMatch(message);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(filesIn(root)).toEqual(['in.csv']);
  });

  it('leaves nothing when it is interrupted, and says so', async () => {
    const root = folderWith({});
    const args = [MAIN, 'predict', SAMPLE, '--model', at('one.onnx'), '--out', 't.csv', '--report', 'r.html'];
    const child = spawn(process.execPath, args, { cwd: root });
    let stderr = '';
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    while (filesIn(root).length < 2) await new Promise((resolve) => setTimeout(resolve, 50));
    child.kill('SIGINT');
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect({ code, stderr }).toEqual({ code: 130, stderr: 'interrupted; nothing unfinished was left\n' });
    expect(filesIn(root)).toEqual([]);
  });
});
