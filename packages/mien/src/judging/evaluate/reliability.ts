// Whether probabilities mean what they say: of what was given 80 %, 80 % should be so.

import type { ReliabilityBin } from '../evaluation.js';

/** Equal bins from 0 to 1, as in Guo et al. 2017. */
const BINS = 15;

export interface Reliability {
  /** Bins that are not empty, rising. */
  bins: ReliabilityBin[];
  /** Σ share of entries · |share that is so − mean probability| over bins. */
  error: number;
}

/** An accumulator of probabilities (0 … 1) and whether what they are of was so. */
export class ReliabilityMetric {
  readonly #probability = new Float64Array(BINS);
  readonly #right = new Float64Array(BINS);
  readonly #samples = new Float64Array(BINS);

  add(probability: number, right: boolean): void {
    const bin = Math.max(0, Math.min(BINS - 1, Math.floor(probability * BINS)));
    (this.#probability[bin] as number) += probability;
    (this.#samples[bin] as number)++;
    if (right) (this.#right[bin] as number)++;
  }

  /** @returns undefined without entries */
  compute(): Reliability | undefined {
    const total = this.#samples.reduce((sum, samples) => sum + samples, 0);
    if (total === 0) return undefined;
    const bins = Array.from(this.#samples, (samples, i) => ({
      confidence: (this.#probability[i] as number) / samples,
      share: (this.#right[i] as number) / samples,
      samples,
    })).filter(({ samples }) => samples > 0);
    const error = bins.reduce(
      (sum, { confidence, share, samples }) => sum + Math.abs(share - confidence) * (samples / total),
      0,
    );
    return { bins, error };
  }
}
