// Checkpoints of full size, written by the reference system. That their values are read as they stand there, `mien/parity` checks.

import { join } from 'node:path';
import { readPth, type Tensor } from '@mien/torch';
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

describe.skipIf(!SHARED)('golden checkpoints (skipped where they do not stand beside the checkout)', () => {
  const checkpoint = goldenCheckpoints();

  it.each([
    { name: 'cnn_net_epoch_teacher_id_resnet50.pth', entries: 360, format: 'legacy' },
    { name: 'cnn_net_epoch_student_0_id_resnet50.pth', entries: 360, format: 'zip' },
    { name: 'cnn_net_epoch_student_1_id_resnet50.pth', entries: 360, format: 'legacy' },
    {
      name: 'cnn_rnn_seq8_net_epoch_teacher_id_resnet50_GRU.pth',
      entries: 390,
      format: 'legacy',
    },
    { name: 'cnn_rnn_seq8_net_epoch_student_0_id_resnet50_GRU.pth', entries: 390, format: 'zip' },
  ])('$name', async ({ name, entries, format }) => {
    const file = checkpoint(name);
    const { network, info } = await openModel(file);
    const pth = await readPth(file);
    expect(pth.format).toBe(format);
    const stored = pth.stateDict();
    const state = network.stateDict();
    expect(stored.size).toBe(entries);
    expect([...state.keys()]).toEqual([...stored.keys()]); // in the file's order, too
    for (const [key, { data }] of stored) {
      using tensor = state.get(key) as Tensor;
      const { buffer } = tensor.toTypedArray();
      expect(Buffer.from(buffer).equals(data)).toBe(true);
    }
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
