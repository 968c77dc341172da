// ResNet-50 as Caffe and MatConvNet had it: a block's stride sits on its first 1×1 convolution. Two networks for faces that
// were converted to PyTorch keep their old layer names, and so do the checkpoints made with them.

import { nn, type Tensor } from '@mien/torch';
import { FER_PLUS_NORMALIZATION, type Normalization, SFEW_NORMALIZATION } from '../loading/index.js';
import type { Backbone } from './backbone.js';
import { initConvolutions, residual } from './layers.js';

/** What the two networks differ in. */
interface Variant {
  /** Name of the first convolution. */
  first: string;
  /** What follows a block's name, such as `conv3_1`: its three convolutions, and that of its shortcut. */
  parts: readonly [string, string, string, string];
  /** What follows a convolution's name in its keys; those of its normalisation follow it with `_bn`. */
  suffix: string;
  /** Whether the first convolution has a bias, which the normalisation behind it makes useless. */
  bias: boolean;
  /** Of batch normalisation. */
  eps: number;
  pool: nn.MaxPool2dOptions;
  /** Of the last block, behind its 3×3 and its last 1×1 convolution. */
  dropout: number;
}

/** Blocks and width of each stage; a block gives four times its width. */
const STAGES = [
  [3, 64],
  [4, 128],
  [6, 256],
  [3, 512],
] as const;
const EXPANSION = 4;
const FEATURES = 512 * EXPANSION;

/** A block of the network; its layers are the network's, under flat keys. */
class Block extends nn.Module {
  readonly #main: readonly nn.Layer[];
  readonly #shortcut: nn.Layer | undefined;

  constructor(main: readonly nn.Layer[], shortcut: nn.Layer | undefined) {
    super();
    this.#main = main;
    this.#shortcut = shortcut;
  }

  forward(input: Tensor): Tensor {
    return residual(input, this.#main, this.#shortcut);
  }
}

class CaffeResNet extends nn.Module {
  readonly #layers: nn.Layer[];
  readonly #variant: Variant;

  constructor(variant: Variant) {
    super();
    this.#variant = variant;
    const { first, bias, pool } = variant;
    this.#layers = [
      ...this.#convNorm(first, new nn.Conv2d(3, 64, 7, { stride: 2, padding: 3, bias })),
      new nn.ReLU({ inplace: true }),
      new nn.MaxPool2d(3, pool),
    ];
    let inputs = 64;
    STAGES.forEach(([blocks, width], i) => {
      for (let block = 1; block <= blocks; block++) {
        const stride = i > 0 && block === 1 ? 2 : 1;
        const last = i === STAGES.length - 1 && block === blocks;
        this.#layers.push(this.#block(`conv${i + 2}_${block}`, inputs, width, stride, last));
        inputs = EXPANSION * width;
      }
    });
    // At 224 pixels this is the 7×7 pool of the originals.
    this.#layers.push(new nn.AdaptiveAvgPool2d(1), new nn.Flatten());
  }

  #convNorm(name: string, convolution: nn.Conv2d, dropout = 0): nn.Layer[] {
    const { suffix, eps } = this.#variant;
    this.registerModule(`${name}${suffix}`, convolution);
    const drop = dropout > 0 ? [this.registerModule(`${name}_drop`, new nn.Dropout(dropout))] : [];
    const norm = new nn.BatchNorm2d(convolution.outChannels, { eps });
    return [convolution, ...drop, this.registerModule(`${name}_bn`, norm)];
  }

  #block(name: string, inputs: number, width: number, stride: number, last: boolean): Block {
    const [first, second, third, projection] = this.#variant.parts.map((part) => name + part) as [
      ...Variant['parts'],
    ];
    const outputs = EXPANSION * width;
    const dropout = last ? this.#variant.dropout : 0;
    const pointwise = (from: number, to: number, step = 1) =>
      new nn.Conv2d(from, to, 1, { stride: step, bias: false });
    const main = [
      ...this.#convNorm(first, pointwise(inputs, width, stride)),
      new nn.ReLU({ inplace: true }),
      ...this.#convNorm(second, new nn.Conv2d(width, width, 3, { padding: 1, bias: false }), dropout),
      new nn.ReLU({ inplace: true }),
      ...this.#convNorm(third, pointwise(width, outputs), dropout),
    ];
    if (inputs === outputs) return new Block(main, undefined);
    const shortcut = this.#convNorm(projection, pointwise(inputs, outputs, stride));
    return new Block(main, new nn.Sequential(...shortcut));
  }

  forward(images: Tensor): Tensor {
    return nn.pipe(images, this.#layers);
  }
}

function backbone(
  own: Pick<Backbone, 'name' | 'summary' | 'origin' | 'classifier'> & { normalization: Normalization },
  variant: Variant,
): Backbone {
  return {
    ...own,
    features: FEATURES,
    inputSize: 112,
    smallestInput: 32,
    build: () => initConvolutions(new CaffeResNet(variant)),
  };
}

export const CAFFE_RESNETS: readonly Backbone[] = [
  backbone(
    {
      name: 'resnet50-ferplus',
      summary: "ResNet-50 of the reference system; takes Albanie's weights for VGGFace2 and FER+",
      origin:
        'He et al. 2016, arXiv 1512.03385; Albanie et al. 2018, arXiv 1808.05561 (resnet50_ferplus_dag)',
      normalization: FER_PLUS_NORMALIZATION,
      classifier: 'classifier',
    },
    {
      first: 'conv1_7x7_s2',
      parts: ['_1x1_reduce', '_3x3', '_1x1_increase', '_1x1_proj'],
      suffix: '',
      bias: false,
      eps: 1e-5,
      pool: { stride: 2, ceilMode: true },
      dropout: 0.5,
    },
  ),
  backbone(
    {
      name: 'resnet50-sfew',
      summary: "ResNet-50 for Albanie's weights for SFEW, which the reference system takes too",
      origin: 'He et al. 2016, arXiv 1512.03385; Albanie and Vedaldi 2016 (resnet50_face_sfew_dag)',
      normalization: SFEW_NORMALIZATION,
      classifier: 'prediction',
    },
    {
      first: 'conv1',
      parts: ['a', 'b', 'c', '_adapt'],
      suffix: '_conv',
      bias: true,
      eps: 1e-4,
      pool: { stride: 2, padding: 1 },
      dropout: 0,
    },
  ),
];
