// Layers that drop at random in training mode; in evaluation mode they hand their input on.
import { aten } from '../operators.js';
import type { Tensor } from '../tensor.js';
import { Module } from './module.js';

abstract class RandomDrop extends Module {
  /**
   * @param p probability that a unit is dropped
   * @throws RangeError outside [0, 1]
   */
  constructor(readonly p = 0.5) {
    super();
    if (!(p >= 0 && p <= 1)) {
      throw new RangeError(`${this.constructor.name}: expected a probability within [0, 1], found ${p}`);
    }
  }

  protected override describe(): string {
    return `p=${this.p}, inplace=False`;
  }
}

/** Sets elements to zero with probability p and divides the others by 1 − p. Any shape. */
export class Dropout extends RandomDrop {
  forward(input: Tensor): Tensor {
    return this.training ? aten.dropout(input, this.p, true) : input;
  }
}

/** Sets whole channels to zero with probability p and divides the others by 1 − p. Input [B, C, H, W]. */
export class Dropout2d extends RandomDrop {
  forward(input: Tensor): Tensor {
    return this.training ? aten.featureDropout(input, this.p, true) : input;
  }
}
