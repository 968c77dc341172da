// The loss of valence, and of arousal: concordance of the decoded value with the label, and a criterion on the bins.

import { aten, type Tensor } from '@mien/torch';
import { BINS, binsOf, expectation } from './bins.js';
import { classLoss } from './classes.js';
import { knownOnly, type Label, ratio, weightedMean, widened } from './masked.js';
import type { LossSettings } from './settings.js';

/**
 * Below this many rounding errors a spread is none. Values lie in −1 … 1; without it a batch of equal values would give
 * the correlation of its rounding errors, with an enormous gradient.
 */
const ROUNDING_ERRORS = 16;
const ROUNDING_ERROR = { float32: 2 ** -23, float64: 2 ** -52 };

/**
 * 1 − CCC, with CCC = 2·s_xy / (s_x² + s_y² + (μ_x − μ_y)² + ε) (Lin 1989) and moments that divide by n − 1, as the
 * reference's loss has them. That is its 2ρ·s_x·s_y / (…), but also defined where x or y is constant: there CCC is 0.
 * @param x [n], with gradient
 * @param y [n]
 * @param known [n], 0 or 1
 * @returns a scalar; 0 where fewer than two rows are known
 */
export function discordance(x: Tensor, y: Tensor, known: Tensor, epsilon: number): Tensor {
  const n = known.sum();
  const [meanX, meanY] = [weightedMean(x, known), weightedMean(y, known)];
  const [dx, dy] = [x.sub(meanX).mul(known), y.sub(meanY).mul(known)];
  const free = n.sub(1).clampMin(1);
  const spread = dx.square().sum().add(dy.square().sum()).div(free);
  const denominator = spread.add(meanX.sub(meanY).square()).add(epsilon);
  const limit = (ROUNDING_ERRORS * ROUNDING_ERROR[x.dtype === 'float64' ? 'float64' : 'float32']) ** 2;
  const none = denominator.lt(limit);
  const covariance = dx.mul(dy).sum().div(free).maskedFill(none, 0);
  const ccc = ratio(covariance.mul(2), denominator.maskedFill(none, 0));
  return ccc.neg().add(1).maskedFill(n.lt(2), 0);
}

/**
 * weights.ccc·(1 − CCC), plus cross entropy or focal on the bins where `VA` says so.
 * @param logits [n, 20], of valence or of arousal
 * @param label target [n] −1 … 1, known [n]
 * @returns a scalar; 0 if nothing is known
 */
export function dimensionLoss(logits: Tensor, { target, known }: Label, loss: LossSettings): Tensor {
  const scores = knownOnly(widened(logits), known.unsqueeze(1));
  const truth = knownOnly(target, known);
  const counted = known.to(scores.dtype);
  const value = expectation(scores, loss.decoding);
  const ccc = discordance(value, truth.to(scores.dtype), counted, loss.epsilon).mul(loss.weights.ccc);
  if (loss.VA === 'ccc') return ccc;
  const bins = aten.oneHot(binsOf(truth, loss), BINS);
  const onBins = classLoss(
    scores,
    { target: bins, known },
    {
      criterion: loss.VA === 'ccc-ce' ? 'ce' : 'focal',
      gamma: loss.focalGamma,
      alpha: loss.focalAlpha,
      smoothing: loss.labelSmoothing,
      weights: null,
    },
  );
  return ccc.add(onBins);
}
