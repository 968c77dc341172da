// Layers that make feature maps smaller. Input [B, C, H, W] or [C, H, W].
import { aten } from '../operators.js';
import type { Tensor } from '../tensor.js';
import { type Pair, pair } from './layer-options.js';
import { Module } from './module.js';
import { bool, tuple } from './repr.js';

export interface PoolOptions {
  /** Default: the kernel's size. */
  stride?: Pair;
  /** On each side, at most half the kernel. Default: 0. */
  padding?: Pair;
  /** Windows that stick out at the right and bottom count too: sizes round up instead of down. Default: false. */
  ceilMode?: boolean;
}

export interface MaxPool2dOptions extends PoolOptions {
  dilation?: Pair;
}

/** The largest element of every window. */
export class MaxPool2d extends Module {
  readonly stride: Pair;
  readonly padding: Pair;
  readonly dilation: Pair;
  readonly ceilMode: boolean;

  constructor(
    readonly kernelSize: Pair,
    { stride = kernelSize, padding = 0, dilation = 1, ceilMode = false }: MaxPool2dOptions = {},
  ) {
    super();
    this.stride = stride;
    this.padding = padding;
    this.dilation = dilation;
    this.ceilMode = ceilMode;
  }

  forward(input: Tensor): Tensor {
    const { kernelSize, stride, padding, dilation, ceilMode } = this;
    return aten.maxPool2d(input, pair(kernelSize), pair(stride), pair(padding), pair(dilation), ceilMode);
  }

  protected override describe(): string {
    const { kernelSize, stride, padding, dilation, ceilMode } = this;
    return [
      `kernel_size=${tuple(kernelSize)}, stride=${tuple(stride)}, padding=${tuple(padding)}`,
      `dilation=${tuple(dilation)}, ceil_mode=${bool(ceilMode)}`,
    ].join(', ');
  }
}

export interface AvgPool2dOptions extends PoolOptions {
  /** Zeros of the padding count in the average. Default: true. */
  countIncludePad?: boolean;
}

/** The average of every window. */
export class AvgPool2d extends Module {
  readonly stride: Pair;
  readonly padding: Pair;
  readonly ceilMode: boolean;
  readonly countIncludePad: boolean;

  constructor(
    readonly kernelSize: Pair,
    { stride = kernelSize, padding = 0, ceilMode = false, countIncludePad = true }: AvgPool2dOptions = {},
  ) {
    super();
    this.stride = stride;
    this.padding = padding;
    this.ceilMode = ceilMode;
    this.countIncludePad = countIncludePad;
  }

  forward(input: Tensor): Tensor {
    const { kernelSize, stride, padding, ceilMode, countIncludePad } = this;
    return aten.avgPool2d(input, pair(kernelSize), pair(stride), pair(padding), ceilMode, countIncludePad);
  }

  protected override describe(): string {
    const { kernelSize, stride, padding } = this;
    return `kernel_size=${tuple(kernelSize)}, stride=${tuple(stride)}, padding=${tuple(padding)}`;
  }
}

/** Averages over windows that are chosen to give the wanted size; 1 is the average over the whole map. */
export class AdaptiveAvgPool2d extends Module {
  constructor(readonly outputSize: Pair) {
    super();
  }

  forward(input: Tensor): Tensor {
    return aten.adaptiveAvgPool2d(input, pair(this.outputSize));
  }

  protected override describe(): string {
    return `output_size=${tuple(this.outputSize)}`;
  }
}
