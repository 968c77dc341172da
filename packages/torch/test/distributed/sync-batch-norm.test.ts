import { distributed, manualSeed, nn, randn, type Tensor, tidy, torchInfo } from '@mien/torch';
import { afterEach, describe, expect, it } from 'vitest';
import { HAS_GLOO, supportFile } from './support/ranks.js';

const spawn = (n: number, script: string) =>
  distributed.spawnProcesses(n, supportFile(script), { timeoutMs: 50_000 });

afterEach(() => distributed.destroyProcessGroup());

// What is checked stands in the scripts, which all ranks run.
describe.skipIf(!HAS_GLOO)('synchronised batch normalisation', () => {
  it('is batch normalisation of all ranks’ values', () => spawn(2, 'sync-batch-norm.mjs'));

  it.each([2, 3])('trains %i processes with parts of a batch like one with the whole batch', (n) =>
    spawn(n, 'sync-training.mjs'),
  );

  it('is BatchNorm in a group of one, to the last bit', () => {
    distributed.initProcessGroup({ rank: 0, worldSize: 1 });
    tidy(() => {
      manualSeed(4);
      const x = randn([4, 3, 5, 5]);
      const [found, expected] = [new nn.SyncBatchNorm(3), new nn.BatchNorm2d(3)].map((layer) => {
        const input = x.clone().requiresGrad_();
        const y = layer.forward(input);
        y.square().mul(x).sum().backward();
        const tensors = [y, input.grad, layer.weight?.grad, layer.bias?.grad, ...layer.buffers()];
        return tensors.map((tensor) => (tensor as Tensor).toArray());
      });
      expect(found).toEqual(expected);
      expect(distributed.allGatherWithGradient(x).toArray()).toEqual(x.toArray());
    });
  });
});

it('says in training mode that there is no process group', () => {
  const layer = new nn.SyncBatchNorm(3);
  const { gloo, nccl } = torchInfo().c10d;
  tidy(() => {
    const x = randn([2, 3]);
    expect(() => layer.forward(x)).toThrow(
      gloo || nccl
        ? 'SyncBatchNorm: this thread has no process group; call initProcessGroup first, or pass a group'
        : /SyncBatchNorm: c10d is off in this build/,
    );
    expect(layer.eval().forward(x).shape).toEqual([2, 3]);
  });
});

describe('convertSyncBatchNorm', () => {
  it('keeps objects, keys, state and mode', () => {
    const frozen = new nn.BatchNorm2d(3).freeze();
    const network = new nn.Sequential({
      first: new nn.Sequential(new nn.BatchNorm2d(3, { eps: 1e-3, momentum: null }), new nn.ReLU()),
      frozen,
      last: new nn.BatchNorm1d(3, { affine: false }),
    });
    const before = { state: [...network.stateDict().keys()], parameters: network.parameters() };
    expect(nn.convertSyncBatchNorm(network)).toBe(network);
    expect([...network.stateDict().keys()]).toEqual(before.state);
    network.parameters().forEach((parameter, i) => {
      expect(parameter).toBe(before.parameters[i]);
    });
    expect(frozen).toBeInstanceOf(nn.SyncBatchNorm);
    expect([frozen.frozen, frozen.train().training]).toEqual([true, false]);
    expect(frozen.unfreeze().train().training).toBe(true);
    expect(String(network)).toContain(
      '(0): SyncBatchNorm(3, eps=0.001, momentum=None, affine=True, track_running_stats=True)',
    );
  });

  it('converts a lone layer, and to the group that it is given', () => {
    const layer = new nn.BatchNorm1d(2);
    const group = {} as distributed.ProcessGroup;
    nn.convertSyncBatchNorm(layer, { group });
    expect((layer as nn.BatchNorm as nn.SyncBatchNorm).group).toBe(group);
  });

  it('refuses classes that add something to batch normalisation, and changes nothing', () => {
    class Special extends nn.BatchNorm2d {}
    const network = new nn.Sequential(new nn.BatchNorm2d(2), new Special(2));
    expect(() => nn.convertSyncBatchNorm(network)).toThrow("'1' is a Special; expected BatchNorm1d or");
    expect(network.modules()[1]?.constructor).toBe(nn.BatchNorm2d);
  });
});
