// What several backbones are made of.

import { nn } from '@mien/torch';

export interface ConvNormOptions {
  stride?: number;
  /** Default: 1. */
  groups?: number;
  /** Of batch normalisation. Default: 1e-5. */
  eps?: number;
  /** Of batch normalisation. Default: 0.1. */
  momentum?: number;
}

/** A convolution without bias that keeps the size (but for its stride), and batch normalisation. @param kernel odd */
export function convNorm(
  inputs: number,
  outputs: number,
  kernel: number,
  { stride = 1, groups = 1, eps = 1e-5, momentum = 0.1 }: ConvNormOptions = {},
): [nn.Conv2d, nn.BatchNorm2d] {
  return [
    new nn.Conv2d(inputs, outputs, kernel, { stride, padding: kernel >> 1, groups, bias: false }),
    new nn.BatchNorm2d(outputs, { eps, momentum }),
  ];
}
