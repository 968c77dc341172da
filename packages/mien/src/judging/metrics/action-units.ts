// Scores of action units, each of which is a yes or no of its own, from how often each was found, missed and imagined.

import { f1Of, meanOf, ratio } from './f1.js';
import { rowsIn } from './inputs.js';

/** What is not defined is 0; figures per unit are in the schema's order. */
export interface ActionUnitResult {
  /** Mean of the units' F1: of those of which any label is known. */
  f1: number;
  /** Share of known entries that are right. */
  accuracy: number;
  /** Mean of the units' accuracy: of those of which any label is known. */
  meanAccuracy: number;
  f1PerUnit: number[];
  precisionPerUnit: number[];
  recallPerUnit: number[];
  accuracyPerUnit: number[];
  /** Rows in which the unit is known, and in which it is present. */
  samplesPerUnit: number[];
  positivesPerUnit: number[];
  /** Rows of which any unit is known. */
  samples: number;
}

/** What is counted of a unit: true positives, false positives, false negatives, true negatives. */
export const OUTCOMES = 4;

/** @param counts of each unit, in the order above [K, 4] */
export function actionUnitResult(counts: Float64Array, samples: number): ActionUnitResult {
  const units = Array.from({ length: counts.length / OUTCOMES }, (_, k) => {
    const [tp, fp, fn, tn] = counts.subarray(k * OUTCOMES) as unknown as [number, number, number, number];
    return { tp, fp, fn, right: tp + tn, entries: tp + fp + fn + tn, f1: f1Of(tp, fp, fn) };
  });
  const known = units.filter(({ entries }) => entries > 0);
  const sum = (of: (unit: (typeof units)[number]) => number) => units.reduce((all, one) => all + of(one), 0);
  return {
    f1: meanOf(known.map(({ f1 }) => f1)),
    accuracy: ratio(
      sum(({ right }) => right),
      sum(({ entries }) => entries),
    ),
    meanAccuracy: meanOf(known.map(({ right, entries }) => right / entries)),
    f1PerUnit: units.map(({ f1 }) => f1),
    precisionPerUnit: units.map(({ tp, fp }) => ratio(tp, tp + fp)),
    recallPerUnit: units.map(({ tp, fn }) => ratio(tp, tp + fn)),
    accuracyPerUnit: units.map(({ right, entries }) => ratio(right, entries)),
    samplesPerUnit: units.map(({ entries }) => entries),
    positivesPerUnit: units.map(({ tp, fn }) => tp + fn),
    samples,
  };
}

export class ActionUnitMetric {
  /** With `samples`, all there is to send to another process. */
  readonly counts: Float64Array;
  samples = 0;

  /** @param units of the schema */
  constructor(readonly units: number) {
    this.counts = new Float64Array(units * OUTCOMES);
  }

  /**
   * @param predicted decisions [n, K], 0 or 1, row-major
   * @param truth [n, K]; from 0.5 on positive
   * @param known [n, K], 0 leaves an entry out. Default: all
   * @throws RangeError for arrays of different lengths
   */
  update(predicted: ArrayLike<number>, truth: ArrayLike<number>, known?: ArrayLike<number>): void {
    const rows = rowsIn(this.units, predicted, truth, known);
    for (let row = 0; row < rows; row++) {
      let any = false;
      for (let unit = 0; unit < this.units; unit++) {
        const i = row * this.units + unit;
        if (known && !known[i]) continue;
        any = true;
        const guess = (predicted[i] as number) >= 0.5;
        const fact = (truth[i] as number) >= 0.5;
        const outcome = guess ? (fact ? 0 : 1) : fact ? 2 : 3;
        (this.counts[unit * OUTCOMES + outcome] as number)++;
      }
      if (any) this.samples++;
    }
  }

  /** Adds what another has seen. */
  merge({ counts, samples }: { readonly counts: Float64Array; readonly samples: number }): void {
    counts.forEach((count, i) => {
      (this.counts[i] as number) += count;
    });
    this.samples += samples;
  }

  compute(): ActionUnitResult {
    return actionUnitResult(this.counts, this.samples);
  }
}
