// Temperature scaling (Guo et al. 2017): one number that makes the softmax as sure as it is right.

/** Where a best temperature lies outside, as for classes that are all read rightly, the bound is taken. */
const [COLDEST, HOTTEST] = [0.05, 20];
const ITERATIONS = 50;
const TOLERANCE = 1e-10;

/** Derivatives of the negative log-likelihood by β = 1/T: Σ E[z] − z_y and Σ Var[z] under softmax(β·z). */
function derivatives(
  logits: ArrayLike<number>,
  truth: ArrayLike<number>,
  rows: Int32Array,
  beta: number,
): [slope: number, curvature: number] {
  const classes = logits.length / truth.length;
  let [slope, curvature] = [0, 0];
  for (const row of rows) {
    const start = row * classes;
    let top = Number.NEGATIVE_INFINITY;
    for (let k = start; k < start + classes; k++) top = Math.max(top, logits[k] as number);
    // Distances from the top logit: the derivatives do not change, and nothing overflows.
    let [sum, first, second] = [0, 0, 0];
    for (let k = start; k < start + classes; k++) {
      const z = (logits[k] as number) - top;
      const weight = Math.exp(beta * z);
      sum += weight;
      first += weight * z;
      second += weight * z * z;
    }
    const mean = first / sum;
    slope += mean - ((logits[start + (truth[row] as number)] as number) - top);
    curvature += second / sum - mean * mean;
  }
  return [slope, curvature];
}

/**
 * The temperature T of least negative log-likelihood of softmax(logits / T), which is convex in 1/T: Newton's method,
 * halving the interval where a step leaves it.
 * @param logits [n, C], finite
 * @param truth classes [n]
 * @param known [n], 0 leaves a row out. Default: all
 * @returns 0.05 … 20; 1 where nothing is known, or the logits of each row are one and the same
 */
export function fitTemperature(
  logits: ArrayLike<number>,
  truth: ArrayLike<number>,
  known?: ArrayLike<number>,
): number {
  const rows = Int32Array.from({ length: truth.length }, (_, row) => row).filter(
    (row) => !known || known[row],
  );
  const derivativesAt = (beta: number) => derivatives(logits, truth, rows, beta);
  let [low, high] = [1 / HOTTEST, 1 / COLDEST];
  const [slopeWhenHottest, curvatureWhenHottest] = derivativesAt(low);
  if (curvatureWhenHottest === 0) return 1;
  if (slopeWhenHottest >= 0) return HOTTEST;
  if (derivativesAt(high)[0] <= 0) return COLDEST;
  let beta = 1;
  for (let i = 0; i < ITERATIONS; i++) {
    const [slope, curvature] = derivativesAt(beta);
    if (slope > 0) high = beta;
    else low = beta;
    const step = beta - slope / curvature;
    const next = step > low && step < high ? step : (low + high) / 2;
    const settled = Math.abs(next - beta) <= TOLERANCE * beta;
    beta = next;
    if (settled) break;
  }
  return 1 / beta;
}
