// F1, in the one form that is defined wherever anything was predicted or true.

/**
 * 2·TP / (2·TP + FP + FN), the harmonic mean of precision and recall; 0 where it is not defined, as scikit-learn has it.
 * @returns 0 … 1
 */
export function f1Of(truePositives: number, falsePositives: number, falseNegatives: number): number {
  const denominator = 2 * truePositives + falsePositives + falseNegatives;
  return denominator === 0 ? 0 : (2 * truePositives) / denominator;
}

export const meanOf = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
