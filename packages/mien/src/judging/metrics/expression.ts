// Scores of expressions, from how often each class was taken for each other one.

import { f1Of, meanOf, ratio } from './f1.js';
import { rowsIn } from './inputs.js';

/**
 * Which classes the macro F1 is the mean of: those that occur in truth or predictions, as scikit-learn and the reference
 * have it, or all of the schema, where one that occurs nowhere counts as 0. The same on sets that show every class.
 */
export type MacroAverage = 'present' | 'all';

/** What is not defined is 0; figures per class are in the schema's order. */
export interface ExpressionResult {
  /** Macro F1. */
  f1: number;
  /** Share of rows that are right. */
  accuracy: number;
  /** Mean of the recall of the classes that occur in the truth, as scikit-learn has it. */
  balancedAccuracy: number;
  f1PerClass: number[];
  precisionPerClass: number[];
  recallPerClass: number[];
  /** Rows of which the class is the truth. */
  samplesPerClass: number[];
  samples: number;
}

/** @param confusion rows by true class and predicted class [C, C] */
export function expressionResult(confusion: Float64Array, average: MacroAverage): ExpressionResult {
  const width = Math.sqrt(confusion.length);
  const classes = Array.from({ length: width }, (_, k) => {
    let [predicted, truth] = [0, 0];
    for (let other = 0; other < width; other++) {
      predicted += confusion[other * width + k] as number;
      truth += confusion[k * width + other] as number;
    }
    const hits = confusion[k * width + k] as number;
    return { hits, predicted, truth, f1: f1Of(hits, predicted - hits, truth - hits) };
  });
  const samples = classes.reduce((sum, { truth }) => sum + truth, 0);
  const right = classes.reduce((sum, { hits }) => sum + hits, 0);
  const averaged = classes.filter(({ predicted, truth }) => average === 'all' || predicted + truth > 0);
  return {
    f1: meanOf(averaged.map(({ f1 }) => f1)),
    accuracy: ratio(right, samples),
    balancedAccuracy: meanOf(classes.filter(({ truth }) => truth > 0).map(({ hits, truth }) => hits / truth)),
    f1PerClass: classes.map(({ f1 }) => f1),
    precisionPerClass: classes.map(({ hits, predicted }) => ratio(hits, predicted)),
    recallPerClass: classes.map(({ hits, truth }) => ratio(hits, truth)),
    samplesPerClass: classes.map(({ truth }) => truth),
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
      const guess = this.#checked(predicted[row] as number, row);
      const fact = this.#checked(truth[row] as number, row);
      (this.confusion[fact * this.classes + guess] as number)++;
    }
  }

  #checked(index: number, row: number): number {
    if (Number.isInteger(index) && index >= 0 && index < this.classes) return index;
    throw new RangeError(`row ${row} has class ${index}; expected 0 … ${this.classes - 1}`);
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
