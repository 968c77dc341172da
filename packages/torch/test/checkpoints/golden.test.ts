import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type RawStateDict, type RawTensor, readPth } from '../../src/checkpoints/index.js';
import { fileOf, temporaryFolder } from './temporary.js';

// Full-size checkpoints with a known pattern lie beside the project, not in it.
const GOLDEN = fileURLToPath(new URL('../../../../../shared/golden/checkpoints/', import.meta.url));
const missing = !existsSync(GOLDEN);
if (missing) console.warn(`golden checkpoints: skipped, ${GOLDEN} is not there`);

const folder = temporaryFolder();

interface Case {
  readonly file: string;
  readonly format: 'zip' | 'legacy';
  /** Shifts the pattern, so that no two files are equal. */
  readonly shift: number;
  readonly sequence: boolean;
}

const CASES: Case[] = [
  { file: 'cnn_net_epoch_teacher_id_resnet50', format: 'legacy', shift: 0, sequence: false },
  { file: 'cnn_net_epoch_student_0_id_resnet50', format: 'zip', shift: 11, sequence: false },
  { file: 'cnn_net_epoch_student_1_id_resnet50', format: 'legacy', shift: 23, sequence: false },
  { file: 'cnn_rnn_seq8_net_epoch_teacher_id_resnet50_GRU', format: 'legacy', shift: 37, sequence: true },
  { file: 'cnn_rnn_seq8_net_epoch_student_0_id_resnet50_GRU', format: 'zip', shift: 41, sequence: true },
];

const BN = ['weight', 'bias', 'running_mean', 'running_var', 'num_batches_tracked'];

/** Names of the backbone's entries: 53 convolutions, each with its batch norm. */
function backboneKeys(prefix: string): string[] {
  const stems = ['conv1_7x7_s2'];
  for (const [stage, blocks] of [3, 4, 6, 3].entries()) {
    for (let block = 1; block <= blocks; block++) {
      const name = `conv${stage + 2}_${block}`;
      stems.push(`${name}_1x1_reduce`, `${name}_3x3`, `${name}_1x1_increase`);
      if (block === 1) stems.push(`${name}_1x1_proj`);
    }
  }
  return stems.flatMap((stem) => [
    `${prefix}${stem}.weight`,
    ...BN.map((part) => `${prefix}${stem}_bn.${part}`),
  ]);
}

function expectedKeys(sequence: boolean): string[] {
  const outer = sequence ? 'backbone.' : '';
  const keys = backboneKeys(`${outer}backbone.model.`);
  for (const task of [0, 1, 2]) {
    const head = `${outer}classifier.${task}`;
    for (const norm of ['bn0', 'bn1']) keys.push(...BN.map((part) => `${head}.${norm}.${part}`));
    for (const layer of ['fc_0', 'fc_1']) keys.push(`${head}.${layer}.weight`, `${head}.${layer}.bias`);
    if (!sequence) continue;
    const gru = ['weight_ih_l0', 'weight_hh_l0', 'bias_ih_l0', 'bias_hh_l0'];
    for (const part of gru)
      keys.push(`classifier.${task}.GRU_layer.${part}`, `classifier.${task}.GRU_layer.${part}_reverse`);
    keys.push(`classifier.${task}.fc_1.weight`, `classifier.${task}.fc_1.bias`);
  }
  return keys;
}

/** The value that the pattern gives entry `name` for p = (((i·7919 + (k+o)·104729) mod 61) − 30)/30. */
function pattern(name: string, shape: readonly number[]): (p: number) => number {
  const part = name.slice(name.lastIndexOf('.') + 1);
  const norm = /(_bn|\.bn[01])\.\w+$/.test(name);
  if (part === 'running_var') return (p) => 1 + (p * p) / 2;
  if (part === 'running_mean') return (p) => p / 20;
  if (part.startsWith('bias')) return (p) => p / 10;
  if (norm && /\.bn[01]\./.test(name)) return (p) => 0.6 + 0.2 * p;
  if (norm) return /(increase|proj)_bn/.test(name) ? (p) => 0.35 + 0.2 * p : (p) => 0.8 + 0.2 * p;
  const fanIn = shape.slice(1).reduce((product, size) => product * size, 1);
  const scale = Math.sqrt(3 / fanIn) * (name.includes('conv1_7x7_s2.') ? 0.02 : 1);
  return (p) => scale * p;
}

/** The largest relative error of a tensor's elements against the pattern. */
function largestError(name: string, k: number, { shape, data }: RawTensor): number {
  const values = new Float32Array(data.buffer, data.byteOffset, data.length / 4);
  const value = pattern(name, shape);
  let largest = 0;
  for (let i = 0; i < values.length; i++) {
    const expected = value((((i * 7919 + k * 104729) % 61) - 30) / 30);
    const error = Math.abs((values[i] as number) - expected) / Math.max(Math.abs(expected), 1e-30);
    if (error > largest) largest = error;
  }
  return largest;
}

async function open(file: string): Promise<{ format: string; tensors: RawStateDict }> {
  const bytes = gunzipSync(readFileSync(`${GOLDEN}${file}.pth.gz`));
  const pth = await readPth(fileOf(folder, bytes));
  return { format: pth.format, tensors: pth.stateDict() };
}

describe.skipIf(missing)('golden checkpoints', () => {
  it.each(CASES)(
    '$file has the names and values of the pattern',
    async ({ file, format, shift, sequence }) => {
      const found = await open(file);
      expect(found.format).toBe(format);
      expect(found.tensors.size).toBe(sequence ? 390 : 360);
      expect([...found.tensors.keys()].sort()).toEqual(expectedKeys(sequence).sort());
      let k = 0;
      let elements = 0;
      for (const [name, tensor] of found.tensors) {
        if (name.endsWith('num_batches_tracked')) {
          expect([tensor.dtype, tensor.shape]).toEqual(['int64', []]);
          expect(new BigInt64Array(tensor.data.buffer, tensor.data.byteOffset, 1)[0]).toBe(
            BigInt(7 + (k % 5)),
          );
        } else {
          expect(tensor.dtype).toBe('float32');
          // float32 rounds by at most 2^-24 of the value
          expect(largestError(name, k + shift, tensor), name).toBeLessThanOrEqual(2 ** -23);
          if (!name.includes('running_')) elements += tensor.data.length / 4;
        }
        k++;
      }
      expect(elements).toBe(sequence ? 24_545_582 : 24_314_999);
    },
  );

  it('the bare backbone has its 318 entries and the classifier', async () => {
    const { tensors } = await open('resnet50_ferplus_dag');
    const expected = [...backboneKeys(''), 'classifier.weight', 'classifier.bias'];
    expect([...tensors.keys()].sort()).toEqual(expected.sort());
    expect(tensors.get('classifier.weight')?.shape).toEqual([8, 2048, 1, 1]);
    expect(tensors.get('classifier.bias')?.shape).toEqual([8]);
    expect(tensors.get('conv1_7x7_s2.weight')?.shape).toEqual([64, 3, 7, 7]);
  });
});
