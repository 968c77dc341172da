// Losses of action units: independent logits, each with its own mask. A criterion is what an entry costs if its label is
// 1 and if it is 0; labels in between (mixed or soft) cost the mixture.

import { type Tensor, tensor } from '@mien/torch';
import { knownOnly, type Label, weightedMean, widened } from './masked.js';
import type { LossSettings } from './settings.js';

/** Costs of the entries [n, K]. */
interface Costs {
  ifPositive: Tensor;
  ifNegative: Tensor;
}

/** Probabilities are kept above this under a power, whose slope at 0 may be infinite. */
const SMALLEST_PROBABILITY = 1e-12;

const CRITERIA: Record<LossSettings['AU'], (logits: Tensor, loss: LossSettings) => Costs> = {
  /** −ln σ(s) and −ln(1 − σ(s)). */
  bce: (logits) => ({
    ifPositive: logits.logSigmoid().neg(),
    ifNegative: logits.neg().logSigmoid().neg(),
  }),

  /** −α(1 − P)^γ ln P and −P^γ ln(1 − P), P = σ(s) (Lin et al. 2017). Powers are taken of logarithms, which do not
   * underflow. */
  focal(logits, { focalGamma, focalAlpha }) {
    const [log, logOther] = [logits.logSigmoid(), logits.neg().logSigmoid()];
    return {
      ifPositive: logOther.mul(focalGamma).exp().mul(log).mul(-focalAlpha),
      ifNegative: log.mul(focalGamma).exp().mul(logOther).neg(),
    };
  },

  /** −(1 − P)^γ₊ ln P and −Q^γ₋ ln(1 − Q), Q = max(P − clip, 0) (Ridnik et al. 2021). The gradient goes through the
   * powers too, as in their analysis. */
  asymmetric(logits, { asymmetric: { gammaPositive, gammaNegative, clip } }) {
    const [log, logOther] = [logits.logSigmoid(), logits.neg().logSigmoid()];
    const ifPositive = logOther.mul(gammaPositive).exp().mul(log).neg();
    if (clip === 0) return { ifPositive, ifNegative: log.mul(gammaNegative).exp().mul(logOther).neg() };
    const shifted = logits.sigmoid().sub(clip).clampMin(SMALLEST_PROBABILITY);
    const logRest = logits.neg().sigmoid().add(clip).clampMax(1).log();
    return { ifPositive, ifNegative: shifted.pow(gammaNegative).mul(logRest).neg() };
  },
};

/**
 * Mean over the known entries; with the focal criterion K times that: summed over the units, as the reference does.
 * @param logits [n, K]
 * @param label target [n, K] 0 … 1, known [n, K]
 * @returns a scalar; 0 if nothing is known
 * @throws RangeError if `unitWeights` has another length than K
 */
export function actionUnitLoss(logits: Tensor, { target, known }: Label, loss: LossSettings): Tensor {
  const scores = knownOnly(widened(logits), known);
  const truth = knownOnly(target, known).to(scores.dtype);
  const { ifPositive, ifNegative } = CRITERIA[loss.AU](scores, loss);
  const positive = truth.mul(ifPositive);
  const costs = weighted(positive, loss.unitWeights).add(truth.neg().add(1).mul(ifNegative));
  const mean = weightedMean(costs, known.to(scores.dtype));
  return loss.AU === 'focal' ? mean.mul(logits.size(1)) : mean;
}

function weighted(positive: Tensor, weights: readonly number[] | null): Tensor {
  if (weights === null) return positive;
  const units = positive.size(1);
  if (weights.length !== units)
    throw new RangeError(`loss.unitWeights has ${weights.length} weights for ${units} action units`);
  return positive.mul(tensor(weights, { dtype: positive.dtype, device: positive.device }));
}
