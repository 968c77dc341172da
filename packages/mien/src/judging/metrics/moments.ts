// Means, variances and covariance of pairs (x, y), kept so that parts of the data can be summed up apart and joined.

export interface Moments {
  n: number;
  meanX: number;
  meanY: number;
  /** Σ(x − mean x)², Σ(y − mean y)², Σ(x − mean x)(y − mean y). */
  xx: number;
  yy: number;
  xy: number;
}

export const NO_MOMENTS: Moments = { n: 0, meanX: 0, meanY: 0, xx: 0, yy: 0, xy: 0 };

/**
 * In two passes. Differences are taken from the first pair before they are summed, so that of equal values they are 0
 * and not what rounding leaves of a mean.
 * @param pairs x and y in turn
 */
export function momentsOf(pairs: ArrayLike<number>): Moments {
  const n = pairs.length / 2;
  if (n === 0) return NO_MOMENTS;
  const firstX = pairs[0] as number;
  const firstY = pairs[1] as number;
  let [sumX, sumY] = [0, 0];
  for (let i = 0; i < pairs.length; i += 2) {
    sumX += (pairs[i] as number) - firstX;
    sumY += (pairs[i + 1] as number) - firstY;
  }
  const [meanX, meanY] = [sumX / n, sumY / n];
  let [xx, yy, xy] = [0, 0, 0];
  for (let i = 0; i < pairs.length; i += 2) {
    const dx = (pairs[i] as number) - firstX - meanX;
    const dy = (pairs[i + 1] as number) - firstY - meanY;
    xx += dx * dx;
    yy += dy * dy;
    xy += dx * dy;
  }
  return { n, meanX: firstX + meanX, meanY: firstY + meanY, xx, yy, xy };
}

/**
 * Moments of the union (Chan, Golub and LeVeque 1979). No large sums are subtracted from each other: a million values
 * close together keep their digits.
 */
export function joinMoments(one: Moments, other: Moments): Moments {
  const n = one.n + other.n;
  if (n === 0) return NO_MOMENTS;
  const [dx, dy] = [other.meanX - one.meanX, other.meanY - one.meanY];
  const share = other.n / n;
  const between = one.n * share;
  return {
    n,
    meanX: one.meanX + dx * share,
    meanY: one.meanY + dy * share,
    xx: one.xx + other.xx + dx * dx * between,
    yy: one.yy + other.yy + dy * dy * between,
    xy: one.xy + other.xy + dx * dy * between,
  };
}

/**
 * CCC = 2·cov / (var x + var y + (mean x − mean y)²) with population moments (Lin 1989).
 * @returns −1 … 1; 0 where it is not defined: without values, or where all are one and the same
 */
export function concordance({ n, meanX, meanY, xx, yy, xy }: Moments): number {
  const denominator = xx + yy + n * (meanX - meanY) ** 2;
  return denominator === 0 ? 0 : (2 * xy) / denominator;
}

/**
 * Pearson's correlation.
 * @returns −1 … 1; 0 where it is not defined: without values, or where those of one side are one and the same
 */
export function pearson({ xx, yy, xy }: Moments): number {
  const denominator = Math.sqrt(xx) * Math.sqrt(yy);
  return denominator === 0 ? 0 : Math.max(-1, Math.min(1, xy / denominator));
}

/** √(mean of (x − y)²); 0 without values. */
export function rootMeanSquare({ n, meanX, meanY, xx, yy, xy }: Moments): number {
  // Rounding can bring what is nearly 0 below it.
  return n === 0 ? 0 : Math.sqrt(Math.max(0, (xx + yy - 2 * xy) / n + (meanX - meanY) ** 2));
}
