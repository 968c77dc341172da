// `mien predict` as it is typed: exit codes, messages, and what is left.

import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderWith, ROOT } from '../../../../test/folders.js';
import { filesIn, material, rowsIn, SAMPLE } from '../support/predicting.js';

const MAIN = join(ROOT, 'packages/mien/dist/cli/main.js');
const at = material();

function mien(root: string, ...args: string[]) {
  const words = [MAIN, 'predict', ...args, '--model', at('one.onnx')];
  return spawnSync(process.execPath, words, { encoding: 'utf8', cwd: root });
}

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
    expect(JSON.parse(readFileSync(join(root, 't.csv.json'), 'utf8')).command).toMatch(
      /^mien predict .*face\.mp4 --out t\.csv/,
    );
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

  it('ends with 1 for what cannot be read, in one line, and leaves nothing', () => {
    const root = folderWith({ 'text.mp4': 'this is no video\n' });
    expect(mien(root, 'nowhere.mp4', '--out', 't.csv')).toMatchObject({
      status: 1,
      stdout: '',
      stderr: 'mien: nowhere.mp4: found no such file; expected a picture, a video, or a folder of them\n',
    });
    const text = mien(root, 'text.mp4', '--out', 'out', '--report', 'r.html', '--video-out', 'v.mp4');
    expect(text).toMatchObject({ status: 1, stdout: '' });
    expect(text.stderr).toMatch(/^mien: text\.mp4: found .*; expected .*\n$/);
    expect(filesIn(root)).toEqual(['text.mp4']);
  });

  it('keeps what it could read of a video that breaks off, and says so', () => {
    const root = folderWith({});
    const { status, stderr } = mien(root, at('cut.mkv'), '--out', 't.csv');
    expect(stderr).toMatch(/^\S+cut\.mkv: .*\n$/);
    expect(status).toBe(0);
    const rows = rowsIn(join(root, 't.csv'));
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.length).toBeLessThan(10);
  });

  it.each<[string, string[], RegExp]>([
    ['nothing to read', [], /^error: nothing to read: name files or folders, or --camera\n/],
    ['an even window', ['v.mp4', '--smooth', 'median:4'], /odd number/],
    ['a time that is none', ['v.mp4', '--from', '1:75'], /expected seconds, such as 12\.5, or h:mm:ss/],
    ['a teacher alone', ['p.jpg', '--teacher', 'm.onnx'], /--teacher goes with --crops/],
  ])('ends with 2 for %s', (_, args, message) => {
    const root = folderWith({});
    const { status, stdout, stderr } = mien(root, ...args);
    expect(stderr).toMatch(message);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(filesIn(root)).toEqual([]);
  });

  it('leaves nothing when it is interrupted, and says so', async () => {
    const root = folderWith({});
    const outputs = ['--out', 't.csv', '--report', 'r.html'];
    const child = spawn(process.execPath, [MAIN, 'predict', SAMPLE, '--model', at('one.onnx'), ...outputs], {
      cwd: root,
    });
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
