import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readManifest } from 'mien/datasets';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../../../test/folders.js';
import { EXPR_HEADER, tree, VA_HEADER } from '../support/aff-wild2.js';

const mien = (...args: string[]) =>
  spawnSync(process.execPath, [join(ROOT, 'packages/mien/dist/cli/main.js'), 'data', ...args], {
    encoding: 'utf8',
  });

const made = () =>
  tree(
    {
      'EXPR_Set/Training_Set/v.txt': `${EXPR_HEADER}\n0\n-1\n2\n`,
      'VA_Set/Validation_Set/w.txt': `${VA_HEADER}\n0.5,-5\n`,
    },
    { v: [1, 2], w: [1] },
  );

describe('mien data import aff-wild2', () => {
  it('prints what was kept and dropped, and writes a manifest that can be exported again', async () => {
    const { folder, annotations, crops } = made();
    const out = join(folder, 'faces.parquet');
    const run = mien('import', 'aff-wild2', '--annotations', annotations, '--crops', crops, '--out', out);
    expect(run).toMatchObject({ status: 0, stderr: '' });
    expect(run.stdout).toBe(
      [
        'kept 2',
        'dropped 1: no label for the crop (EXPR_Set/Training_Set/v.txt)',
        `noted 1: no validation folder (${annotations}/EXPR_Set)`,
        `noted 1: no train folder (${annotations}/VA_Set)`,
        'noted 1: labels without a crop (EXPR_Set/Training_Set/v.txt)',
        `wrote ${out} (2 faces, schema abaw1)`,
        '',
      ].join('\n'),
    );
    const { faces, roots } = await readManifest(out);
    expect([...faces.rows()].map(({ image, split }) => [image, split])).toEqual([
      ['v/00001.jpg', 'train'],
      ['w/00001.jpg', 'validation'],
    ]);
    expect(roots.get('aff-wild2')).toBe(crops);
    for (const [format, name] of [
      ['abaw-txt', 'text'],
      ['csv', 'f.csv'],
      ['jsonl', 'f.jsonl'],
    ] as const)
      expect(mien('export', out, '--format', format, '--out', join(folder, name))).toMatchObject({
        status: 0,
        stderr: '',
      });
    expect(readFileSync(join(folder, 'text/VA_Set/Validation_Set/w.txt'), 'utf8')).toBe(
      `${VA_HEADER}\n0.5,-5\n`,
    );
    expect(readFileSync(join(folder, 'f.csv'), 'utf8').trimEnd().split('\n')).toHaveLength(3);
    expect(readFileSync(join(folder, 'f.jsonl'), 'utf8').trimEnd().split('\n')).toHaveLength(2);
  });

  it('ends with 1, one line and no file for a malformed line; with 2 when called wrongly', () => {
    const { folder, annotations, crops } = made();
    const out = join(folder, 'faces.parquet');
    const args = ['--annotations', annotations, '--crops', crops, '--out', out];
    const strict = mien('import', 'aff-wild2', ...args, '--schema', 'abaw3', '--tasks', 'EXPR');
    expect(strict.status).toBe(1);
    expect(strict.stderr).toMatch(/^mien: .*v\.txt:1: found a header of 7 names.*It suits --schema abaw1\n$/);
    expect(existsSync(out)).toBe(false);
    expect(readdirSync(folder).sort()).toEqual(['annotations', 'crops']);
    for (const wrong of [
      ['--tasks', 'AU,FACS'],
      ['--partial', 'some'],
      ['--schema', 'abaw9'],
    ])
      expect(mien('import', 'aff-wild2', ...args, ...wrong)).toMatchObject({ status: 2, stdout: '' });
    expect(mien('import', 'aff-wild2-mtl', '--crops', crops, '--out', out)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("'--train <file>'"),
    });
  });
});
