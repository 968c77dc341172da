// Rules by which an action unit's threshold is chosen. A unit is present where its probability is strictly greater.

import { f1Of } from '../metrics/f1.js';
import { rowsIn } from '../metrics/inputs.js';
import { type ThresholdCurve, thresholdCurve } from './curve.js';

/** The threshold of units that nothing was chosen for. */
export const DEFAULT_THRESHOLD = 0.5;

export const THRESHOLD_RULES = ['fixed', 'max-f1', 'break-even', 'break-even-reference'] as const;

/**
 * - `fixed`: 0.5, or the number given.
 * - `max-f1`: the largest F1; of equals the threshold nearest to 0.5, then the lower one.
 * - `break-even`: precision and recall differ least; of equals the lowest. Points without a true positive, where both may
 *   be 0, do not count.
 * - `break-even-reference`: as the reference has it, its defects included: those points count, the threshold is the point's
 *   score itself, although faces with just that score are then read as absent, and a unit without positives gets its
 *   lowest score.
 */
export type ThresholdRule = (typeof THRESHOLD_RULES)[number] | { fixed: number };

/** The middle between a point's score and the next lower one, 0 below the lowest: faces that the point counts are above it. */
function thresholdOf({ scores }: ThresholdCurve, point: number): number {
  const [low, high] = [scores[point - 1] ?? 0, scores[point] as number];
  const middle = low + (high - low) / 2;
  return middle < high ? middle : low;
}

/** Points with a true positive, whose score a threshold from 0 on can have below it. */
function* usefulPoints({ scores, truePositives }: ThresholdCurve): Generator<number> {
  for (let point = 0; point < scores.length; point++)
    if ((truePositives[point] as number) > 0 && (scores[point] as number) > 0) yield point;
}

/** |precision − recall| in the order of operations of scikit-learn, so that ties are the same. */
function imbalanceAt({ truePositives, predicted, positives }: ThresholdCurve, point: number): number {
  const hits = truePositives[point] as number;
  const recall = positives === 0 ? 1 : hits / positives; // as scikit-learn has it where nothing is positive
  return Math.abs(hits / (predicted[point] as number) - recall);
}

function breakEven(curve: ThresholdCurve): number {
  let [best, least] = [-1, Number.POSITIVE_INFINITY];
  for (const point of usefulPoints(curve)) {
    const imbalance = imbalanceAt(curve, point);
    if (imbalance < least) [best, least] = [point, imbalance];
  }
  return best < 0 ? DEFAULT_THRESHOLD : thresholdOf(curve, best);
}

function breakEvenReference(curve: ThresholdCurve): number {
  let best = 0;
  for (let point = 1; point < curve.scores.length; point++)
    if (imbalanceAt(curve, point) < imbalanceAt(curve, best)) best = point;
  return curve.scores[best] ?? DEFAULT_THRESHOLD;
}

function maxF1(curve: ThresholdCurve): number {
  const { truePositives, predicted, positives } = curve;
  let [threshold, most] = [DEFAULT_THRESHOLD, 0];
  for (const point of usefulPoints(curve)) {
    const hits = truePositives[point] as number;
    const f1 = f1Of(hits, (predicted[point] as number) - hits, positives - hits);
    if (f1 < most) continue;
    const candidate = thresholdOf(curve, point);
    const nearer = Math.abs(candidate - DEFAULT_THRESHOLD) < Math.abs(threshold - DEFAULT_THRESHOLD);
    if (f1 > most || nearer) [threshold, most] = [candidate, f1];
  }
  return threshold;
}

/** @returns the threshold of one action unit; 0.5 where not both kinds are known, except by the reference's rule */
export function thresholdBy(
  rule: Exclude<ThresholdRule, 'fixed' | { fixed: number }>,
  curve: ThresholdCurve,
): number {
  if (rule === 'break-even-reference') return breakEvenReference(curve);
  if (curve.positives === 0 || curve.negatives === 0) return DEFAULT_THRESHOLD;
  return rule === 'max-f1' ? maxF1(curve) : breakEven(curve);
}

export interface UnitLabels {
  /** [n, K] */
  actionUnits: ArrayLike<number>;
  /** [n, K], 0 leaves an entry out. Default: all */
  actionUnitsKnown?: ArrayLike<number>;
}

/**
 * The threshold of each action unit, chosen on just these faces.
 * @param probabilities [n, K]
 * @param units K
 * @returns [K]
 * @throws RangeError for arrays of different lengths
 */
export function thresholdsOf(
  probabilities: ArrayLike<number>,
  { actionUnits, actionUnitsKnown }: UnitLabels,
  rule: ThresholdRule,
  units: number,
): Float64Array {
  rowsIn(units, probabilities, actionUnits, actionUnitsKnown);
  return Float64Array.from({ length: units }, (_, unit) => {
    if (typeof rule === 'object') return rule.fixed;
    if (rule === 'fixed') return DEFAULT_THRESHOLD;
    const entries = { probabilities, truth: actionUnits, known: actionUnitsKnown, width: units, unit };
    return thresholdBy(rule, thresholdCurve(entries));
  });
}

/**
 * @param probabilities [n, K]
 * @param thresholds [K]
 * @returns [n, K]; 1 where the probability is strictly greater
 */
export function decideUnits(probabilities: ArrayLike<number>, thresholds: ArrayLike<number>): Uint8Array {
  const decisions = new Uint8Array(probabilities.length);
  for (let i = 0; i < decisions.length; i++)
    decisions[i] = (probabilities[i] as number) > (thresholds[i % thresholds.length] as number) ? 1 : 0;
  return decisions;
}
