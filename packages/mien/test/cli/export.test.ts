import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { readModelInfo } from 'mien/models';
import { readOnnxInfo } from 'mien/models/onnx';
import { describe, expect, it } from 'vitest';
import { folderWith, ROOT } from '../../../../test/folders.js';
import { writeModel } from '../reading/models.js';

const MAIN = join(ROOT, 'packages/mien/dist/cli/main.js');

const exporting = (...args: string[]) =>
  spawnSync(process.execPath, [MAIN, 'export', ...args], { encoding: 'utf8' });

describe('mien export --crop', () => {
  it('writes into the model how its faces are to be cut out', async () => {
    const folder = folderWith({});
    const model = await writeModel(join(folder, 'model.safetensors'));
    const { input } = await readModelInfo(model);
    const weights = join(folder, 'more.safetensors');
    expect(exporting(model, '--out', weights, '--crop', 'five-point:0.25').status).toBe(0);
    expect((await readModelInfo(weights)).crop).toEqual({
      align: 'five-point',
      size: input.edge,
      margin: 0.25,
    });
    const onnx = join(folder, 'model.onnx');
    expect(exporting(weights, '--out', onnx).status).toBe(0);
    expect(readOnnxInfo(onnx).info.crop?.align).toBe('five-point');
  });

  it.each(['round', 'box:wide', 'box:9', 'box:0.1:2', 'box:'])('ends with 2 for %s', (crop) => {
    const { status, stderr } = exporting('model.safetensors', '--out', 'x.onnx', '--crop', crop);
    expect(status).toBe(2);
    expect(stderr).toContain('expected');
  });
});
