// MobileNetV3 as torchvision has it, by its state-dict keys, so that its weights load.

import { nn } from '@mien/torch';
import { IMAGENET_NORMALIZATION } from '../loading/index.js';
import type { Backbone } from './backbone.js';
import { convNormActivation, InvertedResidual } from './inverted-residual.js';
import { initConvolutions, SqueezeExcitation } from './layers.js';

/** Of batch normalisation, as torchvision has it. */
const NORM = { eps: 1e-3, momentum: 0.01 } as const;
const STEM = 16;
const FEATURES = 960;

type Activation = 'relu' | 'hardswish';

/** Kernel, channels between, outputs, squeeze-and-excitation, activation, stride (the paper's table 1). */
const BLOCKS: readonly (readonly [number, number, number, boolean, Activation, number])[] = [
  [3, 16, 16, false, 'relu', 1],
  [3, 64, 24, false, 'relu', 2],
  [3, 72, 24, false, 'relu', 1],
  [5, 72, 40, true, 'relu', 2],
  [5, 120, 40, true, 'relu', 1],
  [5, 120, 40, true, 'relu', 1],
  [3, 240, 80, false, 'hardswish', 2],
  [3, 200, 80, false, 'hardswish', 1],
  [3, 184, 80, false, 'hardswish', 1],
  [3, 184, 80, false, 'hardswish', 1],
  [3, 480, 112, true, 'hardswish', 1],
  [3, 672, 112, true, 'hardswish', 1],
  [5, 672, 160, true, 'hardswish', 2],
  [5, 960, 160, true, 'hardswish', 1],
  [5, 960, 160, true, 'hardswish', 1],
];

const activate = (activation: Activation): nn.Layer =>
  activation === 'relu' ? new nn.ReLU({ inplace: true }) : new nn.Hardswish({ inplace: true });

/** A quarter of the channels, to the nearest multiple of 8, but not below 90 % of the quarter. */
function squeezedChannels(channels: number): number {
  const quarter = channels >> 2;
  const rounded = Math.max(8, Math.floor((quarter + 4) / 8) * 8);
  return rounded < 0.9 * quarter ? rounded + 8 : rounded;
}

const squeezeOf = (channels: number): SqueezeExcitation =>
  new SqueezeExcitation(
    channels,
    squeezedChannels(channels),
    new nn.ReLU({ inplace: true }),
    new nn.Hardsigmoid({ inplace: true }),
  );

function build(): nn.Layer {
  let inputs = STEM;
  const blocks = BLOCKS.map(([kernel, expanded, outputs, squeezed, activation, stride]) => {
    const block = new InvertedResidual({
      inputs,
      expanded,
      outputs,
      kernel,
      stride,
      activation: () => activate(activation),
      ...(squeezed && { squeeze: squeezeOf(expanded) }),
      norm: NORM,
    });
    inputs = outputs;
    return block;
  });
  return initConvolutions(
    new nn.Sequential({
      features: new nn.Sequential(
        convNormActivation(3, STEM, 3, activate('hardswish'), { stride: 2, ...NORM }),
        ...blocks,
        convNormActivation(inputs, FEATURES, 1, activate('hardswish'), NORM),
      ),
      avgpool: new nn.AdaptiveAvgPool2d(1),
      flatten: new nn.Flatten(),
    }),
  );
}

export const MOBILENET_V3_LARGE: Backbone = {
  name: 'mobilenetv3-large',
  summary: 'MobileNetV3-Large, without the hidden layer of its classifier',
  origin: 'Howard et al. 2019, arXiv 1905.02244, as in torchvision',
  features: FEATURES,
  inputSize: 112,
  smallestInput: 32,
  normalization: IMAGENET_NORMALIZATION,
  classifier: 'classifier',
  build,
};
