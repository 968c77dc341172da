// Small models, a video with a face and other things to read, for tests of predict.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { ABAW3 } from 'mien/labels';
import { afterAll, beforeAll } from 'vitest';
import { ROOT } from '../../../../test/folders.js';
import { exported, writeModel } from '../reading/models.js';

/** 25 frames a second, a face in each. */
export const SAMPLE = join(ROOT, 'packages/mien/assets/samples/talking-face.mp4');

export type Material =
  | 'one.onnx'
  | 'two.onnx'
  | 'other.onnx'
  | 'face.mp4'
  | 'face.jpg'
  | 'cut.mkv'
  | 'empty.mp4';

function ffmpeg(...args: string[]): void {
  const { status, stderr } = spawnSync('ffmpeg', ['-v', 'error', '-y', ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

/**
 * Made before the tests of a file, taken away after them: models of one schema, and `other` of another; `face` has 10 frames with a
 * face, `cut` is the same cut off, `empty` has 5 frames without.
 * @returns where a thing lies
 */
export function material(): (name: Material) => string {
  let folder = '';
  const at = (name: string) => join(folder, name);
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mien-predict-'));
    await exported(await writeModel(at('one.safetensors'), { seed: 1 }));
    await exported(await writeModel(at('two.safetensors'), { seed: 2 }));
    await exported(await writeModel(at('other.safetensors'), { seed: 3, schema: ABAW3 }));
    ffmpeg('-i', SAMPLE, '-t', '0.4', '-c:v', 'libx264', '-an', at('face.mp4'));
    ffmpeg('-i', SAMPLE, '-frames:v', '1', '-q:v', '2', at('face.jpg'));
    ffmpeg('-i', at('face.mp4'), '-c', 'copy', at('cut.mkv'));
    truncateSync(at('cut.mkv'), Math.floor(readFileSync(at('cut.mkv')).length * 0.6));
    ffmpeg('-f', 'lavfi', '-i', 'color=gray:s=96x64:r=10:d=0.5', at('empty.mp4'));
  }, 240_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return at;
}

export const rowsIn = (file: string): Record<string, string>[] =>
  parse(readFileSync(file), { columns: true });

/** Every file in a folder, as paths below it. */
export const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
    .sort();
