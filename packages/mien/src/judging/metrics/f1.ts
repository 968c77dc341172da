// Ratios of counts, in the one form that is defined wherever anything was counted.

/** numerator / denominator; 0 where there is nothing to divide by, as scikit-learn has it. */
export const ratio = (numerator: number, denominator: number): number =>
  denominator === 0 ? 0 : numerator / denominator;

/**
 * 2·TP / (2·TP + FP + FN), the harmonic mean of precision and recall; 0 where it is not defined, as scikit-learn has it.
 * @returns 0 … 1
 */
export const f1Of = (truePositives: number, falsePositives: number, falseNegatives: number): number =>
  ratio(2 * truePositives, 2 * truePositives + falsePositives + falseNegatives);

/** 0 of nothing. */
export const meanOf = (values: readonly number[]): number =>
  ratio(
    values.reduce((sum, value) => sum + value, 0),
    values.length,
  );
