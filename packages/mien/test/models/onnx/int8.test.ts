// Eight-bit models, fitted to drawn faces; and the command that makes them.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromTypedArray } from '@mien/torch';
import { readManifest } from 'mien/datasets';
import { writeDemo } from 'mien/datasets/demo';
import { readModelInfo, saveModel } from 'mien/models';
import { INT8_TOLERANCE, loadCalibration, readOnnxInfo } from 'mien/models/onnx';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { folderWith, ROOT } from '../../../../../test/folders.js';
import { exportTo, infoOf, runBoth, settledNetwork } from './exporting.js';

const MAIN = join(ROOT, 'packages/mien/dist/cli/main.js');
let faces: string;

beforeAll(async () => {
  faces = mkdtempSync(join(tmpdir(), 'mien-test-'));
  await writeDemo(faces, { seed: 1, size: 48, scale: 'small' });
});
afterAll(() => rmSync(faces, { recursive: true, force: true }));

describe('an eight-bit model', () => {
  it.each([
    ['pictures', 'au.parquet', {}],
    ['clips', 'clips-full.parquet', { sequence: { length: 4, hidden: 8 } }],
  ])('of %s is a quarter as large and says nearly the same', async (_, name, over) => {
    const network = settledNetwork(over);
    const calibration = await loadCalibration(await readManifest(join(faces, name)), infoOf(network.spec));
    const whole = await exportTo(network);
    const { file, bytes, quantisation, validation } = await exportTo(network, {
      precision: 'int8',
      calibration,
    });
    expect(bytes / whole.bytes).toBeLessThan(0.3);
    for (const task of ['EXPR', 'AU', 'VA'] as const)
      expect(quantisation?.differences[task]?.mean).toBeLessThan(INT8_TOLERANCE);
    expect(validation.errors.EXPR?.mean).toBeGreaterThan(0);
    // Logits are near too, measured by their own size.
    const { dims, data } = calibration.heldBack[0] as (typeof calibration.heldBack)[0];
    const images = fromTypedArray(data, dims);
    for (const { onnx, torch } of Object.values(await runBoth(file, network, images))) {
      const power = torch.reduce((sum, value) => sum + value ** 2, 0);
      const error = torch.reduce((sum, value, i) => sum + (value - (onnx[i] as number)) ** 2, 0);
      expect(Math.sqrt(error / power)).toBeLessThan(0.15);
    }
    expect(readOnnxInfo(file, { verify: true }).metadata.get('mien.precision')).toBe('int8');
  });

  it('is fitted to pictures of which none is held back', async () => {
    const { spec } = settledNetwork();
    const manifest = await readManifest(join(faces, 'full.parquet'));
    const { fit, heldBack } = await loadCalibration(manifest, infoOf(spec));
    const count = (batches: typeof fit) => batches.reduce((sum, { dims }) => sum + (dims[0] as number), 0);
    expect([count(fit), count(heldBack)]).toEqual([16, 8]);
    expect(fit[0]?.dims.slice(1)).toEqual([3, 32, 32]);
  });

  it('is not written when it says something else than was allowed', async () => {
    const network = settledNetwork();
    const calibration = await loadCalibration(
      await readManifest(join(faces, 'full.parquet')),
      infoOf(network.spec),
    );
    const asked = { precision: 'int8', calibration } as const;
    const { quantisation } = await exportTo(network, asked);
    const furthest = Math.max(...Object.values(quantisation?.differences ?? {}).map(({ mean }) => mean));
    await expect(exportTo(network, { ...asked, int8Tolerance: furthest / 2 })).rejects.toThrow(
      `on average, more than ${furthest / 2}; use fp16`,
    );
    expect((await exportTo(network, { ...asked, int8Tolerance: furthest })).quantisation).toEqual(
      quantisation,
    );
  });

  it('needs pictures', async () => {
    await expect(exportTo(settledNetwork(), { precision: 'int8' })).rejects.toThrow('needs pictures');
  });
});

describe('mien export', () => {
  const mien = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, 'export', ...args], {
      encoding: 'utf8',
    });
    return { status, stdout, stderr };
  };

  /** A folder as training leaves one. */
  async function memberFolder(): Promise<string> {
    const folder = folderWith({ 'metrics.jsonl': '' });
    const network = settledNetwork({ tasks: ['AU'] });
    await saveModel(join(folder, 'best.safetensors'), network, infoOf(network.spec));
    return folder;
  }

  it("writes a member's best model as ONNX, in every precision", async () => {
    const member = await memberFolder();
    const out = (name: string) => join(member, 'out', name);
    const fp32 = mien(member, '--out', out('a.onnx'), '--features');
    expect(fp32).toMatchObject({ status: 0, stderr: '' });
    expect(fp32.stdout).toMatch(
      /^wrote .*a\.onnx \(fp32, \d\.\d\d MB\)\n {2}input images, outputs AU, AU_features\n.* AU \d\.\de-\d, AU_features .*\n {2}allowed 0\.0001; batches of 1, 2, 5\n$/,
    );
    expect(mien(member, '--out', out('b.onnx'), '--precision', 'fp16').stdout).toContain('allowed 0.1');
    const set = join(faces, 'au.parquet');
    const int8 = mien(member, '--out', out('c.onnx'), '--precision', 'int8', '--calibration', set);
    expect(int8).toMatchObject({ status: 0, stderr: '' });
    expect(int8.stdout).toMatch(/\n {4}AU probabilities: mean 0\.0\d{3}, largest 0\.\d{4}\n/);
    const sizes = ['a', 'b', 'c'].map((name) => statSync(out(`${name}.onnx`)).size);
    expect(sizes).toEqual(sizes.toSorted((one, other) => other - one));
  });

  it('writes safetensors', async () => {
    const out = join(folderWith({}), 'copy.safetensors');
    expect(mien(await memberFolder(), '--out', out)).toMatchObject({ status: 0, stdout: `wrote ${out}\n` });
    expect((await readModelInfo(out)).network.tasks).toEqual(['AU']);
  });

  it.each([
    ['no output', [], '--out'],
    ['another kind of file', ['--out', 'x.pb'], 'expected a name that ends in .onnx or .safetensors'],
    ['int8 without pictures', ['--out', 'x.onnx', '--precision', 'int8'], 'go together'],
    ['pictures without int8', ['--out', 'x.onnx', '--calibration', 'm.parquet'], 'go together'],
    ['a tolerance without int8', ['--out', 'x.onnx', '--tolerance', '0.1'], 'is for --precision int8'],
    ['a tolerance that is no number', ['--out', 'x.onnx', '--tolerance', 'much'], 'a number from 0 to 1'],
    ['a precision of safetensors', ['--out', 'x.safetensors', '--precision', 'fp16'], 'are for .onnx'],
  ])('is called wrongly with %s', (_, args, message) => {
    const { status, stderr } = mien('model.safetensors', ...args);
    expect(stderr).toContain(message);
    expect(status).toBe(2);
  });

  it('fails for what is no model, and leaves nothing behind', async () => {
    const folder = folderWith({ 'notes.txt': 'x' });
    mkdirSync(join(folder, 'run'));
    const out = join(folder, 'x.onnx');
    const failure = (model: string) => {
      const { status, stderr } = mien(join(folder, model), '--out', out);
      expect(status).toBe(1);
      return stderr;
    };
    expect(failure('run')).toMatch(
      /run: found a folder without best\.safetensors; expected a member's folder of a run, such as RUN\/cnn\/teacher/,
    );
    expect(failure('none.safetensors')).toContain('none.safetensors');
    writeFileSync(join(folder, 'odd.pth'), 'not a checkpoint');
    expect(failure('odd.pth')).toContain('odd.pth');
    expect(existsSync(out)).toBe(false);
    expect(readdirSync(folder).sort()).toEqual(['notes.txt', 'odd.pth', 'run']);
  });
});
