// The result of judging: plain data, as `mien eval --json` writes it and reports show it.

import type { LabelSchema, Task } from '../labels/index.js';

/** A figure with its interval; the interval is left out where it was not asked for. */
export interface Figure {
  value: number;
  /** Ends of the bootstrap interval. */
  low?: number;
  high?: number;
}

export interface ExpressionEvaluation {
  samples: number;
  f1: Figure;
  accuracy: Figure;
  /** Mean of the classes' recall. */
  balancedAccuracy: Figure;
  /** In the schema's order. A figure that is not defined is 0; `samples` tells how often the class is true. */
  classes: { name: string; samples: number; precision: number; recall: number; f1: number }[];
  /** Rows by true class, columns by predicted class [C][C]. */
  confusion: number[][];
  /** Expected calibration error of the predicted class' probability, 0 … 1; where probabilities are known. */
  calibrationError?: number;
  /** Bins of the predicted class' probability. */
  reliability?: ReliabilityBin[];
}

export interface ReliabilityBin {
  /** Mean probability in the bin, share that is right (or present), and number of entries. */
  confidence: number;
  share: number;
  samples: number;
}

export interface UnitEvaluation {
  name: string;
  /** Rows in which it is labelled, and in which it is present. */
  samples: number;
  positives: number;
  precision: number;
  recall: number;
  f1: number;
  accuracy: number;
  /** Of probabilities, where known, and where both kinds occur. */
  auc?: number;
  averagePrecision?: number;
  threshold?: number;
  /** F1 with thresholds that were chosen on other clips or subjects (cross-fitted), beside the one above. */
  f1CrossFitted?: number;
  /** Points of F1 over threshold, for a figure: at most about 100. */
  thresholdCurve?: { threshold: number; precision: number; recall: number; f1: number }[];
}

export interface ActionUnitEvaluation {
  samples: number;
  /** Means over units of which any label is known. */
  f1: Figure;
  /** Share of all known entries that are right. */
  accuracy: Figure;
  meanAccuracy: Figure;
  auc?: Figure;
  averagePrecision?: Figure;
  /** Mean F1 with cross-fitted thresholds. */
  f1CrossFitted?: Figure;
  units: UnitEvaluation[];
  calibrationError?: number;
  reliability?: ReliabilityBin[];
}

export interface DimensionEvaluation {
  ccc: Figure;
  pearson: Figure;
  rmse: Figure;
  /** Share of frames whose sign is right (SAGR). */
  signAgreement: Figure;
}

export interface ValenceArousalEvaluation {
  samples: number;
  valence: DimensionEvaluation;
  arousal: DimensionEvaluation;
  /** Mean of the two. */
  ccc: Figure;
}

/** Scores of some faces. */
export interface PartEvaluation {
  faces: number;
  EXPR?: ExpressionEvaluation;
  AU?: ActionUnitEvaluation;
  VA?: ValenceArousalEvaluation;
  /** Mean over the tasks of their FG-2020 scores, by which training picks its best epoch. */
  mean: Figure;
  /** What each edition of the challenge would say, of the tasks that are there; see `EDITIONS`. */
  editions: Record<string, Partial<Record<Task | 'MTL', number>>>;
}

/** How well the members' disagreement tells which faces are read wrongly. */
export interface RiskCoverage {
  /** What the risk is: error rate of EXPR and AU, mean absolute error of VA. */
  risk: string;
  /** The share of faces kept, least uncertain first, and the risk of those: at most about 100 points. */
  curve: { coverage: number; risk: number }[];
  /** Mean risk over coverages; beside what a random order and a perfect one give. */
  area: number;
  areaRandom: number;
  areaPerfect: number;
}

export interface Mistake {
  /** Place among the rows that were judged. */
  row: number;
  task: Task;
  /** In words: `anger read as neutral (0.97)`. */
  what: string;
  /** The larger the worse. */
  badness: number;
}

export interface MemberEvaluation extends PartEvaluation {
  name: string;
  /** Scores by data set and by group of subjects, where there are several. */
  datasets?: Record<string, PartEvaluation>;
  groups?: Record<string, PartEvaluation>;
  riskCoverage?: Partial<Record<Task, RiskCoverage>>;
  /** The worst of each task. */
  mistakes?: Mistake[];
  /** Pairs of truth and estimate for a scatter plot, of faces drawn at random: at most about 2,000. */
  scatter?: { valence: [number, number][]; arousal: [number, number][] };
}

/** `first` minus `second`, of the same faces. */
export interface Comparison {
  first: string;
  second: string;
  /**
   * Differences of the headline figures, by `mean`, `EXPR.f1`, `AU.f1`, `VA.ccc` …, with the share of draws in which `second`
   * was at least as good; left out without intervals.
   */
  differences: Record<string, Figure & { shareNotBetter?: number }>;
}

export interface Evaluation {
  version: 1;
  schema: LabelSchema;
  /** Faces that were judged, and what intervals take as independent. */
  faces: number;
  clusters: number;
  clusteredBy: 'subject' | 'clip' | 'face';
  bootstrap?: { draws: number; level: number; seed: number };
  members: MemberEvaluation[];
  comparisons: Comparison[];
}
