// What every threshold of one action unit would give: counted once, in ascending order of the scores.

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

/** Positives' and negatives' scores are sorted apart, as bare numbers, and then merged: n log n without an index. */
export function thresholdCurve({ probabilities, truth, known, width, unit }: UnitEntries): ThresholdCurve {
  const entries = Math.max(0, Math.ceil((probabilities.length - unit) / width));
  const [present, absent] = [new Float64Array(entries), new Float64Array(entries)];
  let [positives, negatives] = [0, 0];
  for (let i = unit; i < probabilities.length; i += width) {
    if (known && !known[i]) continue;
    if ((truth[i] as number) >= 0.5) present[positives++] = probabilities[i] as number;
    else absent[negatives++] = probabilities[i] as number;
  }
  const [ofPositives, ofNegatives] = [present.subarray(0, positives), absent.subarray(0, negatives)];
  ofPositives.sort();
  ofNegatives.sort();
  const scores = new Float64Array(positives + negatives);
  const predicted = new Uint32Array(scores.length);
  const truePositives = new Uint32Array(scores.length);
  let [points, p, q] = [0, 0, 0];
  while (p < positives || q < negatives) {
    const ofPositive = p < positives ? (ofPositives[p] as number) : Number.POSITIVE_INFINITY;
    const ofNegative = q < negatives ? (ofNegatives[q] as number) : Number.POSITIVE_INFINITY;
    const score = Math.min(ofPositive, ofNegative);
    scores[points] = score;
    truePositives[points] = positives - p;
    predicted[points++] = positives - p + negatives - q;
    while (p < positives && ofPositives[p] === score) p++;
    while (q < negatives && ofNegatives[q] === score) q++;
  }
  return {
    scores: scores.subarray(0, points),
    predicted: predicted.subarray(0, points),
    truePositives: truePositives.subarray(0, points),
    positives,
    negatives,
  };
}
