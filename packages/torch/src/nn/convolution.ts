import { aten } from '../operators.js';
import type { Tensor } from '../tensor.js';
import { defaultBias_, defaultWeight_ } from './init.js';
import { checkSizes, emptyParameter, type LayerOptions, type Pair, pair } from './layer-options.js';
import { Module } from './module.js';
import type { Parameter } from './parameter.js';
import { tuple } from './repr.js';

export interface Conv2dOptions extends LayerOptions {
  /** Default: 1. */
  stride?: Pair;
  /** Zeros on each side; `'same'` keeps the size (stride 1 only), `'valid'` is 0. Default: 0. */
  padding?: Pair | 'same' | 'valid';
  /** Distance of the kernel's elements. Default: 1. */
  dilation?: Pair;
  /** Channels are split into this many groups that do not see each other. Default: 1. */
  groups?: number;
  /** Default: true. */
  bias?: boolean;
}

/**
 * Cross-correlation with a kernel. Input [B, inChannels, H, W], output [B, outChannels, H', W'] with
 * H' = ⌊(H + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1; weight [outChannels, inChannels / groups, kH, kW].
 */
export class Conv2d extends Module {
  weight: Parameter;
  bias: Parameter | null;
  readonly kernelSize: [number, number];
  readonly stride: [number, number];
  readonly padding: [number, number] | 'same' | 'valid';
  readonly dilation: [number, number];
  readonly groups: number;

  /** @throws RangeError for sizes that are not positive integers, or channels that `groups` does not divide */
  constructor(
    readonly inChannels: number,
    readonly outChannels: number,
    kernelSize: Pair,
    { stride = 1, padding = 0, dilation = 1, groups = 1, bias = true, ...options }: Conv2dOptions = {},
  ) {
    super();
    this.kernelSize = pair(kernelSize);
    this.stride = pair(stride);
    this.padding = typeof padding === 'string' ? padding : pair(padding);
    this.dilation = pair(dilation);
    this.groups = groups;
    const [height, width] = this.kernelSize;
    checkSizes('Conv2d', { inChannels, outChannels, groups, 'kernel height': height, 'kernel width': width });
    if (inChannels % groups !== 0 || outChannels % groups !== 0) {
      throw new RangeError(
        `Conv2d: ${groups} groups divide neither evenly: ${inChannels} channels in, ${outChannels} out`,
      );
    }
    if (padding === 'same' && this.stride.some((step) => step !== 1)) {
      throw new RangeError(`Conv2d: padding 'same' needs stride 1, found ${tuple(this.stride)}`);
    }
    this.weight = defaultWeight_(
      emptyParameter([outChannels, inChannels / groups, height, width], options),
      options,
    );
    this.bias = bias ? defaultBias_(emptyParameter([outChannels], options), this.weight, options) : null;
  }

  forward(input: Tensor): Tensor {
    const { weight, bias, stride, padding, dilation, groups } = this;
    return typeof padding === 'string'
      ? aten.conv2d(input, weight, bias, stride, padding, dilation, groups)
      : aten.conv2d(input, weight, bias, stride, padding, dilation, groups);
  }

  protected override describe(): string {
    const { inChannels, outChannels, kernelSize, stride, padding, dilation, groups, bias } = this;
    const parts = [
      `${inChannels}, ${outChannels}, kernel_size=${tuple(kernelSize)}, stride=${tuple(stride)}`,
    ];
    if (typeof padding === 'string') parts.push(`padding=${padding}`);
    else if (padding.some((size) => size !== 0)) parts.push(`padding=${tuple(padding)}`);
    if (dilation.some((size) => size !== 1)) parts.push(`dilation=${tuple(dilation)}`);
    if (groups !== 1) parts.push(`groups=${groups}`);
    if (bias === null) parts.push('bias=False');
    return parts.join(', ');
  }
}
