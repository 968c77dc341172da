// Whether an uncertainty is worth anything: the risk of those faces that are kept when the most uncertain are left out.

import type { RiskCoverage } from './evaluation.js';

/** Of the two halves of a 64-bit integer, which is the higher one in memory. */
const HIGH = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 1 : 0;

/**
 * Row numbers in ascending order of the values: sorted as integers, which is several times faster than by a comparison
 * function. A float's bits become its place in the order when those of negative ones are turned round.
 */
function ascending(values: Float32Array): Uint32Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const keys = new BigUint64Array(values.length);
  const halves = new Uint32Array(keys.buffer);
  bits.forEach((one, row) => {
    halves[2 * row + HIGH] = one >>> 31 ? ~one : one | 0x8000_0000;
    halves[2 * row + 1 - HIGH] = row;
  });
  keys.sort();
  return bits.map((_, i) => halves[2 * i + 1 - HIGH] as number);
}

/** Σ of the risks of the first k rows, for k = 1 … n; of rows that are equally uncertain each has their mean risk. */
function cumulated(risk: Float64Array, uncertainty: Float32Array): Float64Array {
  const order = ascending(uncertainty);
  const sums = new Float64Array(order.length);
  let total = 0;
  for (let from = 0; from < order.length; ) {
    const level = uncertainty[order[from] as number];
    let [to, own] = [from, 0];
    while (to < order.length && uncertainty[order[to] as number] === level)
      own += risk[order[to++] as number] as number;
    for (let k = from; k < to; k++) sums[k] = total + (own * (k + 1 - from)) / (to - from);
    total += own;
    from = to;
  }
  return sums;
}

/** Mean over k of the mean risk of the first k. */
function areaOf(sums: Float64Array): number {
  return sums.length === 0 ? 0 : sums.reduce((area, sum, k) => area + sum / (k + 1), 0) / sums.length;
}

/**
 * The risk-coverage curve (El-Yaniv and Wiener 2010) and the area under it (Geifman, Uziel and El-Yaniv 2019).
 * @param risk of each face [n]: 0 or 1 for right or wrong, or an error
 * @param uncertainty of each face [n], no NaN; equal ones are taken in any order, and the result does not depend on which
 * @param points of the curve, at most
 * @returns `area`, beside that of a random order (the mean risk) and of the order of the risk itself; all 0 without faces
 * @throws RangeError for arrays of different lengths
 */
export function riskCoverage(
  risk: Float64Array,
  uncertainty: Float32Array,
  points = 100,
): Omit<RiskCoverage, 'risk'> {
  const n = risk.length;
  if (uncertainty.length !== n) throw new RangeError(`${n} risks and ${uncertainty.length} uncertainties`);
  const sums = cumulated(risk, uncertainty);
  let least = 0;
  const perfect = risk
    .slice()
    .sort()
    .map((one) => {
      least += one;
      return least;
    });
  const shown = Math.min(points, n);
  return {
    curve: Array.from({ length: shown }, (_, i) => {
      const kept = Math.round(((i + 1) * n) / shown);
      return { coverage: kept / n, risk: (sums[kept - 1] as number) / kept };
    }),
    area: areaOf(sums),
    areaRandom: n === 0 ? 0 : (sums[n - 1] as number) / n,
    areaPerfect: areaOf(perfect),
  };
}
