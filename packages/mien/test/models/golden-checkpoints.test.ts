// Checkpoints of full size, written by the reference system, whose every value follows a pattern of its place.

import { join } from 'node:path';
import { type NumericArray, type RawStateDict, readPth, tidy } from '@mien/torch';
import {
  buildNetwork,
  importCheckpoint,
  loadWeights,
  openModel,
  readModelInfo,
  saveModel,
} from 'mien/models';
import { describe, expect, it } from 'vitest';
import { folderWith } from '../../../../test/folders.js';
import { SHARED } from '../support/golden.js';
import { goldenCheckpoints, spec } from './networks.js';

/** p of element i of entry k: 61 values from −1 to 1. */
const pattern = (i: number, k: number, offset: number): number =>
  (((i * 7919 + (k + offset) * 104729) % 61) - 30) / 30;

/** What element i of an entry should be, given p. */
function expectedOf(key: string, shape: readonly number[]): (p: number) => number {
  const isNorm = /(_bn|\.bn[01])\.(weight|bias)$/.test(key);
  if (key.endsWith('running_var')) return (p) => 1 + p ** 2 / 2;
  if (key.endsWith('running_mean')) return (p) => p / 20;
  if (isNorm && key.endsWith('weight')) {
    const head = /\.bn[01]\.weight$/.test(key);
    const least = head ? 0.6 : /_(increase|proj)_bn\./.test(key) ? 0.35 : 0.8;
    return (p) => least + 0.2 * p;
  }
  if (/bias/.test(key)) return (p) => p / 10;
  const fanIn = shape.slice(1).reduce((product, size) => product * size, 1);
  const scale = Math.sqrt(3 / fanIn) * (key.includes('conv1_7x7_s2') ? 0.02 : 1);
  return (p) => scale * p;
}

/** The largest difference between a network's values and the pattern, entry k being the k-th of the file. */
function largestError(state: ReadonlyMap<string, NumericArray>, file: RawStateDict, offset: number): number {
  let largest = 0;
  [...file].forEach(([key, { shape }], k) => {
    const values = state.get(key) as NumericArray;
    if (key.endsWith('num_batches_tracked')) {
      largest = Math.max(largest, Math.abs(Number(values[0]) - (7 + (k % 5))));
      return;
    }
    const value = expectedOf(key, shape);
    // All 61 values of the pattern occur within the first 61 elements; further on, a sample tells.
    const step = values.length > 10_000 ? 97 : 1;
    for (let i = 0; i < values.length; i += step)
      largest = Math.max(largest, Math.abs(Number(values[i]) - value(pattern(i, k, offset))));
  });
  return largest;
}

describe.skipIf(!SHARED)('golden checkpoints (skipped where they do not stand beside the checkout)', () => {
  const checkpoint = goldenCheckpoints();

  it.each([
    { name: 'cnn_net_epoch_teacher_id_resnet50.pth', entries: 360, offset: 0, format: 'legacy' },
    { name: 'cnn_net_epoch_student_0_id_resnet50.pth', entries: 360, offset: 11, format: 'zip' },
    { name: 'cnn_net_epoch_student_1_id_resnet50.pth', entries: 360, offset: 23, format: 'legacy' },
    {
      name: 'cnn_rnn_seq8_net_epoch_teacher_id_resnet50_GRU.pth',
      entries: 390,
      offset: 37,
      format: 'legacy',
    },
    { name: 'cnn_rnn_seq8_net_epoch_student_0_id_resnet50_GRU.pth', entries: 390, offset: 41, format: 'zip' },
  ])('$name', async ({ name, entries, offset, format }) => {
    const file = checkpoint(name);
    const { network, info } = await openModel(file);
    const pth = await readPth(file);
    expect(pth.format).toBe(format);
    const stored = pth.stateDict();
    const state = tidy(
      () => new Map([...network.stateDict()].map(([key, tensor]) => [key, tensor.toTypedArray()])),
    );
    expect(stored.size).toBe(entries);
    expect([...state.keys()]).toEqual([...stored.keys()]); // in the file's order, too
    expect(largestError(state, stored, offset)).toBeLessThan(1e-6);
    const parameters = network.parameters().reduce((sum, one) => sum + one.numel(), 0);
    expect(parameters).toBe(entries === 360 ? 24_314_999 : 24_545_582);
    expect(info.network).toMatchObject({
      backbone: 'resnet50-ferplus',
      tasks: ['EXPR', 'AU', 'VA'],
      schema: { name: 'abaw1' },
      hidden: 128,
      inputSize: 112,
    });
    expect(info.network.sequence).toEqual(entries === 360 ? undefined : { length: 32, hidden: 64 });
    expect(info.input).toEqual({
      edge: 134,
      normalization: { mean: [131.0912, 103.8827, 91.4953], std: [1, 1, 1], scale: 255 },
    });
    network.dispose();
  });

  it('an imported one saved as a model is the same model', async () => {
    const { network, info, hash } = await importCheckpoint(
      checkpoint('cnn_net_epoch_teacher_id_resnet50.pth'),
    );
    const file = join(folderWith({}), 'teacher.safetensors');
    await saveModel(file, network, info);
    expect(await readModelInfo(file)).toEqual(info);
    const again = await openModel(file);
    expect(again.hash).toBe(hash);
    for (const one of [network, again.network]) one.dispose();
  });

  it('the bare backbone starts a network, without the classifier it comes with', async () => {
    const network = buildNetwork(spec({ backbone: 'resnet50-ferplus', inputSize: 112 }));
    const report = await loadWeights(network, checkpoint('resnet50_ferplus_dag.pth'));
    expect(report).toMatchObject({
      taken: ['backbone'],
      kept: ['EXPR head', 'AU head', 'VA head'],
      left: ['classifier.weight', 'classifier.bias'],
      pretrained: { name: 'ferplus', backbone: 'resnet50-ferplus' },
    });
    network.dispose();
  });

  it('a checkpoint for pictures starts a network for sequences', async () => {
    const network = buildNetwork(
      spec({
        backbone: 'resnet50-ferplus',
        inputSize: 112,
        hidden: 128,
        sequence: { length: 8, hidden: 64 },
      }),
    );
    const { taken, kept } = await loadWeights(network, checkpoint('cnn_net_epoch_student_0_id_resnet50.pth'));
    expect(taken).toEqual(['backbone', 'EXPR head', 'AU head', 'VA head']);
    expect(kept).toEqual(['EXPR GRU head', 'AU GRU head', 'VA GRU head']);
    network.dispose();
  });
});
