// `mien score` and `mien submit` as they are typed.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FaceRow } from 'mien/datasets';
import type { Evaluation } from 'mien/judging';
import { ABAW3 } from 'mien/labels';
import { describe, expect, it } from 'vitest';
import { folderWith, ROOT } from '../../../../test/folders.js';
import { exported, writeModel } from '../reading/models.js';
import { VA_HEADER } from '../support/aff-wild2.js';
import { manifestOf } from '../support/manifests.js';
import { writePictures } from '../support/pictures.js';

const MAIN = join(ROOT, 'packages/mien/dist/cli/main.js');

function mien(root: string, ...args: string[]) {
  return spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8', cwd: root });
}

const LABELS = { 'l/VA_Set/Validation_Set/v.txt': `${VA_HEADER}\n0.5,-0.5\n-0.5,0.5\n0,0.25\n` };

describe('mien score', () => {
  it('gives labels against themselves a full score, on the terminal, as data and as a page', () => {
    const root = folderWith(LABELS);
    const { status, stdout } = mien(
      root,
      'score',
      'l',
      'l',
      '--json',
      'out.json',
      '--html',
      'out.html',
      '--edition',
      'abaw5',
    );
    expect(status).toBe(0);
    expect(stdout).toContain('abaw5, l: VA 1.0000');
    const evaluation = JSON.parse(readFileSync(join(root, 'out.json'), 'utf8')) as Evaluation;
    expect(evaluation).toMatchObject({ faces: 3, clusters: 1, clusteredBy: 'clip' });
    expect(evaluation.members[0]?.VA?.ccc.value).toBeCloseTo(1, 12);
    expect(readFileSync(join(root, 'out.html'), 'utf8')).toMatch(/^<!doctype html>/i);
  });

  it('compares, and says what it leaves out', () => {
    const root = folderWith({
      ...LABELS,
      'a.csv': 'clip,frame,valence,arousal,expression\nv,0,0.5,-0.5,0\nv,1,-0.5,0.5,0\nv,2,0,0,0\n',
      'b.csv': 'clip,frame,valence,arousal\nv,0,0.5,0\nv,1,0,0.5\nv,2,0,0\n',
    });
    const { status, stdout } = mien(root, 'score', 'a.csv', 'l', '--against', 'b.csv', '--draws', '0');
    expect(status).toBe(0);
    expect(stdout).toContain('EXPR: not scored, as b.csv has nothing of it');
    expect(stdout).toMatch(/a − b/);
  });

  it('ends with 1 for a file that is wrong, and names file and line; with 2 for wrong usage', () => {
    const root = folderWith({ ...LABELS, 'p/VA_Set/v.txt': `${VA_HEADER}\n0,nan\n` });
    expect(mien(root, 'score', 'p', 'l')).toMatchObject({
      status: 1,
      stderr: 'mien: p/VA_Set/v.txt:2, column arousal: found "nan"; expected a number from -1 to 1\n',
    });
    expect(mien(root, 'score', 'p').status).toBe(2);
    expect(mien(root, 'score', 'p', 'l', '--map', 'valence').status).toBe(2);
  });
});

describe('mien submit', () => {
  it('writes what a challenge takes, and checks it', async () => {
    const root = folderWith({});
    const images = await writePictures(root, ['png', 'png', 'png']);
    const rows = images.map(
      (image, frame): FaceRow => ({ dataset: 'd', image, split: 'test', clip: 'v', frame }),
    );
    manifestOf(root, 'test.parquet', rows, { schema: ABAW3, roots: { d: root } });
    const models: string[] = [];
    for (const seed of [1, 2])
      models.push(
        await exported(await writeModel(join(root, `m${seed}.safetensors`), { seed, schema: ABAW3 })),
      );
    const made = mien(
      root,
      'submit',
      ...models,
      '--test',
      'test.parquet',
      '--edition',
      'abaw5',
      '--out',
      'out',
    );
    expect(made.stderr).toBe('');
    expect(made.status).toBe(0);
    expect(made.stdout).toMatch(/^wrote out\nout is fine for ABAW 5 .*; looked at .*VA 1 files, 3 lines\n$/);
    expect(readFileSync(join(root, 'out/VA/predictions.txt'), 'utf8')).toMatch(
      /^image_location,valence,arousal\n(v\/0000[123]\.jpg,-?\d\.\d{4},-?\d\.\d{4}\n){3}$/,
    );

    writeFileSync(join(root, 'out/VA/predictions.txt'), 'image_location,valence,arousal\nv/00001.jpg,0,2\n');
    const checked = mien(root, 'submit', '--check', 'out', '--test', 'test.parquet', '--edition', 'abaw5');
    expect(checked.status).toBe(1);
    expect(checked.stdout).toContain(
      'VA/predictions.txt:2: found arousal "2"; expected a number from -1 to 1\n',
    );
    expect(checked.stderr).toMatch(/^mien: out: found .* problems? for ABAW 5 .*; looked at .*\n$/);
  });

  it('ends with 2 where it is not said what to do, and makes no folder', () => {
    const root = folderWith({});
    for (const args of [
      ['--test', 't', '--edition', 'abaw5'],
      ['m.onnx', '--test', 't', '--edition', 'abaw5', '--check', 'out'],
      ['--test', 't', '--edition', 'abaw5', '--out', 'out'],
      ['m.onnx', '--test', 't', '--edition', 'abaw99', '--out', 'out'],
    ])
      expect(mien(root, 'submit', ...args).status).toBe(2);
    expect(existsSync(join(root, 'out'))).toBe(false);
  });
});
