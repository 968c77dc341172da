// How far a student's outputs are from its teacher's, row by row. No gradient reaches the teacher.

import type { Tensor } from '@mien/torch';
import { widened } from './masked.js';
import type { DistillationSettings } from './settings.js';

/**
 * KL(softmax(t/T) ‖ softmax(s/T)), times T² where `temperatureSquared` says so (Hinton et al. 2015).
 * @param student logits [n, C]
 * @param teacher logits [n, C]
 * @returns costs of the rows [n]
 */
export function classDivergence(
  student: Tensor,
  teacher: Tensor,
  { temperature, temperatureSquared }: DistillationSettings,
): Tensor {
  const log = widened(student).div(temperature).logSoftmax(1);
  const wanted = widened(teacher.detach()).div(temperature).logSoftmax(1);
  const divergence = wanted.exp().mul(wanted.sub(log)).sum([1]);
  return temperatureSquared ? divergence.mul(temperature ** 2) : divergence;
}

/** −[σ(t) ln σ(s) + (1 − σ(t)) ln(1 − σ(s))], without a temperature. @returns costs of the entries [n, K] */
export function unitCrossEntropy(student: Tensor, teacher: Tensor): Tensor {
  const [scores, wanted] = [widened(student), widened(teacher.detach())];
  const ifActive = wanted.sigmoid().mul(scores.logSigmoid());
  const ifNot = wanted.neg().sigmoid().mul(scores.neg().logSigmoid());
  return ifActive.add(ifNot).neg();
}
