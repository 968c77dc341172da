// What an exported file says about itself, and what becomes of one that cannot be trusted.

import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { nn, noGrad } from '@mien/torch';
import type { ModelInfo } from 'mien/models';
import { parseOnnxInfo, readOnnxInfo } from 'mien/models/onnx';
import { InferenceSession } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { folderWith } from '../../../../../test/folders.js';
import { pictures, spec } from '../networks.js';
import { exportTo, infoOf, LayerNetwork, runBoth, settledNetwork } from './exporting.js';

const FULL: ModelInfo = {
  ...infoOf(spec()),
  crop: { align: 'similarity', size: 112, margin: 0.1 },
  thresholds: { AU1: 0.4, AU12: 0.6 },
  calibration: { EXPR: 1.3, AU: { AU1: { slope: 1.1, intercept: -0.2 } } },
  training: {
    mien: '0.1.0',
    member: 'student_0',
    phase: 'cnn',
    seed: 7,
    epoch: 3,
    data: { EXPR: ['demo'] },
    scores: { total: 2.5 },
  },
  origin: 'made for a test – with “odd” letters',
  licence: 'MIT',
};

describe('an ONNX file', () => {
  it('carries the whole description, and the same in words', async () => {
    const { file, bytes } = await exportTo(settledNetwork(), {}, FULL);
    const { info, metadata } = readOnnxInfo(file, { verify: true });
    expect(info).toEqual(FULL);
    expect(parseOnnxInfo(readFileSync(file), 'memory')).toEqual({ info, metadata });
    expect(readFileSync(file)).toHaveLength(bytes);
    expect(Object.fromEntries(metadata)).toMatchObject({
      'mien.precision': 'fp32',
      'mien.weights.sha256': expect.stringMatching(/^[0-9a-f]{64}$/),
      'mien.source.sha256': 'a'.repeat(64),
      labels: 'abaw1',
      licence: 'MIT',
      'output.AU': expect.stringMatching(/AU1, AU2, .*AU25$/),
      input: expect.stringContaining('float32 [batch, 3, 32, 32]'),
    });
  });

  it('names its outputs and the sizes that vary', async () => {
    const clips = settledNetwork({ tasks: ['AU', 'VA'], sequence: { length: 4, hidden: 8 } });
    const { file, outputs } = await exportTo(clips, { features: true });
    expect(outputs).toEqual(['AU', 'AU_features', 'VA', 'VA_features']);
    const session = await InferenceSession.create(file);
    expect(session.inputMetadata).toMatchObject([{ name: 'images', shape: ['batch', 'time', 3, 32, 32] }]);
    expect(session.outputMetadata).toMatchObject([
      { name: 'AU', shape: ['batch', 'time', 8] },
      { name: 'AU_features', shape: ['batch_time', 16] },
      { name: 'VA', shape: ['batch', 'time', 40] },
      { name: 'VA_features', shape: ['batch_time', 16] },
    ]);
    await session.release();
    const found = await runBoth(file, clips, pictures([3, 2, 3, 32, 32]));
    expect(found.AU_features?.dims).toEqual([6, 16]);
    expect(found.VA?.dims).toEqual([3, 2, 40]);
  });

  it('is half as large in fp16', async () => {
    const network = settledNetwork();
    const [whole, half] = [await exportTo(network), await exportTo(network, { precision: 'fp16' })];
    expect(half.bytes / whole.bytes).toBeLessThan(0.52);
  });

  it('is not made of a weight that fp16 cannot hold', async () => {
    const layer = new nn.Conv2d(3, 2, 3);
    noGrad(() => layer.bias?.fill_(7e4));
    const network = new LayerNetwork(layer).eval();
    await expect(exportTo(network, { precision: 'fp16' })).rejects.toThrow(
      'layer.bias holds 70000, and float16 ends at 65504; export in fp32',
    );
  });

  it('is not left behind by a network that does not compute numbers', async () => {
    const layer = new nn.Conv2d(3, 2, 3);
    noGrad(() => layer.bias?.fill_(Number.NaN));
    const network = new LayerNetwork(layer).eval();
    const folder = folderWith({});
    await expect(exportTo(network, {}, infoOf(network.spec))).rejects.toThrow(
      'not written: ONNX Runtime differs from libtorch by EXPR NaN',
    );
    expect(existsSync(`${folder}/model.onnx`)).toBe(false);
  });
});

describe('a file that cannot be trusted', () => {
  it('is told by a weight that was changed', async () => {
    const { file, bytes } = await exportTo(settledNetwork());
    const content = readFileSync(file);
    const at = Math.floor(bytes / 2);
    content[at] = (content[at] as number) ^ 1;
    writeFileSync(file, content);
    expect(readOnnxInfo(file).info.version).toBe(1);
    expect(() => readOnnxInfo(file, { verify: true })).toThrow(/model\.onnx: found weights with the hash/);
  });

  it('is refused when it is cut off, at any byte', async () => {
    const { file, bytes } = await exportTo(new LayerNetwork(new nn.Conv2d(3, 2, 3)).eval());
    const whole = readFileSync(file);
    for (let length = bytes - 1; length >= 0; length -= 97) {
      const short = whole.subarray(0, length);
      expect(() => parseOnnxInfo(short, 'short.onnx', { verify: true })).toThrow(/^short\.onnx: found /);
    }
    truncateSync(file, 100);
    expect(() => readOnnxInfo(file)).toThrow(/model\.onnx: found a field of \d+ bytes at byte \d+/);
  });

  it.each([
    ['nothing in it', Buffer.alloc(0), /without a description of their network/],
    ['text', Buffer.from('Not a model at all.\n'.repeat(20)), /expected an ONNX file/],
    ['an endless number', Buffer.alloc(40, 0xff), /no end of a number at byte 0/],
  ])('is refused with %s', (_, content, message) => {
    const file = `${folderWith({})}/x.onnx`;
    writeFileSync(file, content);
    expect(() => readOnnxInfo(file)).toThrow(message);
  });

  it('is refused when it is not there', () => {
    expect(() => readOnnxInfo('/no/such.onnx')).toThrow('/no/such.onnx: found no such file');
  });
});
