import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDataError } from 'mien/files';
import { TASKS } from 'mien/labels';
import { DECODE_POINTS, loadModel, valenceArousalOf } from 'mien/models';
import { openRunner } from 'mien/models/runners';
import { Random } from 'mien/random';
import { describe, expect, it } from 'vitest';
import { folderWith } from '../../../../test/folders.js';
import { exported, writeModel } from '../reading/models.js';

/** [count, 3, 32, 32] */
function images(count: number): Float32Array {
  const random = Random.seeded(3);
  return Float32Array.from({ length: count * 3 * 32 * 32 }, () => random.between(-100, 100));
}

const largestDifference = (one: Float32Array, two: Float32Array) =>
  one.reduce((most, value, i) => Math.max(most, Math.abs(value - (two[i] as number))), 0);

const ONE_THREAD = { threads: 1 };

describe('a runner', () => {
  it.each([
    { kind: 'pictures', over: {}, dims: [4, 3, 32, 32], frames: 4 },
    { kind: 'clips', over: { sequence: { length: 8, hidden: 6 } }, dims: [2, 3, 3, 32, 32], frames: 6 },
  ])('of $kind says the same by ONNX Runtime and by libtorch', async ({ over, dims, frames }) => {
    const file = await writeModel(join(folderWith({}), 'model.safetensors'), over);
    const torch = await openRunner(file, ONE_THREAD);
    const onnx = await openRunner(await exported(file), ONE_THREAD);
    const [one, two] = [await torch.run(images(frames), dims), await onnx.run(images(frames), dims)];
    const widths = { EXPR: 7, AU: 8, VA: 40 };
    for (const task of TASKS) {
      expect(one[task]).toHaveLength(frames * widths[task]);
      expect(largestDifference(one[task] as Float32Array, two[task] as Float32Array)).toBeLessThan(1e-4);
    }
    expect(onnx.info).toEqual(torch.info);
    await torch.close();
    await onnx.close();
  });

  it('is known by its file, and by the hash of its weights, exported or not', async () => {
    const file = await writeModel(join(folderWith({}), 'student_3/best.safetensors'));
    const { network, hash } = await loadModel(file);
    network.dispose();
    const onnx = await exported(file);
    for (const name of [file, onnx]) {
      const runner = await openRunner(name, ONE_THREAD);
      expect(runner).toMatchObject({ name: 'student_3', file: name, hash });
      await runner.close();
    }
  });

  it('reads pictures in memory that threads share', async () => {
    const file = await exported(await writeModel(join(folderWith({}), 'model.safetensors')));
    const runner = await openRunner(file, ONE_THREAD);
    const plain = images(1);
    const shared = new Float32Array(new SharedArrayBuffer(plain.byteLength));
    shared.set(plain);
    const dims = [1, 3, 32, 32];
    expect(await runner.run(shared, dims)).toEqual(await runner.run(plain, dims));
    await runner.close();
  });

  it('takes another length of windows', async () => {
    const file = await writeModel(join(folderWith({}), 'clips.safetensors'), {
      sequence: { length: 8, hidden: 6 },
    });
    for (const name of [file, await exported(file)]) {
      const runner = await openRunner(name, { ...ONE_THREAD, length: 3 });
      expect(runner.info.network.sequence).toEqual({ length: 3, hidden: 6 });
      await runner.close();
    }
  });

  it('is refused where the file is no model, or the backend cannot run it', async () => {
    const folder = folderWith({ 'text.onnx': 'text', 'text.safetensors': 'text' });
    await expect(openRunner(join(folder, 'none.onnx'))).rejects.toThrow(/none\.onnx: found no such file/);
    await expect(openRunner(folder)).rejects.toSatisfy(isDataError);
    await expect(openRunner(join(folder, 'text.onnx'))).rejects.toSatisfy(isDataError);
    for (const backend of ['torch', 'onnx'] as const)
      await expect(openRunner(join(folder, 'text.safetensors'), { backend, cache: false })).rejects.toThrow(
        /text\.safetensors/,
      );
    writeFileSync(join(folder, 'any.onnx'), '');
    await expect(openRunner(join(folder, 'any.onnx'), { backend: 'torch' })).rejects.toThrow(
      /expected weights/,
    );
  });
});

describe('valence and arousal', () => {
  it('are the expectation over the points', () => {
    const logits = new Float32Array(80);
    logits.fill(-1000);
    logits[3] = 0; // valence of the first row is the fourth point
    logits[20 + 19] = 0; // its arousal the last
    logits.fill(5, 40); // in the second row all points are as likely
    for (const decoding of ['endpoints', 'centres'] as const) {
      const points = DECODE_POINTS[decoding];
      const [valence, arousal, ...second] = valenceArousalOf(logits, decoding);
      expect(valence).toBeCloseTo(points[3] as number, 6);
      expect(arousal).toBeCloseTo(points[19] as number, 6);
      for (const value of second) expect(value).toBeCloseTo(0, 6);
    }
    expect(DECODE_POINTS.endpoints[19]).toBe(1);
    expect(DECODE_POINTS.centres[19]).toBeCloseTo(0.95, 12);
  });

  it('do not overflow', () => {
    const logits = new Float32Array(40).fill(1e30);
    for (const value of valenceArousalOf(logits, 'endpoints')) expect(value).toBeCloseTo(0, 6);
  });
});
