// From logits to what they mean, on typed arrays: the same with and without the training engine.

import type { Decoding } from './info.js';
import { VA_BINS } from './spec.js';

const bins = Array.from({ length: VA_BINS }, (_, k) => k);

/** The values that the bins of valence and arousal stand for, ascending. */
export const DECODE_POINTS: Readonly<Record<Decoding, readonly number[]>> = {
  endpoints: bins.map((k) => -1 + (2 * k) / (VA_BINS - 1)),
  centres: bins.map((k) => -1 + (2 * k + 1) / VA_BINS),
};

/** In float32, as the reference has it. @param logits one row */
export function softmax(logits: Float32Array): Float32Array {
  let highest = Number.NEGATIVE_INFINITY;
  for (const logit of logits) highest = Math.max(highest, logit);
  const powers = logits.map((logit) => Math.exp(logit - highest));
  let sum = 0;
  for (const power of powers) sum += power;
  return powers.map((power) => power / sum);
}

export const sigmoid = (logit: number): number => 1 / (1 + Math.exp(-logit));

/**
 * Σ softmax(logits)·point of each row, the sum in double precision, as the reference has it.
 * @param logits [n, 40], valence bins then arousal bins
 * @returns valence and arousal [n, 2], −1 … 1
 */
export function valenceArousalOf(logits: Float32Array, decoding: Decoding): Float32Array {
  const points = DECODE_POINTS[decoding];
  return Float32Array.from({ length: logits.length / VA_BINS }, (_, i) => {
    const shares = softmax(logits.subarray(i * VA_BINS, (i + 1) * VA_BINS));
    let value = 0;
    for (let k = 0; k < VA_BINS; k++) value += (shares[k] as number) * (points[k] as number);
    return value;
  });
}
