// The reference's rule for thresholds of action units.

import { precisionRecallCurve, type Ranking } from '../metrics/index.js';

/**
 * The score at which precision and recall differ least, the lowest of several such: the break-even point, not the highest F1.
 * Where a tie jumps over it, that can be the highest score: with no hit at all, precision and recall are both 0. Where
 * nothing is present they differ by 1 everywhere, and it is the lowest score: every face but one then shows the unit.
 * @returns undefined without entries
 */
export function breakEvenThreshold(ranking: Ranking): number | undefined {
  const { thresholds, precision, recall } = precisionRecallCurve(ranking);
  let best = 0;
  const gap = (i: number) => Math.abs((precision[i] as number) - (recall[i] as number));
  for (let i = 1; i < thresholds.length; i++) if (gap(i) < gap(best)) best = i;
  return thresholds[best];
}
