// Residual networks as torchvision has them, by its state-dict keys, so that its weights load. A block's stride sits on its
// 3×3 convolution.

import { nn, type Tensor } from '@mien/torch';
import { IMAGENET_NORMALIZATION } from '../loading/index.js';
import type { Backbone } from './backbone.js';
import { convNorm, initConvolutions, residual } from './layers.js';

interface Architecture {
  /** Blocks of the four stages. */
  blocks: readonly [number, number, number, number];
  /** A bottleneck is 1×1, 3×3, 1×1 and gives four times its width; otherwise 3×3, 3×3. */
  bottleneck: boolean;
  /** Of the bottlenecks' 3×3 convolution. Default: 1. */
  groups?: number;
  /** Channels of each group, of 64. Default: 64. */
  groupWidth?: number;
}

/** Keys: `conv1`, `bn1`, `conv2`, …, and `downsample.0`, `downsample.1` where the size changes. */
class Block extends nn.Module {
  readonly #main: nn.Layer[] = [];
  readonly #downsample: nn.Sequential | undefined;

  /** @param convolutions [inputs, outputs, kernel, stride, groups] of each */
  constructor(convolutions: readonly (readonly [number, number, number, number, number])[], stride: number) {
    super();
    convolutions.forEach(([inputs, outputs, kernel, step, groups], i) => {
      const [convolution, norm] = convNorm(inputs, outputs, kernel, { stride: step, groups });
      if (i > 0) this.#main.push(new nn.ReLU({ inplace: true }));
      this.#main.push(
        this.registerModule(`conv${i + 1}`, convolution),
        this.registerModule(`bn${i + 1}`, norm),
      );
    });
    const inputs = convolutions[0]?.[0] as number;
    const outputs = convolutions.at(-1)?.[1] as number;
    if (stride !== 1 || inputs !== outputs)
      this.#downsample = this.registerModule(
        'downsample',
        new nn.Sequential(...convNorm(inputs, outputs, 1, { stride })),
      );
  }

  forward(input: Tensor): Tensor {
    return residual(input, this.#main, this.#downsample);
  }
}

const expansion = ({ bottleneck }: Architecture): number => (bottleneck ? 4 : 1);

/** @param planes 64 in the first stage, twice as many in each further one */
function block(architecture: Architecture, inputs: number, planes: number, stride: number): Block {
  const outputs = expansion(architecture) * planes;
  const { bottleneck, groups = 1, groupWidth = 64 } = architecture;
  if (!bottleneck)
    return new Block(
      [
        [inputs, planes, 3, stride, 1],
        [planes, outputs, 3, 1, 1],
      ],
      stride,
    );
  const width = (planes / 64) * groupWidth * groups;
  return new Block(
    [
      [inputs, width, 1, 1, 1],
      [width, width, 3, stride, groups],
      [width, outputs, 1, 1, 1],
    ],
    stride,
  );
}

function stages(architecture: Architecture): [string, nn.Sequential][] {
  let inputs = 64;
  return architecture.blocks.map((count, stage) => {
    const planes = 64 << stage;
    const blocks = Array.from({ length: count }, (_, i) => {
      const made = block(architecture, inputs, planes, i === 0 && stage > 0 ? 2 : 1);
      inputs = expansion(architecture) * planes;
      return made;
    });
    return [`layer${stage + 1}`, new nn.Sequential(...blocks)];
  });
}

function build(architecture: Architecture): nn.Layer {
  const [conv1, bn1] = convNorm(3, 64, 7, { stride: 2 });
  const layers: [string, nn.Layer][] = [
    ['conv1', conv1],
    ['bn1', bn1],
    ['relu', new nn.ReLU({ inplace: true })],
    ['maxpool', new nn.MaxPool2d(3, { stride: 2, padding: 1 })],
    ...stages(architecture),
    ['avgpool', new nn.AdaptiveAvgPool2d(1)],
    ['flatten', new nn.Flatten()],
  ];
  return initConvolutions(new nn.Sequential(new Map(layers)));
}

function backbone(name: string, architecture: Architecture, summary: string, origin: string): Backbone {
  return {
    name,
    summary,
    origin,
    features: 512 * expansion(architecture),
    inputSize: 112,
    smallestInput: 32,
    normalization: IMAGENET_NORMALIZATION,
    classifier: 'fc',
    build: () => build(architecture),
  };
}

const HE = 'He et al. 2016, arXiv 1512.03385, as in torchvision';
const XIE = 'Xie et al. 2017, arXiv 1611.05431, as in torchvision';

export const RESNETS: readonly Backbone[] = [
  backbone('resnet18', { blocks: [2, 2, 2, 2], bottleneck: false }, 'ResNet of 18 layers', HE),
  backbone('resnet34', { blocks: [3, 4, 6, 3], bottleneck: false }, 'ResNet of 34 layers', HE),
  backbone(
    'resnet50',
    { blocks: [3, 4, 6, 3], bottleneck: true },
    'ResNet of 50 layers, with bottlenecks',
    HE,
  ),
  backbone(
    'resnext50_32x4d',
    { blocks: [3, 4, 6, 3], bottleneck: true, groups: 32, groupWidth: 4 },
    'ResNeXt of 50 layers, bottlenecks of 32 groups',
    XIE,
  ),
];
