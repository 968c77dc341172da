// Whether probabilities mean what they say: of what was given 80 %, 80 % should be so.

import type { Estimates } from '../estimates.js';
import type { ReliabilityBin } from '../evaluation.js';
import type { Truth } from '../truth.js';

/** Equal bins from 0 to 1, as in Guo et al. 2017. */
const BINS = 15;

export interface Reliability {
  /** Bins that are not empty, rising. */
  bins: ReliabilityBin[];
  /** Σ share of entries · |share that is so − mean probability| over bins. */
  error: number;
}

/** An accumulator of probabilities (0 … 1) and whether what they are of was so. */
class ReliabilityMetric {
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

/** Of the predicted class' probability. @returns undefined where probabilities are not known, or no row is labelled */
export function expressionReliability(
  { classes, probabilities }: NonNullable<Estimates['EXPR']>,
  truth: Truth,
  rows: Int32Array,
): Reliability | undefined {
  if (probabilities === undefined) return undefined;
  const width = truth.schema.expressions.length;
  const metric = new ReliabilityMetric();
  for (const row of rows) {
    if (!truth.expressionKnown[row]) continue;
    const guess = classes[row] as number;
    metric.add(probabilities[row * width + guess] as number, guess === truth.expression[row]);
  }
  return metric.compute();
}

/** Of all units' probabilities. @returns undefined where they are not known, or no entry is labelled */
export function unitReliability(
  { probabilities }: NonNullable<Estimates['AU']>,
  truth: Truth,
  rows: Int32Array,
): Reliability | undefined {
  if (probabilities === undefined) return undefined;
  const units = truth.schema.actionUnits.length;
  const metric = new ReliabilityMetric();
  for (const row of rows)
    for (let i = row * units; i < (row + 1) * units; i++)
      if (truth.actionUnitsKnown[i])
        metric.add(probabilities[i] as number, (truth.actionUnits[i] as number) >= 0.5);
  return metric.compute();
}
