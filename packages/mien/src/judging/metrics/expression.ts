// Scores of expressions, from how often each class was taken for each other one.

import { f1Of, meanOf } from './f1.js';
import { rowsIn } from './inputs.js';

/**
 * Which classes the macro F1 is the mean of: those that occur in truth or predictions, as scikit-learn and the reference
 * have it, or all of the schema, where one that occurs nowhere counts as 0. The same on sets that show every class.
 */
export type MacroAverage = 'present' | 'all';

export interface ExpressionResult {
  /** Macro F1. */
  f1: number;
  /** Share of rows that are right. */
  accuracy: number;
  /** In the schema's order; 0 where not defined. */
  f1PerClass: number[];
  samples: number;
}

/** @param confusion rows by true class and predicted class [C, C] */
export function expressionResult(confusion: Float64Array, average: MacroAverage): ExpressionResult {
  const classes = Math.sqrt(confusion.length);
  const count = (truth: number, predicted: number) => confusion[truth * classes + predicted] as number;
  const all = Array.from({ length: classes }, (_, k) => k);
  const totals = all.map((k) => ({
    hits: count(k, k),
    predicted: all.reduce((sum, other) => sum + count(other, k), 0),
    truth: all.reduce((sum, other) => sum + count(k, other), 0),
  }));
  const f1PerClass = totals.map(({ hits, predicted, truth }) => f1Of(hits, predicted - hits, truth - hits));
  const samples = totals.reduce((sum, { truth }) => sum + truth, 0);
  const right = totals.reduce((sum, { hits }) => sum + hits, 0);
  const averaged = all.filter((k) => {
    const { predicted, truth } = totals[k] as (typeof totals)[number];
    return average === 'all' || predicted + truth > 0;
  });
  return {
    f1: meanOf(averaged.map((k) => f1PerClass[k] as number)),
    accuracy: samples === 0 ? 0 : right / samples,
    f1PerClass,
    samples,
  };
}

export class ExpressionMetric {
  /** Rows by true class and predicted class [C, C]: all there is to send to another process. */
  readonly confusion: Float64Array;

  /** @param classes of the schema */
  constructor(readonly classes: number) {
    this.confusion = new Float64Array(classes ** 2);
  }

  /**
   * @param predicted classes [n]
   * @param truth classes [n]
   * @param known [n], 0 leaves a row out. Default: all
   * @throws RangeError for arrays of different lengths, and for a class that the schema lacks
   */
  update(predicted: ArrayLike<number>, truth: ArrayLike<number>, known?: ArrayLike<number>): void {
    const rows = rowsIn(1, predicted, truth, known);
    for (let row = 0; row < rows; row++) {
      if (known && !known[row]) continue;
      const [guess, fact] = [predicted[row] as number, truth[row] as number];
      for (const index of [guess, fact])
        if (!(Number.isInteger(index) && index >= 0 && index < this.classes))
          throw new RangeError(`row ${row} has class ${index}; expected 0 … ${this.classes - 1}`);
      (this.confusion[fact * this.classes + guess] as number)++;
    }
  }

  /** Adds what another has seen. */
  merge({ confusion }: { readonly confusion: Float64Array }): void {
    confusion.forEach((count, i) => {
      (this.confusion[i] as number) += count;
    });
  }

  compute(average: MacroAverage = 'present'): ExpressionResult {
    return expressionResult(this.confusion, average);
  }
}
