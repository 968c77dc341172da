// One record of all tasks' scores, with the numbers by which the challenge ranks and training picks its best epoch.

import type { Task } from '../../labels/index.js';
import type { ActionUnitMetric } from './action-units.js';
import type { ExpressionMetric, MacroAverage } from './expression.js';
import { meanOf } from './f1.js';
import type { ValenceArousalMetric } from './valence-arousal.js';

/** Shares of F1 in the combined scores of the FG-2020 challenge; accuracy has the rest. */
const EXPRESSION_F1_SHARE = 0.67;
const ACTION_UNIT_F1_SHARE = 0.5;

/** Of the tasks that have labels. */
export interface Scores {
  /** What is maximised: EXPR score + AU score + both CCCs. */
  total: number;
  /** Mean over the tasks of their scores. */
  mean: number;
  EXPR?: { score: number; f1: number; accuracy: number; f1PerClass: number[] };
  AU?: { score: number; f1: number; accuracy: number; f1PerUnit: number[] };
  /** `score` is the mean of the two. */
  VA?: { score: number; cccValence: number; cccArousal: number };
  /** Rows with labels. */
  samples: Partial<Record<Task, number>>;
}

export interface TaskMetrics {
  EXPR?: ExpressionMetric;
  AU?: ActionUnitMetric;
  VA?: ValenceArousalMetric;
}

const combined = (share: number, { f1, accuracy }: { f1: number; accuracy: number }) =>
  share * f1 + (1 - share) * accuracy;

/**
 * EXPR: 0.67·F1 + 0.33·accuracy. AU: 0.5·F1 + 0.5·accuracy. VA: the two CCCs. A task without labels is left out.
 * @param average of the expressions' F1: over the classes that occur (default), or over all
 */
export function scoresOf(metrics: TaskMetrics, average: MacroAverage = 'present'): Scores {
  const scores: Scores = { total: 0, mean: 0, samples: {} };
  if (metrics.EXPR) {
    const { samples, ...result } = metrics.EXPR.compute(average);
    if (samples > 0) scores.EXPR = { score: combined(EXPRESSION_F1_SHARE, result), ...result };
    scores.samples.EXPR = samples;
  }
  if (metrics.AU) {
    const { samples, ...result } = metrics.AU.compute();
    if (samples > 0) scores.AU = { score: combined(ACTION_UNIT_F1_SHARE, result), ...result };
    scores.samples.AU = samples;
  }
  if (metrics.VA) {
    const { samples, ...result } = metrics.VA.compute();
    const { cccValence, cccArousal } = result;
    if (samples > 0) scores.VA = { score: (cccValence + cccArousal) / 2, ...result };
    scores.samples.VA = samples;
  }
  const { EXPR, AU, VA } = scores;
  const ofTasks = [EXPR, AU, VA].flatMap((one) => (one ? [one.score] : []));
  scores.mean = meanOf(ofTasks);
  scores.total = (EXPR?.score ?? 0) + (AU?.score ?? 0) + (VA ? VA.cccValence + VA.cccArousal : 0);
  return scores;
}
