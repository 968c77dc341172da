// The loss of expressions, with what only expressions have: class weights.

import type { Tensor } from '@mien/torch';
import { classLoss } from './classes.js';
import type { Label } from './masked.js';
import type { LossSettings } from './settings.js';

/**
 * @param logits [n, C]
 * @param label target [n, C] one-hot or shares with sum 1, known [n]
 * @returns a scalar, the mean over known rows; 0 if there are none
 * @throws RangeError if `classWeights` has another length than C
 */
export function expressionLoss(logits: Tensor, label: Label, loss: LossSettings): Tensor {
  return classLoss(logits, label, {
    criterion: loss.EXPR,
    gamma: loss.focalGamma,
    alpha: loss.focalAlpha,
    smoothing: loss.labelSmoothing,
    weights: loss.classWeights,
  });
}
