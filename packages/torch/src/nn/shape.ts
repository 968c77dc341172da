import { aten } from '../operators.js';
import type { Tensor } from '../tensor.js';
import { Module } from './module.js';

/** Joins the dimensions from `startDim` to `endDim` (both included) into one. */
export class Flatten extends Module {
  constructor(
    readonly startDim = 1,
    readonly endDim = -1,
  ) {
    super();
  }

  forward(input: Tensor): Tensor {
    return aten.flatten(input, this.startDim, this.endDim);
  }

  protected override describe(): string {
    return `start_dim=${this.startDim}, end_dim=${this.endDim}`;
  }
}

/** Hands its input on: what a layer is replaced by that is not wanted. */
export class Identity extends Module {
  forward(input: Tensor): Tensor {
    return input;
  }
}
