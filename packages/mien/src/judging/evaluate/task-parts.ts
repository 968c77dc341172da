// A task's part of an evaluation: figures with intervals, and what is counted beside them.

import type { Estimates } from '../estimates.js';
import type {
  ActionUnitEvaluation,
  DimensionEvaluation,
  ExpressionEvaluation,
  Figure,
  UnitEvaluation,
  ValenceArousalEvaluation,
} from '../evaluation.js';
import {
  type ActionUnitResult,
  averagePrecision,
  type ExpressionResult,
  f1Of,
  meanOf,
  type Ranking,
  rankingOf,
  ratio,
  rocAuc,
  type ValenceArousalResult,
} from '../metrics/index.js';
import type { Truth } from '../truth.js';
import { expressionReliability, type Reliability, unitReliability } from './reliability.js';

/** A figure with its interval, by its name. */
export type FigureOf = (name: string, value: number) => Figure;

const reliabilityFields = (reliability: Reliability | undefined) =>
  reliability && { calibrationError: reliability.error, reliability: reliability.bins };

export function expressionPart(
  result: ExpressionResult,
  confusion: Float64Array,
  { estimates, truth, rows, figure }: PartInputs,
): ExpressionEvaluation {
  const { expressions } = truth.schema;
  const width = expressions.length;
  const { samples, f1, accuracy, balancedAccuracy } = result;
  return {
    samples,
    f1: figure('EXPR.f1', f1),
    accuracy: figure('EXPR.accuracy', accuracy),
    balancedAccuracy: figure('EXPR.balancedAccuracy', balancedAccuracy),
    classes: expressions.map((name, k) => ({
      name,
      samples: result.samplesPerClass[k] as number,
      precision: result.precisionPerClass[k] as number,
      recall: result.recallPerClass[k] as number,
      f1: result.f1PerClass[k] as number,
    })),
    confusion: expressions.map((_, k) => Array.from(confusion.subarray(k * width, (k + 1) * width))),
    ...(estimates.EXPR && reliabilityFields(expressionReliability(estimates.EXPR, truth, rows))),
  };
}

export interface PartInputs {
  estimates: Estimates;
  truth: Truth;
  /** Of the truth. */
  rows: Int32Array;
  figure: FigureOf;
}

/** Thresholds of a curve: 0, 0.01 … 0.99. */
const CURVE_POINTS = 100;

/** Precision, recall and F1 of taking every probability above a threshold for present. */
function thresholdCurve({ scores, above, hits, positives }: Ranking): UnitEvaluation['thresholdCurve'] {
  let taken = scores.length;
  return Array.from({ length: CURVE_POINTS }, (_, i) => {
    const threshold = i / CURVE_POINTS;
    while (taken > 0 && (scores[taken - 1] as number) <= threshold) taken--;
    const found = taken === 0 ? 0 : (above[taken - 1] as number);
    const tp = taken === 0 ? 0 : (hits[taken - 1] as number);
    return {
      threshold,
      precision: ratio(tp, found),
      recall: ratio(tp, positives),
      f1: f1Of(tp, found - tp, positives - tp),
    };
  });
}

/** Of each unit's probabilities: areas under curves, and the curve over thresholds. */
function rankUnits(probabilities: Float32Array, truth: Truth, rows: Int32Array) {
  const units = truth.schema.actionUnits.length;
  const scores = new Float32Array(rows.length);
  const facts = new Uint8Array(rows.length);
  return truth.schema.actionUnits.map((_, unit) => {
    let n = 0;
    for (const row of rows) {
      const i = row * units + unit;
      if (!truth.actionUnitsKnown[i]) continue;
      scores[n] = probabilities[i] as number;
      facts[n++] = (truth.actionUnits[i] as number) >= 0.5 ? 1 : 0;
    }
    const ranking = rankingOf(scores.subarray(0, n), facts.subarray(0, n));
    const auc = rocAuc(ranking);
    return {
      ...(auc !== undefined && { auc, averagePrecision: averagePrecision(ranking) as number }),
      ...(n > 0 && { thresholdCurve: thresholdCurve(ranking) }),
    };
  });
}

export function actionUnitPart(
  result: ActionUnitResult,
  { estimates, truth, rows, figure }: PartInputs,
  {
    crossFitted,
    thresholds,
    curves,
  }: {
    crossFitted: ActionUnitResult | undefined;
    thresholds: ArrayLike<number> | undefined;
    curves: boolean;
  },
): ActionUnitEvaluation {
  const probabilities = estimates.AU?.probabilities;
  const perUnit = probabilities && rankUnits(probabilities, truth, rows);
  const ranked = perUnit?.filter(({ auc }) => auc !== undefined) ?? [];
  return {
    samples: result.samples,
    f1: figure('AU.f1', result.f1),
    accuracy: figure('AU.accuracy', result.accuracy),
    meanAccuracy: figure('AU.meanAccuracy', result.meanAccuracy),
    ...(ranked.length > 0 && {
      auc: { value: meanOf(ranked.map(({ auc }) => auc as number)) },
      averagePrecision: { value: meanOf(ranked.map((one) => one.averagePrecision as number)) },
    }),
    ...(crossFitted && { f1CrossFitted: figure('AU.f1CrossFitted', crossFitted.f1) }),
    units: truth.schema.actionUnits.map((name, k) => {
      const { thresholdCurve: curve, ...areas } = perUnit?.[k] ?? {};
      return {
        name,
        samples: result.samplesPerUnit[k] as number,
        positives: result.positivesPerUnit[k] as number,
        precision: result.precisionPerUnit[k] as number,
        recall: result.recallPerUnit[k] as number,
        f1: result.f1PerUnit[k] as number,
        accuracy: result.accuracyPerUnit[k] as number,
        ...areas,
        ...(thresholds && { threshold: thresholds[k] as number }),
        ...(crossFitted && { f1CrossFitted: crossFitted.f1PerUnit[k] as number }),
        ...(curves && curve && { thresholdCurve: curve }),
      };
    }),
    ...(estimates.AU && reliabilityFields(unitReliability(estimates.AU, truth, rows))),
  };
}

export function valenceArousalPart(result: ValenceArousalResult, figure: FigureOf): ValenceArousalEvaluation {
  const dimension = (name: 'valence' | 'arousal'): DimensionEvaluation => {
    const { ccc, pearson, rmse, signAgreement } = result[name];
    return {
      ccc: figure(`VA.${name}.ccc`, ccc),
      pearson: figure(`VA.${name}.pearson`, pearson),
      rmse: figure(`VA.${name}.rmse`, rmse),
      signAgreement: figure(`VA.${name}.signAgreement`, signAgreement),
    };
  };
  return {
    samples: result.samples,
    valence: dimension('valence'),
    arousal: dimension('arousal'),
    ccc: figure('VA.ccc', result.ccc),
  };
}
