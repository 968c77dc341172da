// Means over what is known. What is unknown has no part in a value or a gradient, whatever stands in its place.

import type { Tensor } from '@mien/torch';

/** Values and which of them are known. */
export interface Label {
  target: Tensor;
  /** 0 or 1, of the entries or rows of `target`. */
  known: Tensor;
}

/** `values` with 0 (and no gradient) in place of what is unknown. @param known broadcasts to `values` */
export const knownOnly = (values: Tensor, known: Tensor): Tensor => values.maskedFill(known.eq(0), 0);

/** numerator / denominator; where the denominator is 0, so is the numerator, and the result is 0. */
export const ratio = (numerator: Tensor, denominator: Tensor): Tensor =>
  numerator.div(denominator.maskedFill(denominator.eq(0), 1));

/** Σ weight·value / Σ weight, of the same shape; 0 where all weights are 0. */
export const weightedMean = (values: Tensor, weights: Tensor): Tensor =>
  ratio(values.mul(weights).sum(), weights.sum());

/** In float32 at least: losses of half-precision logits are computed in it. */
export const widened = (logits: Tensor): Tensor =>
  logits.dtype === 'float64' ? logits : logits.to('float32');
