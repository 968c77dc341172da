// EfficientNet-B0 as torchvision has it, by its state-dict keys, so that its weights load.

import { nn } from '@mien/torch';
import { IMAGENET_NORMALIZATION } from '../loading/index.js';
import type { Backbone } from './backbone.js';
import { convNormActivation, InvertedResidual } from './inverted-residual.js';
import { initConvolutions, SqueezeExcitation } from './layers.js';

const STEM = 32;
const FEATURES = 1280;
/** Probability that the last block is left out for a sample in training; it grows from 0 at the first block, linearly. */
const DROP = 0.2;

/** How much wider than their input, kernel, outputs, stride of the first, blocks (the paper's table 1). */
const STAGES = [
  [1, 3, 16, 1, 1],
  [6, 3, 24, 2, 2],
  [6, 5, 40, 2, 2],
  [6, 3, 80, 2, 3],
  [6, 5, 112, 1, 3],
  [6, 5, 192, 2, 4],
  [6, 3, 320, 1, 1],
] as const;
const BLOCKS = STAGES.reduce((sum, [, , , , blocks]) => sum + blocks, 0);

const silu = (): nn.Layer => new nn.SiLU({ inplace: true });

function build(): nn.Layer {
  let inputs: number = STEM;
  let place = 0;
  const stages = STAGES.map(([widening, kernel, outputs, stride, count]) => {
    const blocks = Array.from({ length: count }, (_, i) => {
      const expanded = widening * inputs;
      const block = new InvertedResidual({
        inputs,
        expanded,
        outputs,
        kernel,
        stride: i === 0 ? stride : 1,
        activation: silu,
        squeeze: new SqueezeExcitation(expanded, inputs >> 2, silu(), new nn.Sigmoid()),
        drop: (DROP * place++) / BLOCKS,
      });
      inputs = outputs;
      return block;
    });
    return new nn.Sequential(...blocks);
  });
  return initConvolutions(
    new nn.Sequential({
      features: new nn.Sequential(
        convNormActivation(3, STEM, 3, silu(), { stride: 2 }),
        ...stages,
        convNormActivation(inputs, FEATURES, 1, silu()),
      ),
      avgpool: new nn.AdaptiveAvgPool2d(1),
      flatten: new nn.Flatten(),
    }),
  );
}

export const EFFICIENTNET_B0: Backbone = {
  name: 'efficientnet-b0',
  summary: 'EfficientNet-B0, with stochastic depth',
  origin: 'Tan and Le 2019, arXiv 1905.11946, as in torchvision',
  features: FEATURES,
  inputSize: 112,
  smallestInput: 32,
  normalization: IMAGENET_NORMALIZATION,
  classifier: 'classifier',
  build,
};
