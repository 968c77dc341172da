// Weights from files: what a checkpoint is, seen from its keys and shapes alone, and what of it goes into which network.

import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { defaultGenerator, inferenceMode, type nn, randn, saveTensors, type Tensor, tidy } from '@mien/torch';
import { ABAW1, ABAW3, type LabelSchema } from 'mien/labels';
import { IMAGENET_NORMALIZATION } from 'mien/loading';
import {
  backboneOf,
  buildNetwork,
  importCheckpoint,
  loadWeights,
  type Network,
  type NetworkSpec,
  openModel,
  PRETRAINED,
  pretrainedOf,
  saveModel,
} from 'mien/models';
import { describe, expect, it, onTestFinished } from 'vitest';
import { folderWith } from '../../../../test/folders.js';
import { logitsOf, numbers, pictures, spec } from './networks.js';

function made(over: Partial<NetworkSpec> = {}): ReturnType<typeof buildNetwork> {
  const network = buildNetwork(spec(over)).eval();
  onTestFinished(() => network.dispose());
  return network;
}

/** A file of bare tensors, as PyTorch would save them: nothing tells what they are for. */
async function fileOf(tensors: ReadonlyMap<string, Tensor>, path = 'net.safetensors'): Promise<string> {
  const file = join(folderWith({}), path);
  mkdirSync(dirname(file), { recursive: true });
  await saveTensors(file, tensors);
  return file;
}

const renamed = (network: Network, name: (key: string) => string): Map<string, Tensor> =>
  new Map([...network.stateDict()].map(([key, tensor]) => [name(key), tensor]));

const outputs = (network: Network, input: Tensor): number[] =>
  tidy(() => inferenceMode(() => logitsOf(network.forward(input))));

/** Of every tensor, a digest of its values. */
const values = (network: nn.Module): Map<string, string> =>
  tidy(
    () =>
      new Map(
        [...network.stateDict()].map(([key, tensor]) => {
          const { buffer } = tensor.toTypedArray();
          return [key, createHash('sha256').update(new Uint8Array(buffer)).digest('hex')];
        }),
      ),
  );

const randomState = (): number[] => tidy(() => numbers(defaultGenerator().getState().float()));

const SEQUENCE = { length: 4, hidden: 6 };

describe('importing a checkpoint', () => {
  it('finds backbone, tasks, schema and sizes by keys and shapes', async () => {
    const network = made({ hidden: 12 });
    const { network: other, info } = await importCheckpoint(await fileOf(network.stateDict()));
    onTestFinished(() => other.dispose());
    expect(info).toEqual({
      version: 1,
      network: spec({ hidden: 12 }),
      input: { edge: 38, normalization: IMAGENET_NORMALIZATION },
      decoding: 'endpoints',
      origin: 'checkpoint of the reference system: net.safetensors',
    });
    const input = pictures([2, 3, 32, 32]);
    expect(outputs(other, input)).toEqual(outputs(network, input));
    expect(other.training).toBe(false);
  });

  it('of a network for sequences, with the length of a window from the name of the folder', async () => {
    const network = made({ sequence: SEQUENCE, inputSize: 48 });
    const file = await fileOf(network.stateDict(), 'Multitask-CNN-RNN/Seq_len=16/student.safetensors');
    const { network: other, info } = await importCheckpoint(file, { inputSize: 48 });
    onTestFinished(() => other.dispose());
    expect(info.network).toEqual({ ...spec({ inputSize: 48 }), sequence: { length: 16, hidden: 6 } });
    expect(info.input.edge).toBe(57);
    const input = pictures([2, 5, 3, 48, 48]);
    expect(outputs(other, input)).toEqual(outputs(network, input));
  });

  it('of DataParallel, and of a PyTorch that did not count batches', async () => {
    const network = made();
    const tensors = renamed(network, (key) => `module.${key}`);
    for (const key of tensors.keys()) if (key.endsWith('num_batches_tracked')) tensors.delete(key);
    const { network: other } = await importCheckpoint(await fileOf(tensors));
    onTestFinished(() => other.dispose());
    expect(values(other)).toEqual(values(network));
  });

  it.each<{ over: Partial<NetworkSpec>; name: string }>([
    { name: '12 units and 8 classes', over: { schema: ABAW3 } },
    { name: 'valence and arousal alone', over: { tasks: ['VA'] } },
    { name: 'expressions alone', over: { tasks: ['EXPR'] } },
    { name: 'units and valence', over: { tasks: ['AU', 'VA'], schema: ABAW3 } },
  ])('of $name', async ({ over }) => {
    const { network, info } = await importCheckpoint(await fileOf(made(over).stateDict()));
    network.dispose();
    const { tasks, schema } = info.network;
    expect({ tasks, schema }).toEqual({ tasks: spec(over).tasks, schema: spec(over).schema });
  });

  it('with heads in another order puts each where it belongs', async () => {
    const network = made({ tasks: ['EXPR', 'VA'] });
    const swapped = renamed(network, (key) =>
      key.replace(/^classifier\.(\d)/, (_, i) => `classifier.${1 - i}`),
    );
    const { network: other, info } = await importCheckpoint(await fileOf(swapped));
    onTestFinished(() => other.dispose());
    expect(info.network.tasks).toEqual(['EXPR', 'VA']);
    expect(values(other)).toEqual(values(network));
  });

  it('asks for the schema where sizes fit two or none', async () => {
    const eight = await fileOf(made({ tasks: ['AU'] }).stateDict());
    await expect(importCheckpoint(eight)).rejects.toThrow(
      `${eight}: found heads of 8 outputs, which may be AU of abaw1 or EXPR of abaw3. Say which label schema it was trained with`,
    );
    for (const options of [{ schema: ABAW1 }, { tasks: ['AU'] as const }]) {
      const { network, info } = await importCheckpoint(eight, options);
      network.dispose();
      expect([info.network.schema.name, info.network.tasks]).toEqual(['abaw1', ['AU']]);
    }
    const schema: LabelSchema = {
      name: 'mine',
      actionUnits: ['AU1', 'AU45'],
      expressions: ['neutral', 'pain'],
    };
    const own = await fileOf(made({ schema }).stateDict());
    await expect(importCheckpoint(own)).rejects.toThrow(
      'found heads of 2, 2, 40 outputs; expected those of abaw1 (7 expressions, 8 action units) or abaw3 (8 expressions, 12 action units)',
    );
    const { network, info } = await importCheckpoint(own, { schema });
    network.dispose();
    expect([info.network.schema, info.network.tasks]).toEqual([schema, ['EXPR', 'AU', 'VA']]);
  });

  it('refuses what is no such checkpoint, naming the file and what is wrong', async () => {
    const network = made();
    const cases: [(tensors: Map<string, Tensor>) => void, string | RegExp][] = [
      [
        (all) => all.set('optimizer.x', randn([1])),
        'found "optimizer.x"; expected only keys below backbone.model.',
      ],
      [
        (all) => all.delete('backbone.model.stem.0.weight'),
        /none of those known; compact is the nearest \(stem\.0\.weight is missing\)/,
      ],
      [
        (all) => all.set('classifier.1.bn0.weight', randn([5])),
        'AU head: bn0.weight is [5] instead of [384]',
      ],
      [(all) => all.delete('classifier.2.fc_0.weight'), 'VA head: fc_0.weight is missing'],
      [
        (all) => [...all.keys()].filter((key) => key.startsWith('classifier')).map((key) => all.delete(key)),
        'found no heads',
      ],
    ];
    for (const [spoil, message] of cases) {
      const tensors = new Map(network.stateDict());
      spoil(tensors);
      const file = await fileOf(tensors);
      await expect(importCheckpoint(file)).rejects.toThrow(message);
      await expect(importCheckpoint(file)).rejects.toThrow(file);
    }
    const strange = await fileOf(new Map([['x', randn([2])]]));
    await expect(importCheckpoint(strange)).rejects.toThrow('found weights of something else');
  });
});

describe('loading weights into a network', () => {
  it('takes a whole model', async () => {
    const [from, to] = [made(), made()];
    const file = await fileOf(from.stateDict());
    const report = await loadWeights(to, file);
    expect(report).toEqual({
      file,
      taken: ['backbone', 'EXPR head', 'AU head', 'VA head'],
      kept: [],
      left: [],
    });
    expect(values(to)).toEqual(values(from));
  });

  it('draws no random numbers, so that runs can be repeated', async () => {
    const file = await fileOf(made().stateDict());
    const [fitting, other] = [made(), made({ backbone: 'resnet18' })];
    const before = randomState();
    await loadWeights(fitting, file);
    await expect(loadWeights(other, file)).rejects.toThrow('They are those of compact');
    expect(randomState()).toEqual(before);
  });

  it('starts a network for sequences from one for pictures, and the other way round', async () => {
    const [image, sequence] = [made(), made({ sequence: SEQUENCE })];
    const gru = values(sequence).get('classifier.0.fc_1.weight');
    const report = await loadWeights(sequence, await fileOf(image.stateDict()));
    expect(report.kept).toEqual(['EXPR GRU head', 'AU GRU head', 'VA GRU head']);
    expect(values(sequence.backbone)).toEqual(values(image));
    expect(values(sequence).get('classifier.0.fc_1.weight')).toEqual(gru);

    const again = made();
    const { left, kept } = await loadWeights(again, await fileOf(sequence.stateDict()));
    expect([left, kept]).toEqual([['EXPR GRU head', 'AU GRU head', 'VA GRU head'], []]);
    expect(values(again)).toEqual(values(image));
  });

  it('takes the heads of the tasks that both have', async () => {
    const from = made();
    const to = made({ tasks: ['VA'] });
    const { taken, left } = await loadWeights(to, await fileOf(from.stateDict()));
    expect([taken, left]).toEqual([
      ['backbone', 'VA head'],
      ['EXPR head', 'AU head'],
    ]);
    expect(values(to).get('classifier.0.fc_1.bias')).toEqual(values(from).get('classifier.2.fc_1.bias'));
  });

  it("takes a backbone's own file without its classifier, and says what it knows of it", async () => {
    const backbone = backboneOf('resnet18').build(112);
    onTestFinished(() => backbone.dispose());
    const tensors = new Map([
      ...backbone.stateDict(),
      ['fc.weight', randn([1000, 512])],
      ['fc.bias', randn([1000])],
    ]);
    const network = made({ backbone: 'resnet18' });
    const report = await loadWeights(network, await fileOf(tensors));
    expect(report).toMatchObject({
      taken: ['backbone'],
      kept: ['EXPR head', 'AU head', 'VA head'],
      left: ['fc.bias', 'fc.weight'],
    });
    expect(report.pretrained).toBeUndefined();
    const part = network.namedModules().find(([key]) => key === 'backbone.model')?.[1] as nn.Module;
    expect(values(part)).toEqual(values(backbone));

    const compact = made();
    const file = await fileOf(tensors);
    await expect(loadWeights(compact, file)).rejects.toThrow(/They are those of resnet18$/);
  });

  it('takes the backbone only, where heads do not fit or are not wanted', async () => {
    const from = made({ schema: ABAW3 });
    const to = made();
    const before = values(to);
    const file = await fileOf(from.stateDict());
    await expect(loadWeights(to, file)).rejects.toThrow(
      'found heads of 8, 12, 40 outputs; expected heads of abaw1: 7 for EXPR, 8 for AU, 40 for VA. Or take its backbone only',
    );
    expect(values(to)).toEqual(before);
    const { taken, left } = await loadWeights(to, file, { only: 'backbone' });
    expect([taken, left]).toEqual([['backbone'], ['heads']]);
    expect(values(to).get('backbone.model.stem.0.weight')).toEqual(
      values(from).get('backbone.model.stem.0.weight'),
    );
    expect(values(to).get('classifier.0.fc_0.weight')).toEqual(before.get('classifier.0.fc_0.weight'));
  });

  it('goes by the labels of our own models, not by their number', async () => {
    const labels = { actionUnits: ABAW1.actionUnits, expressions: [...ABAW1.expressions].reverse() };
    const from = made({ schema: { name: 'mine', ...labels } });
    const file = join(folderWith({}), 'model.safetensors');
    const input = { edge: 38, normalization: IMAGENET_NORMALIZATION };
    await saveModel(file, from, { version: 1, network: from.spec, input, decoding: 'centres' });
    await expect(loadWeights(made(), file)).rejects.toThrow(
      'found heads for the labels of mine; expected those of abaw1. Or take its backbone only',
    );
    expect((await openModel(file)).info.decoding).toBe('centres');
  });

  it('lists what does not fit and changes nothing', async () => {
    const to = made({ hidden: 8 });
    const before = values(to);
    const file = await fileOf(made().stateDict());
    await expect(loadWeights(to, file)).rejects.toThrow(
      /weights that do not fit \(EXPR head: fc_0\.weight is \[16, 384\] instead of \[8, 384\]; .*; and \d+ more\)/,
    );
    expect(values(to)).toEqual(before);
  });
});

describe('opening a model', () => {
  it('refuses a bare backbone with its name', async () => {
    const backbone = backboneOf('compact').build(112);
    onTestFinished(() => backbone.dispose());
    const file = await fileOf(backbone.stateDict());
    await expect(openModel(file)).rejects.toThrow('found the weights of a backbone alone (compact)');
  });

  it('refuses a file that is no checkpoint', async () => {
    const folder = folderWith({ 'a.pth': 'not weights', 'b.safetensors': 'neither' });
    await expect(openModel(join(folder, 'a.pth'))).rejects.toThrow('is not a PyTorch checkpoint');
    await expect(openModel(join(folder, 'b.safetensors'))).rejects.toThrow(join(folder, 'b.safetensors'));
    await expect(openModel(join(folder, 'c.pth'))).rejects.toThrow('cannot be opened');
  });
});

describe('published weights', () => {
  it('are known by the names of their files, with what one must know to use them', () => {
    expect(pretrainedOf('/some/where/resnet50_ferplus_dag.pth')?.name).toBe('ferplus');
    expect(pretrainedOf('other.pth')).toBeUndefined();
    for (const [name, one] of PRETRAINED) {
      expect(one.name).toBe(name);
      expect(one.normalization).toBe(backboneOf(one.backbone).normalization);
      for (const text of [one.file, one.source, one.origin, one.licence]) expect(text).not.toBe('');
    }
  });
});

describe('a pool with a weight for each place', () => {
  /** [C][k × k] */
  const pools = (network: Network): Float32Array[] => {
    const weight = [...network.stateDict()].find(([key]) => key.endsWith('pool.weight'))?.[1] as Tensor;
    const [channels = 0] = weight.shape;
    const all = weight.toTypedArray() as Float32Array;
    const places = all.length / channels;
    return Array.from({ length: channels }, (_, i) => all.slice(i * places, (i + 1) * places));
  };
  const sum = (of: Float32Array) => of.reduce((total, value) => total + value, 0);

  it('is brought to another size of input: the same sum, corners that are corners', async () => {
    const small = made({ inputSize: 48 });
    const file = await fileOf(small.stateDict());
    const large = made({ inputSize: 96 });
    await loadWeights(large, file);
    const [before, after] = [pools(small), pools(large)];
    expect(before[0]).toHaveLength(9);
    expect(after[0]).toHaveLength(36);
    after.forEach((weights, channel) => {
      const old = before[channel] as Float32Array;
      expect(sum(weights)).toBeCloseTo(sum(old), 5);
      // Up to a constant, a corner is the old corner's quarter: as many times more places share the sum.
      const [corner, opposite] = [weights[0] as number, weights[35] as number];
      expect(corner - opposite).toBeCloseTo(((old[0] as number) - (old[8] as number)) / 4, 5);
    });
    const again = made({ inputSize: 48 });
    await loadWeights(again, file);
    expect(values(again)).toEqual(values(small));
  });
});
