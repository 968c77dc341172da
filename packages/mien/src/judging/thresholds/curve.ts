// What every threshold of one action unit would give: counted once, in ascending order of the scores.

import { rankingOf } from '../metrics/index.js';

/** Row-major entries of one column: an action unit's probabilities, labels and masks among those of all K. */
export interface UnitEntries {
  /** [n, K] */
  probabilities: ArrayLike<number>;
  /** [n, K]; from 0.5 on positive. */
  truth: ArrayLike<number>;
  /** [n, K], 0 leaves an entry out. Default: all */
  known?: ArrayLike<number> | undefined;
  /** K, and which of them. */
  width: number;
  unit: number;
}

/** Point i counts as present what has `scores[i]` or more. */
export interface ThresholdCurve {
  /** Distinct scores, ascending [m]. */
  scores: Float64Array;
  /** Entries with that score or more, and those of them that are positive [m]. */
  predicted: Uint32Array;
  truePositives: Uint32Array;
  /** Of all known entries. */
  positives: number;
  negatives: number;
}

/** @throws RangeError for a probability that is no number */
export function thresholdCurve({ probabilities, truth, known, width, unit }: UnitEntries): ThresholdCurve {
  const entries = Math.max(0, Math.ceil((probabilities.length - unit) / width));
  const column = (values: ArrayLike<number>) =>
    Float64Array.from({ length: entries }, (_, row) => values[row * width + unit] as number);
  const { scores, above, hits, positives, negatives } = rankingOf(
    column(probabilities),
    column(truth),
    known && column(known),
  );
  return {
    scores: scores.slice().reverse(),
    predicted: above.slice().reverse(),
    truePositives: hits.slice().reverse(),
    positives,
    negatives,
  };
}
