// Architectures against what their originals publish: parameters, operations, state-dict keys.

import { inferenceMode, nn, tidy } from '@mien/torch';
import { backboneOf } from 'mien/models';
import { describe, expect, it } from 'vitest';
import { countMacs, parameterCount, pictures } from './networks.js';

const stateOf = (name: string): Map<string, number[]> => {
  const network = backboneOf(name).build(112);
  const shapes = new Map([...network.stateDict()].map(([key, { shape }]) => [key, shape]));
  network.dispose();
  return shapes;
};

// torchvision's table: parameters and billions of multiplications at 224 pixels, both with the classifier over 1000 classes.
// What is behind: its inputs, from the feature vector on.
describe.each([
  { name: 'resnet18', parameters: 11_689_512, billions: 1.814, behind: [512] },
  { name: 'resnet34', parameters: 21_797_672, billions: 3.664, behind: [512] },
  { name: 'resnet50', parameters: 25_557_032, billions: 4.089, behind: [2048] },
  { name: 'resnext50_32x4d', parameters: 25_028_904, billions: 4.23, behind: [2048] },
  { name: 'mobilenetv3-large', parameters: 5_483_032, billions: 0.217, behind: [960, 1280] },
  { name: 'efficientnet-b0', parameters: 5_288_548, billions: 0.386, behind: [1280] },
])('$name', ({ name, parameters, billions, behind }) => {
  it("has torchvision's parameters and operations", () => {
    const network = backboneOf(name).build(224).eval();
    const widths = [...behind, 1000];
    const pairs = behind.map((inputs, i) => [inputs, widths[i + 1] as number] as const);
    const classifier = pairs.reduce((sum, [inputs, outputs]) => sum + inputs * outputs, 0);
    const biases = pairs.reduce((sum, [, outputs]) => sum + outputs, 0);
    expect(parameterCount(network) + classifier + biases).toBe(parameters);
    const macs = countMacs(() =>
      tidy(() => inferenceMode(() => network.forward(pictures([1, 3, 224, 224])))),
    );
    expect((macs + classifier) / 1e9 / billions).toBeCloseTo(1, 2);
    network.dispose();
  });
});

describe("torchvision's state-dict keys", () => {
  const norm = (key: string, channels: number): [string, number[]][] => [
    ...['weight', 'bias', 'running_mean', 'running_var'].map((part): [string, number[]] => [
      `${key}.${part}`,
      [channels],
    ]),
    [`${key}.num_batches_tracked`, []],
  ];

  it('of resnet18, all of them in order', () => {
    const expected: [string, number[]][] = [['conv1.weight', [64, 3, 7, 7]], ...norm('bn1', 64)];
    for (const layer of [1, 2, 3, 4]) {
      const width = 32 * 2 ** layer;
      for (const block of [0, 1]) {
        const at = `layer${layer}.${block}`;
        const narrower = block === 0 && layer > 1 ? width / 2 : width;
        expected.push([`${at}.conv1.weight`, [width, narrower, 3, 3]], ...norm(`${at}.bn1`, width));
        expected.push([`${at}.conv2.weight`, [width, width, 3, 3]], ...norm(`${at}.bn2`, width));
        if (narrower !== width)
          expected.push(
            [`${at}.downsample.0.weight`, [width, narrower, 1, 1]],
            ...norm(`${at}.downsample.1`, width),
          );
      }
    }
    expect([...stateOf('resnet18')]).toEqual(expected);
  });

  // Entries of the published files, without those of the classifier.
  it.each([
    [
      'resnet50',
      318,
      { 'layer2.0.conv2.weight': [128, 128, 3, 3], 'layer4.0.downsample.0.weight': [2048, 1024, 1, 1] },
    ],
    [
      'resnext50_32x4d',
      318,
      { 'layer1.0.conv2.weight': [128, 4, 3, 3], 'layer4.2.conv3.weight': [2048, 1024, 1, 1] },
    ],
    [
      'mobilenetv3-large',
      308,
      {
        'features.0.0.weight': [16, 3, 3, 3],
        'features.1.block.0.0.weight': [16, 1, 3, 3],
        'features.4.block.2.fc1.weight': [24, 72, 1, 1],
        'features.13.block.1.0.weight': [672, 1, 5, 5],
        'features.15.block.2.fc2.bias': [960],
        'features.16.0.weight': [960, 160, 1, 1],
      },
    ],
    [
      'efficientnet-b0',
      358,
      {
        'features.1.0.block.1.fc1.weight': [8, 32, 1, 1],
        'features.1.0.block.2.0.weight': [16, 32, 1, 1],
        'features.2.0.block.0.0.weight': [96, 16, 1, 1],
        'features.3.1.block.1.0.weight': [240, 1, 5, 5],
        'features.4.2.block.2.fc2.weight': [480, 20, 1, 1],
        'features.8.1.running_var': [1280],
      },
    ],
  ])('of %s', (name, entries, some) => {
    const state = stateOf(name);
    expect(state.size).toBe(entries);
    for (const [key, shape] of Object.entries(some)) expect([key, state.get(key)]).toEqual([key, shape]);
  });

  it("and torchvision's settings of batch normalisation", () => {
    const settings = (name: string) => {
      const network = backboneOf(name).build(112);
      const norms = network.modules().filter((one) => one instanceof nn.BatchNorm2d);
      network.dispose();
      return [...new Set(norms.map(({ eps, momentum }) => `${eps} ${momentum}`))];
    };
    expect(settings('mobilenetv3-large')).toEqual(['0.001 0.01']);
    for (const name of ['resnet18', 'resnext50_32x4d', 'efficientnet-b0'])
      expect(settings(name)).toEqual([`${1e-5} 0.1`]);
  });
});

describe("the reference's backbones", () => {
  it('resnet50-ferplus: 53 convolutions without bias, strides on the first 1×1, two dropouts, 23,508,032 parameters', () => {
    const network = backboneOf('resnet50-ferplus').build(112);
    const modules = new Map(network.namedModules());
    const convolutions = [...modules].filter(([, one]) => one instanceof nn.Conv2d) as [string, nn.Conv2d][];
    expect(convolutions).toHaveLength(53);
    expect(convolutions.filter(([, { bias }]) => bias !== null)).toEqual([]);
    expect(convolutions.filter(([, { stride }]) => stride[0] === 2).map(([key]) => key)).toEqual([
      'conv1_7x7_s2',
      ...[3, 4, 5].flatMap((stage) => [`conv${stage}_1_1x1_reduce`, `conv${stage}_1_1x1_proj`]),
    ]);
    const dropouts = [...modules].filter(([, one]) => one instanceof nn.Dropout) as [string, nn.Dropout][];
    expect(dropouts.map(([key, { p }]) => [key, p])).toEqual([
      ['conv5_3_3x3_drop', 0.5],
      ['conv5_3_1x1_increase_drop', 0.5],
    ]);
    expect(parameterCount(network)).toBe(23_508_032);
    network.dispose();
  });

  it('resnet50-sfew: its own names, a bias in the first convolution, eps 1e-4', () => {
    const network = backboneOf('resnet50-sfew').build(112);
    const norms = network.modules().filter((one) => one instanceof nn.BatchNorm2d);
    expect([...new Set(norms.map(({ eps }) => eps))]).toEqual([1e-4]);
    const keys = [...network.stateDict().keys()];
    expect(keys.slice(0, 3)).toEqual(['conv1_conv.weight', 'conv1_conv.bias', 'conv1_bn.weight']);
    expect(keys).toHaveLength(53 * 6 + 1);
    for (const key of [
      'conv2_1_adapt_conv.weight',
      'conv3_1a_conv.weight',
      'conv4_6b_bn.bias',
      'conv5_3c_bn.weight',
    ])
      expect(keys).toContain(key);
    network.dispose();
  });
});

describe('stochastic depth', () => {
  const depths = () => {
    const network = backboneOf('efficientnet-b0').build(112);
    return { network, ps: network.modules().flatMap((one) => ('p' in one ? [one.p as number] : [])) };
  };

  it('grows from 0 to almost 0.2 over the 16 blocks', () => {
    const { network, ps } = depths();
    network.dispose();
    expect(ps).toHaveLength(16);
    for (const [i, p] of ps.entries()) expect(p).toBeCloseTo((0.2 * i) / 16, 12);
  });

  it('changes outputs in training only', () => {
    const { network } = depths();
    // Batch normalisation aside, so that nothing else differs between two passes.
    network.train();
    for (const one of network.modules()) if (one instanceof nn.BatchNorm2d) one.eval();
    const run = () =>
      tidy(() =>
        inferenceMode(
          () =>
            network
              .forward(pictures([8, 3, 32, 32]))
              .sum(1)
              .toArray() as number[],
        ),
      );
    const [first, second] = [run(), run()];
    expect(first).toEqual(second); // the pictures' seed is the dropping's too
    network.eval();
    const whole = run();
    const changed = whole.filter((value, i) => value !== first[i]).length;
    expect(changed).toBeGreaterThan(0);
    network.dispose();
  });
});
