// Decisions that no face's own label had a part in: each part's thresholds are chosen on the other parts.

import { type FoldOptions, foldsOf, withoutFold } from '../folds.js';
import type { Truth } from '../truth.js';
import { decideUnits, type ThresholdRule, thresholdsOf } from './rules.js';

/**
 * @param probabilities [n, K]
 * @returns decisions [n, K]; where all faces are of one cluster, by 0.5, as nothing is left to choose on
 */
export function crossFit(
  probabilities: Float32Array,
  truth: Truth,
  rule: ThresholdRule,
  options: FoldOptions = {},
): Uint8Array {
  const units = truth.schema.actionUnits.length;
  const { fold, count } = foldsOf(truth, options);
  const decisions = new Uint8Array(probabilities.length);
  for (let part = 0; part < count; part++) {
    const thresholds = thresholdsOf(probabilities, withoutFold(truth, fold, part), rule, units);
    const decided = decideUnits(probabilities, thresholds);
    for (let i = 0; i < decisions.length; i++)
      if (fold[Math.floor(i / units)] === part) decisions[i] = decided[i] as number;
  }
  return decisions;
}
