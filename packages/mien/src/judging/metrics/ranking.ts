// How well a score ranks what is present above what is not: areas under curves, and the curves. One sort of n scores.

import { rowsIn } from './inputs.js';

/** Scores with their labels, by falling score: how many of each kind lie at or above each score that occurs. */
export interface Ranking {
  /** Scores that occur, falling [m]. */
  scores: Float64Array;
  /** Entries with at least that score, and those of them that are present [m]. */
  above: Uint32Array;
  hits: Uint32Array;
  positives: number;
  negatives: number;
}

/**
 * @param scores [n]
 * @param truth [n]; from 0.5 on positive
 * @param known [n], 0 leaves an entry out. Default: all
 * @throws RangeError for arrays of different lengths, and for a score that is no number
 */
export function rankingOf(
  scores: ArrayLike<number>,
  truth: ArrayLike<number>,
  known?: ArrayLike<number>,
): Ranking {
  const n = rowsIn(1, scores, truth, known);
  // The two kinds are sorted apart and then merged: typed arrays sort plain numbers many times faster than rows.
  const make = scores instanceof Float32Array ? Float32Array : Float64Array;
  const [present, absent] = [new make(n), new make(n)];
  let [positives, negatives] = [0, 0];
  for (let i = 0; i < n; i++) {
    if (known && !known[i]) continue;
    const score = scores[i] as number;
    if (Number.isNaN(score)) throw new RangeError(`the score of entry ${i} is not a number`);
    if ((truth[i] as number) >= 0.5) present[positives++] = score;
    else absent[negatives++] = score;
  }
  const up = present.subarray(0, positives).sort();
  const down = absent.subarray(0, negatives).sort();
  const total = positives + negatives;
  const ranking = {
    scores: new Float64Array(total),
    above: new Uint32Array(total),
    hits: new Uint32Array(total),
  };
  let length = 0;
  for (let [p, q] = [positives, negatives]; p + q > 0; length++) {
    const score = Math.max(
      p > 0 ? (up[p - 1] as number) : Number.NEGATIVE_INFINITY,
      q > 0 ? (down[q - 1] as number) : Number.NEGATIVE_INFINITY,
    );
    while (p > 0 && up[p - 1] === score) p--;
    while (q > 0 && down[q - 1] === score) q--;
    ranking.scores[length] = score;
    ranking.above[length] = total - p - q;
    ranking.hits[length] = positives - p;
  }
  return {
    scores: ranking.scores.subarray(0, length),
    above: ranking.above.subarray(0, length),
    hits: ranking.hits.subarray(0, length),
    positives,
    negatives,
  };
}

/**
 * Area under the ROC curve: the share of pairs of one that is present and one that is not in which the first has the higher
 * score; a tie counts half (Mann and Whitney 1947).
 * @returns 0 … 1; undefined where one of the kinds does not occur
 */
export function rocAuc({ above, hits, positives, negatives }: Ranking): number | undefined {
  if (positives === 0 || negatives === 0) return undefined;
  let [area, hitsBefore, missesBefore] = [0, 0, 0];
  for (let i = 0; i < above.length; i++) {
    const hit = hits[i] as number;
    const miss = (above[i] as number) - hit;
    area += ((hit + hitsBefore) / 2) * (miss - missesBefore);
    hitsBefore = hit;
    missesBefore = miss;
  }
  return area / positives / negatives;
}

/**
 * Σ (R_k − R_(k−1)) · P_k over falling scores, without interpolation, as scikit-learn has it.
 * @returns 0 … 1; undefined where nothing is present
 */
export function averagePrecision({ above, hits, positives }: Ranking): number | undefined {
  if (positives === 0) return undefined;
  let [sum, before] = [0, 0];
  for (let i = 0; i < above.length; i++) {
    const hit = hits[i] as number;
    sum += ((hit - before) * hit) / (above[i] as number);
    before = hit;
  }
  return sum / positives;
}

/** Precision and recall of taking every score of at least a threshold for present. */
export interface PrecisionRecallCurve {
  /** Scores that occur, rising [m]. */
  thresholds: Float64Array;
  /** [m + 1]: the last point, without a threshold, is precision 1 and recall 0. */
  precision: Float64Array;
  recall: Float64Array;
}

/** As scikit-learn's `precision_recall_curve` gives it (with `drop_intermediate=False`); recall is 1 where nothing is present. */
export function precisionRecallCurve({ scores, above, hits, positives }: Ranking): PrecisionRecallCurve {
  const m = scores.length;
  const precision = new Float64Array(m + 1);
  const recall = new Float64Array(m + 1);
  for (let i = 0; i < m; i++) {
    const from = m - 1 - i;
    precision[i] = (hits[from] as number) / (above[from] as number);
    recall[i] = positives === 0 ? 1 : (hits[from] as number) / positives;
  }
  precision[m] = 1;
  return { thresholds: scores.slice().reverse(), precision, recall };
}
