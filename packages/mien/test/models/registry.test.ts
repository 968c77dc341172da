// Everything that is registered is held to the same promises.

import { join } from 'node:path';
import { aten, inferenceMode, manualSeed, optim, tidy } from '@mien/torch';
import { BACKBONES, backboneOf, buildNetwork, loadModel, type ModelInfo, saveModel } from 'mien/models';
import { afterEach, describe, expect, it } from 'vitest';
import { folderWith } from '../../../../test/folders.js';
import { logitsOf, parameterCount, pictures, spec } from './networks.js';

const disposables: { dispose(): void }[] = [];
const owned = <T extends { dispose(): void }>(one: T): T => {
  disposables.push(one);
  return one;
};
afterEach(() => {
  for (const one of disposables.splice(0)) one.dispose();
});

describe.each([...BACKBONES.values()])('$name', (backbone) => {
  const { name, inputSize, smallestInput, features } = backbone;

  it('says what it is', () => {
    expect(backboneOf(name)).toBe(backbone);
    for (const text of [backbone.summary, backbone.origin]) expect(text.length).toBeGreaterThan(10);
    expect(smallestInput).toBeLessThanOrEqual(inputSize);
  });

  it('gives vectors of the length it states, at its smallest and its usual size, the same every time', () => {
    for (const size of [smallestInput, inputSize]) {
      const network = owned(backbone.build(size)).eval();
      const run = () =>
        tidy(() =>
          inferenceMode(() => {
            const output = network.forward(pictures([2, 3, size, size]));
            expect(output.shape).toEqual([2, features]);
            return output.toArray() as number[][];
          }),
        );
      const first = run();
      expect(first.flat().every(Number.isFinite)).toBe(true);
      expect(run()).toEqual(first);
    }
  });

  it('trains: every parameter has a gradient and moves', () => {
    manualSeed(2);
    const network = owned(buildNetwork(spec({ backbone: name, inputSize: smallestInput }))).train();
    const before = network
      .namedParameters()
      .map(([key, parameter]) => [key, owned(parameter.clone())] as const);
    const optimiser = new optim.Adam(network.parameters(), { lr: 1e-3 });
    tidy(() => {
      const { logits } = network.forward(pictures([4, 3, smallestInput, smallestInput]));
      const losses = Object.values(logits).map((one) => one.sub(1).square().mean());
      aten.stack(losses).sum().backward();
      const without = network.namedParameters().filter(([, { grad }]) => grad === null);
      expect(without.map(([key]) => key)).toEqual([]);
      optimiser.step();
    });
    const now = new Map(network.namedParameters());
    const still = before.filter(([key, old]) => tidy(() => aten.equal(old, now.get(key) as typeof old)));
    expect(still.map(([key]) => key)).toEqual([]);
  });

  it('comes back from a file with equal outputs', async () => {
    const network = owned(buildNetwork(spec({ backbone: name, inputSize: smallestInput }))).eval();
    const info: ModelInfo = {
      version: 1,
      network: network.spec,
      input: { edge: smallestInput, normalization: backbone.normalization },
      decoding: 'endpoints',
    };
    const file = join(folderWith({}), 'model.safetensors');
    await saveModel(file, network, info);
    const loaded = await loadModel(file);
    owned(loaded.network);
    expect(loaded.info).toEqual(info);
    expect(loaded.network.training).toBe(false);
    const input = owned(pictures([2, 3, smallestInput, smallestInput]));
    const outputs = [network, loaded.network].map((one) =>
      tidy(() => inferenceMode(() => logitsOf(one.forward(input)))),
    );
    expect(outputs[1]).toEqual(outputs[0]);
  });

  it('refuses pictures below its smallest size', () => {
    const small = { backbone: name, inputSize: smallestInput - 1 };
    expect(() => buildNetwork(spec(small))).toThrow(`needs at least ${smallestInput}`);
  });
});

it('an unknown backbone is refused with those there are', () => {
  expect(() => backboneOf('resnet5')).toThrow(
    /no backbone "resnet5"; there are .*compact.*Did you mean "resnet50"\?/,
  );
});

it('the compact backbone stays compact', () => {
  const network = owned(buildNetwork(spec({ hidden: 128 })));
  expect(parameterCount(network)).toBeLessThan(2_000_000);
});
