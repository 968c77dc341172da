// Platt scaling (Platt 1999, with the Newton method of Lin, Lin and Weng 2007): σ(slope · logit + intercept) as sure as it
// is right.

export interface Platt {
  slope: number;
  intercept: number;
}

const ITERATIONS = 100;
const SMALLEST_STEP = 1e-10;
/** What a step may still gain, for each entry. */
const NEGLIGIBLE = 1e-14;
/** Keeps the Hessian invertible where all logits are the same. */
const RIDGE = 1e-12;

/** log(1 + exp(x)), for x of any size. */
const softplus = (x: number) => (x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x)));

/**
 * Least cross entropy with Platt's targets, which are (N₊ + 1) / (N₊ + 2) and 1 / (N₋ + 2) in place of 1 and 0, so that
 * few labels do not make it too sure.
 * @param logits of one action unit [n], finite
 * @param truth [n]; from 0.5 on positive
 * @param known [n], 0 leaves an entry out. Default: all
 * @returns undefined, which is to say slope 1 and intercept 0, where not both kinds are known, or where the best slope
 * would turn the order of the faces round
 */
export function fitPlatt(
  logits: ArrayLike<number>,
  truth: ArrayLike<number>,
  known?: ArrayLike<number>,
): Platt | undefined {
  const entries = Int32Array.from({ length: logits.length }, (_, i) => i).filter((i) => !known || known[i]);
  const positives = entries.reduce((count, i) => count + ((truth[i] as number) >= 0.5 ? 1 : 0), 0);
  const negatives = entries.length - positives;
  if (positives === 0 || negatives === 0) return undefined;
  const [present, absent] = [(positives + 1) / (positives + 2), 1 / (negatives + 2)];
  const x = new Float64Array(entries.length);
  const target = new Float64Array(entries.length);
  entries.forEach((entry, i) => {
    x[i] = logits[entry] as number;
    target[i] = (truth[entry] as number) >= 0.5 ? present : absent;
  });

  const loss = (slope: number, intercept: number) => {
    let sum = 0;
    for (let i = 0; i < x.length; i++) {
      const z = slope * (x[i] as number) + intercept;
      sum += softplus(z) - (target[i] as number) * z;
    }
    return sum;
  };

  let [slope, intercept] = [1, 0];
  let least = loss(slope, intercept);
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    let [g1, g2, h11, h12, h22] = [0, 0, RIDGE, 0, RIDGE];
    for (let i = 0; i < x.length; i++) {
      const xi = x[i] as number;
      const p = 1 / (1 + Math.exp(-(slope * xi + intercept)));
      const error = p - (target[i] as number);
      const weight = p * (1 - p);
      g1 += error * xi;
      g2 += error;
      h11 += weight * xi * xi;
      h12 += weight * xi;
      h22 += weight;
    }
    const determinant = h11 * h22 - h12 * h12;
    const [d1, d2] = [-(h22 * g1 - h12 * g2) / determinant, -(h11 * g2 - h12 * g1) / determinant];
    if (-(g1 * d1 + g2 * d2) < NEGLIGIBLE * x.length) break;
    let step = 1;
    let next = loss(slope + d1, intercept + d2);
    while (!(next < least) && step > SMALLEST_STEP) {
      step /= 2;
      next = loss(slope + step * d1, intercept + step * d2);
    }
    if (!(next < least)) break; // no way down is left
    [slope, intercept, least] = [slope + step * d1, intercept + step * d2, next];
  }
  return slope > 0 ? { slope, intercept } : undefined;
}
