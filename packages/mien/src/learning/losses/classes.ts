// Losses over classes that exclude each other: expressions, and the bins of valence and arousal.

import { eye, type Tensor, tensor } from '@mien/torch';
import { knownOnly, type Label, ratio, widened } from './masked.js';

export interface ClassCriterion {
  /** `focal`: all classes cost, those that are not the truth too (the reference's; softmax in place of σ). */
  criterion: 'ce' | 'focal';
  gamma: number;
  /** Factor of the positive term. */
  alpha: number;
  /** Share of the target that is spread evenly over the classes. */
  smoothing: number;
  /** Of each class [C], or none. */
  weights: readonly number[] | null;
}

/** What each class costs if it is the truth, and if another is [n, C]; without the second where that is 0. */
function costsOf(logits: Tensor, { criterion, gamma, alpha }: ClassCriterion): [Tensor, Tensor?] {
  const log = logits.logSoftmax(1);
  if (criterion === 'ce') return [log.neg()];
  const itself = eye(logits.size(1), undefined, { dtype: 'bool', device: logits.device });
  const others = logits.unsqueeze(1).maskedFill(itself, Number.NEGATIVE_INFINITY).logsumexp(2);
  const logRest = others.sub(logits.logsumexp(1, true)); // ln(1 − P), also where P rounds to 1
  return [logRest.mul(gamma).exp().mul(log).mul(-alpha), log.mul(gamma).exp().mul(logRest).neg()];
}

/**
 * With V = weights · smoothed target: Σ_c [V_c·(cost of c as the truth) + (ΣV − V_c)·(cost of c as another)], summed over
 * the known rows and divided by the sum of their weights Σ_c weight_c·target_c (PyTorch's weighted mean; without
 * weights, the number of known rows).
 * @param logits [n, C], C ≥ 2
 * @param label target [n, C] one-hot or with sum 1, known [n]
 * @returns a scalar; 0 if nothing is known
 * @throws RangeError if there are weights, but not C
 */
export function classLoss(logits: Tensor, { target, known }: Label, options: ClassCriterion): Tensor {
  const rows = known.unsqueeze(1);
  const scores = knownOnly(widened(logits), rows);
  const { dtype, device } = scores;
  const classes = logits.size(1);
  const truth = knownOnly(target, rows).to(dtype);
  const { smoothing, weights } = options;
  const smooth = smoothing === 0 ? truth : truth.mul(1 - smoothing).add(smoothing / classes);
  if (weights !== null && weights.length !== classes)
    throw new RangeError(`loss.classWeights has ${weights.length} weights for ${classes} expressions`);
  const weight = weights && tensor(weights, { dtype, device });
  const share = weight ? smooth.mul(weight) : smooth;
  const [ifTruth, ifOther] = costsOf(scores, options);
  let costs = share.mul(ifTruth);
  if (ifOther) costs = costs.add(share.sum([1], true).sub(share).mul(ifOther));
  const counted = known.to(dtype);
  const rowWeights = weight ? truth.mul(weight).sum([1]).mul(counted) : counted;
  return ratio(costs.sum([1]).mul(counted).sum(), rowWeights.sum());
}
