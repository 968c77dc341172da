// The block that mobile networks are made of: widen, filter each channel by itself, weigh the channels, narrow again
// (Sandler et al. 2018, arXiv 1801.04381). By torchvision's state-dict keys.

import { nn, type Tensor, tidy } from '@mien/torch';
import { type ConvNormOptions, convNorm, type SqueezeExcitation, StochasticDepth } from './layers.js';

/** A convolution, batch normalisation, and what comes behind them. */
export function convNormActivation(
  inputs: number,
  outputs: number,
  kernel: number,
  activation: nn.Layer | undefined,
  options: ConvNormOptions = {},
): nn.Sequential {
  const behind = activation === undefined ? [] : [activation];
  return new nn.Sequential(...convNorm(inputs, outputs, kernel, options), ...behind);
}

export interface InvertedResidualOptions {
  inputs: number;
  /** Channels between; where they equal `inputs`, nothing is widened. */
  expanded: number;
  outputs: number;
  /** Of the filter. */
  kernel: number;
  /** Of the filter. */
  stride: number;
  activation: () => nn.Layer;
  /** Weighs the `expanded` channels. */
  squeeze?: SqueezeExcitation;
  /** Batch normalisation's. */
  norm?: Pick<ConvNormOptions, 'eps' | 'momentum'>;
  /** Probability that the block is left out for a sample in training. Default: 0. */
  drop?: number;
}

/** Keys: `block.0.0` (a convolution), `block.0.1` (its normalisation), … */
export class InvertedResidual extends nn.Module {
  readonly block: nn.Sequential;
  readonly stochasticDepth: StochasticDepth;
  /** Whether the input is added to the output. */
  readonly residual: boolean;

  constructor(options: InvertedResidualOptions) {
    super();
    const { inputs, expanded, outputs, kernel, stride, activation, squeeze, norm = {}, drop = 0 } = options;
    this.residual = stride === 1 && inputs === outputs;
    this.block = new nn.Sequential(
      ...(expanded === inputs ? [] : [convNormActivation(inputs, expanded, 1, activation(), norm)]),
      convNormActivation(expanded, expanded, kernel, activation(), { stride, groups: expanded, ...norm }),
      ...(squeeze === undefined ? [] : [squeeze]),
      convNormActivation(expanded, outputs, 1, undefined, norm),
    );
    this.stochasticDepth = new StochasticDepth(drop);
  }

  forward(input: Tensor): Tensor {
    if (!this.residual) return this.block.forward(input);
    return tidy(() => this.stochasticDepth.forward(this.block.forward(input)).add_(input));
  }
}
