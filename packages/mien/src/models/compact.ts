// Residual networks for browsers and for training on a few cores, a small one and a wide one: plain 3×3 convolutions, which run
// near the processor's peak, where depthwise ones wait for memory.

import { nn, type RawStateDict, type Tensor } from '@mien/torch';
import { IMAGENET_NORMALIZATION } from '../loading/index.js';
import type { Backbone } from './backbone.js';
import { convNorm } from './layers.js';
import { resizedPool } from './resized-pool.js';

/** Two 3×3 convolutions beside a shortcut (He et al. 2016), which is a 1×1 convolution where the size changes. */
class BasicBlock extends nn.Module {
  readonly body: nn.Sequential;
  readonly shortcut: nn.Sequential | nn.Identity;

  constructor(inputs: number, outputs: number, stride: number) {
    super();
    this.body = new nn.Sequential(
      ...convNorm(inputs, outputs, 3, { stride }),
      new nn.ReLU({ inplace: true }),
      ...convNorm(outputs, outputs, 3),
    );
    this.shortcut =
      stride === 1 && inputs === outputs
        ? new nn.Identity()
        : new nn.Sequential(...convNorm(inputs, outputs, 1, { stride }));
  }

  forward(input: Tensor): Tensor {
    return this.body.forward(input).add_(this.shortcut.forward(input)).relu_();
  }
}

interface Architecture {
  /** Outputs and stride of each convolution of the stem. */
  stem: readonly (readonly [number, number])[];
  /** Outputs and stride of each block after it. */
  blocks: readonly (readonly [number, number])[];
  features: number;
}

const SMALL: Architecture = {
  stem: [
    [24, 2],
    [48, 2],
  ],
  blocks: [
    [48, 1],
    [96, 2],
    [96, 1],
    [160, 2],
    [160, 1],
  ],
  features: 384,
};

/** For inputs of 64 pixels: its first blocks still see 32 × 32. */
const WIDE: Architecture = {
  stem: [
    [32, 2],
    [48, 1],
  ],
  blocks: [
    [48, 1],
    [96, 2],
    [96, 1],
    [192, 2],
    [192, 1],
    [384, 2],
    [384, 1],
  ],
  features: 512,
};

/** How many convolutions halve the picture, rounding up. */
const halvings = ({ stem, blocks }: Architecture) =>
  [...stem, ...blocks].filter(([, stride]) => stride === 2).length;

/** Edge of the last feature map. */
const lastEdge = (architecture: Architecture, inputSize: number) => {
  let edge = inputSize;
  for (let i = halvings(architecture); i > 0; i--) edge = Math.ceil(edge / 2);
  return edge;
};

function build({ stem, blocks, features }: Architecture, inputSize: number): nn.Layer {
  let inputs = stem.at(-1)?.[0] ?? 3;
  const blockLayers = blocks.map(([outputs, stride]) => {
    const block = new BasicBlock(inputs, outputs, stride);
    inputs = outputs;
    return block;
  });
  const stemLayers = stem.flatMap(([outputs, stride], i) => [
    ...convNorm(stem[i - 1]?.[0] ?? 3, outputs, 3, { stride }),
    new nn.ReLU({ inplace: true }),
  ]);
  const edge = lastEdge({ stem, blocks, features }, inputSize);
  return new nn.Sequential({
    stem: new nn.Sequential(...stemLayers),
    blocks: new nn.Sequential(...blockLayers),
    last: new nn.Sequential(...convNorm(inputs, features, 1), new nn.ReLU({ inplace: true })),
    // Where in a face something shows matters: a weight for each place (Chen et al. 2018, MobileFaceNets), not a mean.
    pool: new nn.Conv2d(features, features, edge, { groups: features, bias: false }),
    flatten: new nn.Flatten(),
  });
}

function backbone(name: string, architecture: Architecture, inputSize: number, summary: string): Backbone {
  return {
    name,
    summary,
    origin: 'this project, after He et al. 2016, arXiv 1512.03385',
    features: architecture.features,
    inputSize,
    smallestInput: 32,
    normalization: IMAGENET_NORMALIZATION,
    /** The largest edge of a picture that comes down to the pool's. */
    inputSizeOf: (tensors: RawStateDict) => {
      const edge = tensors.get('pool.weight')?.shape[3];
      return edge === undefined ? undefined : edge * 2 ** halvings(architecture);
    },
    suitedTo(tensors: RawStateDict, size: number) {
      const pool = tensors.get('pool.weight');
      const edge = lastEdge(architecture, size);
      const fits = pool?.dtype !== 'float32' || pool.shape.length !== 4 || pool.shape[3] === edge;
      return fits ? tensors : new Map(tensors).set('pool.weight', resizedPool(pool, edge));
    },
    build: (size) => build(architecture, size),
  };
}

export const COMPACTS: readonly Backbone[] = [
  backbone('compact', SMALL, 112, 'residual network of 1.3 M parameters for browsers and small machines'),
  backbone('compact-wide', WIDE, 64, 'residual network of 6 M parameters for small pictures'),
];
