// The newcomer's first reading.

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderWith, ROOT } from '../../../../test/folders.js';

const MAIN = join(ROOT, 'packages/mien/dist/cli/main.js');
const SAMPLE = join(ROOT, 'packages/mien/assets/samples/talking-face.mp4');

const start = (folder: string, ...args: string[]) =>
  spawnSync(process.execPath, [MAIN, 'start', ...args], { cwd: folder, encoding: 'utf8' });

/** Takes the first frames out of the sample. */
function cut(file: string, frames: number): void {
  const args = ['-v', 'error', '-i', SAMPLE, '-frames:v', String(frames), file];
  expect(spawnSync('ffmpeg', args).status).toBe(0);
}

describe('mien start', () => {
  it('reads a video into a folder of its own, with what was seen', () => {
    const folder = folderWith({});
    cut(join(folder, 'me.mp4'), 10);
    const { status, stdout, stderr } = start(folder, 'me.mp4');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^reading me\.mp4 with mien-\w+ \(.+\)$/m);
    expect(stdout).toMatch(/^read 10 frames .* of 1 video; a face in 100/m);
    for (const name of ['me.csv', 'me.mp4', 'me.html'])
      expect(stdout).toContain(`wrote ${join('mien-out', name)}\n`);
    const rows = readFileSync(join(folder, 'mien-out/me.csv'), 'utf8').trim().split('\n');
    expect(rows).toHaveLength(11);
  });

  it('never writes where something is', () => {
    const folder = folderWith({ 'mien-out/mine.txt': 'mine' });
    cut(join(folder, 'me.png'), 1);
    expect(start(folder, 'me.png', '--model', 's').status).toBe(0);
    expect(readdirSync(join(folder, 'mien-out'))).toEqual(['mine.txt']);
    const written = readdirSync(join(folder, 'mien-out-2'));
    expect(written).toEqual(expect.arrayContaining(['me.csv', 'me.html']));
    expect(written).not.toContain('me.mp4');
  });

  it('fails with 1 for what cannot be read, and leaves no file', () => {
    const folder = folderWith({ 'words.mp4': 'no video' });
    for (const [name, found] of [
      ['none.mp4', 'no such file'],
      ['words.mp4', 'expected a video'],
    ] as const) {
      const { status, stderr } = start(folder, name);
      expect(status).toBe(1);
      expect(stderr).toContain(`mien: ${name}: found `);
      expect(stderr).toContain(found);
    }
    const left = readdirSync(folder, { recursive: true }).map(String);
    expect(left.filter((name) => name !== 'mien-out')).toEqual(['words.mp4']);
  });
});
