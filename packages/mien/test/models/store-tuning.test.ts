import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSafetensors } from '@mien/torch';
import { isDataError } from 'mien/files';
import {
  ensembleTuningOf,
  loadModel,
  type ModelInfo,
  readModelInfo,
  storeTuning,
  type Tuning,
  tuningOf,
  withEnsembleTuning,
  withTuning,
} from 'mien/models';
import { readOnnxInfo } from 'mien/models/onnx';
import { openRunner } from 'mien/models/runners';
import { InferenceSession } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { folderWith } from '../../../../test/folders.js';
import { exported, writeModel } from '../reading/models.js';
import { spec } from './networks.js';
import { infoOf } from './onnx/exporting.js';

const TUNING: Tuning = {
  thresholds: { AU1: 0.25, AU12: 0.4 },
  calibration: { EXPR: 1.5, AU: { AU1: { slope: 0.9, intercept: -0.1 } } },
  smoothing: { VA: { kind: 'box', frames: 5 } },
  tunedOn: '12 clips of »demo«',
};
const tuned = (info: ModelInfo): ModelInfo => ({
  ...info,
  ...TUNING,
  ensembles: [{ members: ['a'.repeat(64), 'b'.repeat(64)], thresholds: { AU2: 0.1 } }],
});

describe('tuning in a file', () => {
  it('of weights leaves them as they are', async () => {
    const file = await writeModel(join(folderWith({}), 'model.safetensors'));
    const [before, info] = [await readSafetensors(file), await readModelInfo(file)];
    const { network, hash } = await loadModel(file);
    await storeTuning(file, tuned);
    const after = await readSafetensors(file);
    expect([...after.tensors.keys()]).toEqual([...before.tensors.keys()]);
    for (const [key, { dtype, shape, data }] of before.tensors) {
      const same = after.tensors.get(key);
      expect(same).toMatchObject({ dtype, shape });
      expect(Buffer.from(data).equals(same?.data as Uint8Array)).toBe(true);
    }
    const again = await loadModel(file);
    expect(again.info).toEqual(tuned(info));
    expect(again.hash).toBe(hash);
    network.dispose();
    again.network.dispose();
  });

  it('of an ONNX model changes nothing but what is said', async () => {
    const file = await exported(await writeModel(join(folderWith({}), 'model.safetensors')));
    const { info, metadata } = readOnnxInfo(file, { verify: true });
    const runner = await openRunner(file);
    await storeTuning(file, tuned);
    const after = readOnnxInfo(file, { verify: true }); // weights are those that it names
    expect(after.info).toEqual(tuned(info));
    const same = [...metadata].filter(([key]) => key !== 'mien.model');
    expect([...after.metadata]).toEqual(expect.arrayContaining(same));
    expect(after.metadata.get('thresholds')).toBe('{"AU1":0.25,"AU12":0.4}');
    const again = await openRunner(file);
    expect(again.hash).toBe(runner.hash);
    for (const one of [runner, again]) await one.close();
    await (await InferenceSession.create(file)).release();
  });

  it('that is taken away again gives the file that there was, byte for byte', async () => {
    const weights = await writeModel(join(folderWith({}), 'model.safetensors'));
    for (const file of [weights, await exported(weights)]) {
      const before = readFileSync(file);
      await storeTuning(file, tuned);
      expect(readFileSync(file).equals(before)).toBe(false);
      await storeTuning(file, (info) => {
        const { thresholds, calibration, smoothing, tunedOn, ensembles, ...rest } = info;
        return rest;
      });
      expect(readFileSync(file).equals(before)).toBe(true);
    }
  });

  it('that is none leaves the file as it was', async () => {
    const weights = await writeModel(join(folderWith({}), 'model.safetensors'));
    for (const file of [weights, await exported(weights)]) {
      const before = readFileSync(file);
      const wrong = (info: ModelInfo) => ({ ...info, thresholds: { AU1: 'much' as unknown as number } });
      await expect(storeTuning(file, wrong)).rejects.toThrow(/thresholds/);
      expect(readFileSync(file).equals(before)).toBe(true);
    }
  });

  it('is refused by files that are no models of ours', async () => {
    const folder = folderWith({ 'a.onnx': 'text', 'a.pth': 'text' });
    for (const name of ['a.onnx', 'none.onnx', 'a.pth'])
      await expect(storeTuning(join(folder, name), tuned)).rejects.toSatisfy(isDataError);
    writeFileSync(join(folder, 'a.safetensors'), 'text');
    await expect(storeTuning(join(folder, 'a.safetensors'), tuned)).rejects.toThrow(/a\.safetensors/);
  });
});

describe('tuning in a description', () => {
  const info = infoOf(spec());

  it('is taken out as it was put in, and replaces what was there', () => {
    expect(tuningOf(info)).toEqual({});
    const first = withTuning(info, TUNING);
    expect(tuningOf(first)).toEqual(TUNING);
    expect(tuningOf(withTuning(first, { tunedOn: 'less' }))).toEqual({ tunedOn: 'less' });
    expect(withTuning(first, {})).toEqual(info);
  });

  it('of several models holds for just these, in any order', () => {
    const two = withEnsembleTuning(info, ['b', 'a'], { thresholds: { AU1: 0.2 } });
    const both = withEnsembleTuning(two, ['c', 'a', 'b'], { thresholds: { AU1: 0.3 } });
    expect(ensembleTuningOf([info, both], ['a', 'b'])).toEqual({ thresholds: { AU1: 0.2 } });
    expect(ensembleTuningOf([both], ['b', 'c', 'a'])).toEqual({ thresholds: { AU1: 0.3 } });
    expect(ensembleTuningOf([both], ['a', 'c'])).toBeUndefined();
    const again = withEnsembleTuning(both, ['a', 'b'], { thresholds: { AU1: 0.4 } });
    expect(ensembleTuningOf([again], ['a', 'b'])).toEqual({ thresholds: { AU1: 0.4 } });
    expect(again.ensembles).toHaveLength(2);
  });
});
