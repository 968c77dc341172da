// Operators one by one: the graph that a layer becomes gives what the layer gives.

import { aten, manualSeed, nn, type Tensor, tensor } from '@mien/torch';
import { describe, expect, it } from 'vitest';
import { pictures } from '../networks.js';
import { exportTo, LayerNetwork, runBoth } from './exporting.js';

/** A layer of a function. */
class Of extends nn.Module {
  constructor(
    readonly compute: (images: Tensor) => Tensor,
    inner: nn.Module[] = [],
  ) {
    super();
    inner.forEach((module, i) => {
      this.registerModule(String(i), module);
    });
  }

  forward(images: Tensor): Tensor {
    return this.compute(images);
  }
}

const pass = (compute: (images: Tensor) => Tensor, inner?: nn.Module[]) => () => new Of(compute, inner);

function randomNorm(channels: number): nn.BatchNorm2d {
  const norm = new nn.BatchNorm2d(channels);
  const draw = (low: number, high: number) =>
    tensor(Array.from({ length: channels }, (_, i) => low + ((high - low) * (i + 1)) / channels));
  const state = { weight: draw(0.5, 2), bias: draw(-1, 1) };
  const statistics = { running_mean: draw(-0.5, 0.5), running_var: draw(0.1, 3) };
  norm.loadStateDict(new Map(Object.entries({ ...state, ...statistics })), { strict: false });
  return norm;
}

const LAYERS: Record<string, () => nn.Module & { forward(images: Tensor): Tensor }> = {
  'conv2d with stride, padding and dilation': () =>
    new nn.Conv2d(3, 4, [3, 5], { stride: [2, 1], padding: [1, 2], dilation: [2, 1] }),
  'conv2d in groups, without bias': () => new nn.Conv2d(3, 6, 3, { groups: 3, bias: false }),
  'conv2d that keeps the size': () => new nn.Conv2d(3, 2, 4, { padding: 'same' }),
  'conv2d and batch norm': () => new nn.Sequential(new nn.Conv2d(3, 4, 3), randomNorm(4), new nn.ReLU()),
  'batch norm before conv2d': () => new nn.Sequential(randomNorm(3), new nn.Conv2d(3, 4, 3, { padding: 1 })),
  'batch norm beside its input': () => {
    const [norm, conv] = [randomNorm(4), new nn.Conv2d(3, 4, 3)];
    return new Of(
      (x) => {
        const y = conv.forward(x);
        return norm.forward(y).add(y);
      },
      [norm, conv],
    );
  },
  'batch norm without weights': () =>
    new nn.Sequential(new nn.Conv2d(3, 4, 3), new nn.BatchNorm2d(4, { affine: false })),
  relu: pass((x) => x.relu()),
  'relu in place': pass((x) => x.mul(2).relu_().add(1)),
  'an in-place sum that is read before and after': pass((x) => {
    const y = x.mul(3);
    const before = y.mul(0.5);
    return y.add_(x).sub(before);
  }),
  hardswish: () => new nn.Hardswish(),
  'hardswish in place': pass((x) => aten.hardswish_(x.mul(3))),
  hardsigmoid: () => new nn.Hardsigmoid(),
  silu: () => new nn.SiLU(),
  sigmoid: () => new nn.Sigmoid(),
  tanh: () => new nn.Tanh(),
  relu6: () => new nn.ReLU6(),
  'arithmetic with numbers': pass((x) => x.add(1).mul(-2).div(3).sub(0.25)),
  'max pool': () => new nn.MaxPool2d(3, { stride: 2, padding: 1 }),
  'max pool that rounds up': () => new nn.MaxPool2d(3, { stride: 2, ceilMode: true }),
  'average pool': () => new nn.AvgPool2d(3, { stride: 2, padding: 1 }),
  'average pool without padding in it': () =>
    new nn.AvgPool2d(3, { stride: 2, padding: 1, countIncludePad: false }),
  'adaptive pool to one': () => new nn.AdaptiveAvgPool2d(1),
  'adaptive pool to two': () => new nn.AdaptiveAvgPool2d([2, 4]),
  'mean over the map': pass((x) => x.mean([2, 3])),
  'mean over the map, kept': pass((x) => x.mean([-1, -2], true)),
  'mean over channels': pass((x) => x.mean(1, true)),
  flatten: () => new nn.Flatten(),
  'flatten and linear, then batch norm and linear': () =>
    new nn.Sequential(
      new nn.Flatten(),
      new nn.Linear(3 * 16 * 16, 5),
      new nn.BatchNorm1d(5),
      new nn.ReLU(),
      new nn.BatchNorm1d(5),
      new nn.Linear(5, 2, { bias: false }),
    ),
  'linear over the last of four': () => new nn.Linear(16, 3),
  'reshape with all sizes stated': pass((x) => x.reshape([x.size(0), 3, 256]).mul(2)),
  'view and squeeze': pass((x) => x.mean([2, 3], true).squeeze(-1).squeeze(-1)),
  cat: pass((x) => aten.cat([x, x.mul(2)], 1)),
  'dropout in evaluation': () => new nn.Sequential(new nn.Dropout(0.5), new nn.ReLU()),
  'its input and nothing else': pass((x) => x.contiguous()),
};

describe.each(Object.entries(LAYERS))('%s', (_, make) => {
  it.each([1, 4])('gives the same for a batch of %d', async (batch) => {
    manualSeed(2);
    const network = new LayerNetwork(make()).eval();
    const { file } = await exportTo(network);
    const { EXPR } = await runBoth(file, network, pictures([batch, 3, 16, 16]));
    const { onnx, torch } = EXPR as NonNullable<typeof EXPR>;
    expect(onnx.length).toBe(torch.length);
    torch.forEach((value, i) => {
      expect(Math.abs((onnx[i] as number) - value)).toBeLessThan(1e-5 * Math.max(1, Math.abs(value)));
    });
  });
});

describe.each([
  { numLayers: 1, bidirectional: true, batchFirst: true },
  { numLayers: 2, bidirectional: true, batchFirst: true },
  { numLayers: 1, bidirectional: false, batchFirst: true },
  { numLayers: 2, bidirectional: false, batchFirst: false },
])('a GRU with %o', (options) => {
  it('gives the same', async () => {
    manualSeed(3);
    const gru = new nn.GRU(16, 5, options);
    const network = new LayerNetwork(new Of((x) => gru.forward(x.mean(1))[0], [gru])).eval();
    const { validation } = await exportTo(network);
    expect(validation.passed).toBe(true);
  });
});

const STRANGER = tensor([1]);

describe('what has no counterpart is refused by name', () => {
  it.each<[string, (x: Tensor) => Tensor, RegExp]>([
    ['an operator', (x) => x.cumsum(1), /aten::cumsum has no known counterpart/],
    ['an argument', (x) => aten.add(x, x, { alpha: 2 }), /aten::add with alpha 2 has no known/],
    ['a size that varies', (x) => x.mul(x.size(0)), /aten::mul with other a size that varies/],
    ['another path for a larger batch', (x) => (x.size(0) > 2 ? x.relu() : x.sigmoid()), /some sizes/],
    ['more work for a larger batch', (x) => (x.size(0) > 2 ? x.relu().relu() : x.relu()), /larger batches/],
    ['a tensor from nowhere', (x) => x.add(STRANGER), /neither an input nor one of the weights/],
    ['unequal windows', (x) => aten.adaptiveAvgPool2d(x, [3, 5]), /windows of unequal size/],
    [
      'a view of what was changed',
      (x) => {
        const y = x.mul(2);
        const view = y.flatten(1);
        y.relu_();
        return view.add(1);
      },
      /reads a view of what was changed/,
    ],
  ])('%s', async (_, compute, message) => {
    await expect(exportTo(new LayerNetwork(new Of(compute)).eval())).rejects.toThrow(message);
  });

  it('training mode', async () => {
    const network = new LayerNetwork(new nn.ReLU()).train();
    await expect(exportTo(network)).rejects.toThrow('call eval() first');
    const norm = new nn.BatchNorm2d(3, { trackRunningStats: false });
    await expect(exportTo(new LayerNetwork(norm).eval())).rejects.toThrow('statistics of the batch');
  });
});
