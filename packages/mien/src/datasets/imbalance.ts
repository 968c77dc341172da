// How unequally often labels occur: IRLbl and MeanIR (Charte et al. 2015, "Addressing imbalance in multilabel
// classification: Measures and random resampling algorithms").

export interface Imbalance {
  /** IRLbl of each label: the commonest label's count over its own; undefined where a label never occurs. */
  perLabel: (number | undefined)[];
  /** MeanIR: the mean of IRLbl over the labels that occur; undefined where none does. */
  mean: number | undefined;
}

/** @param positives how often each label is known to be present */
export function imbalance(positives: ArrayLike<number>): Imbalance {
  const counts = Array.from(positives);
  const most = Math.max(0, ...counts);
  const perLabel = counts.map((count) => (count > 0 ? most / count : undefined));
  const ratios = perLabel.filter((ratio) => ratio !== undefined);
  const mean = ratios.length > 0 ? ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length : undefined;
  return { perLabel, mean };
}
