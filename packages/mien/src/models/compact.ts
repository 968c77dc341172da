// A small residual network for browsers and for training on a few cores: plain 3×3 convolutions, which run near the
// processor's peak, where depthwise ones wait for memory.

import { nn, type RawStateDict, type Tensor } from '@mien/torch';
import { IMAGENET_NORMALIZATION } from '../loading/index.js';
import type { Backbone } from './backbone.js';
import { convNorm } from './layers.js';

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

const FEATURES = 384;

/** Outputs and stride of each block after the stem, which halves the picture twice. */
const BLOCKS = [
  [48, 1],
  [96, 2],
  [96, 1],
  [160, 2],
  [160, 1],
] as const;
const STEM = [24, 48] as const;

/** Edge of the last feature map: four convolutions halve the picture, rounding up. */
const lastEdge = (inputSize: number) => [1, 2, 3, 4].reduce((edge) => Math.ceil(edge / 2), inputSize);

/** The largest edge of a picture that comes down to the pool's. */
function inputSizeOf(tensors: RawStateDict): number | undefined {
  const edge = tensors.get('pool.weight')?.shape[3];
  return edge === undefined ? undefined : edge * 2 ** 4;
}

function build(inputSize: number): nn.Layer {
  const [first, second] = STEM;
  let inputs: number = second;
  const blocks = BLOCKS.map(([outputs, stride]) => {
    const block = new BasicBlock(inputs, outputs, stride);
    inputs = outputs;
    return block;
  });
  return new nn.Sequential({
    stem: new nn.Sequential(
      ...convNorm(3, first, 3, { stride: 2 }),
      new nn.ReLU({ inplace: true }),
      ...convNorm(first, second, 3, { stride: 2 }),
      new nn.ReLU({ inplace: true }),
    ),
    blocks: new nn.Sequential(...blocks),
    last: new nn.Sequential(...convNorm(inputs, FEATURES, 1), new nn.ReLU({ inplace: true })),
    // Where in a face something shows matters: a weight for each place (Chen et al. 2018, MobileFaceNets), not a mean.
    pool: new nn.Conv2d(FEATURES, FEATURES, lastEdge(inputSize), { groups: FEATURES, bias: false }),
    flatten: new nn.Flatten(),
  });
}

export const COMPACT: Backbone = {
  name: 'compact',
  summary: 'residual network of 1.3 M parameters for browsers and small machines',
  origin: 'this project, after He et al. 2016, arXiv 1512.03385',
  features: FEATURES,
  inputSize: 112,
  smallestInput: 32,
  normalization: IMAGENET_NORMALIZATION,
  inputSizeOf,
  build,
};
