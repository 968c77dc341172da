// One record of all tasks' scores, with the numbers by which the challenge of 2020 ranks and training picks its best epoch.

import type { Task } from '../../labels/index.js';
import type { ActionUnitMetric } from './action-units.js';
import { EDITIONS, meanScore, type TaskResults } from './editions.js';
import type { ExpressionMetric, MacroAverage } from './expression.js';
import type { ValenceArousalMetric } from './valence-arousal.js';

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

/** Results of the tasks that have labels. */
export function resultsOf(metrics: TaskMetrics, average: MacroAverage): TaskResults {
  const [EXPR, AU, VA] = [metrics.EXPR?.compute(average), metrics.AU?.compute(), metrics.VA?.compute()];
  return {
    ...(EXPR && EXPR.samples > 0 && { EXPR }),
    ...(AU && AU.samples > 0 && { AU }),
    ...(VA && VA.samples > 0 && { VA }),
  };
}

/**
 * Scores of the challenge of 2020, in `EDITIONS`. A task without labels is left out.
 * @param average of the expressions' F1: over the classes that occur (default), or over all
 */
export function scoresOf(metrics: TaskMetrics, average: MacroAverage = 'present'): Scores {
  const results = resultsOf(metrics, average);
  const { EXPR, AU, VA } = results;
  const { criteria } = EDITIONS.fg2020;
  const score = (task: Task) => criteria[task].of(results) as number;
  return {
    total: (EXPR ? score('EXPR') : 0) + (AU ? score('AU') : 0) + (VA ? VA.valence.ccc + VA.arousal.ccc : 0),
    mean: meanScore(results),
    ...(EXPR && {
      EXPR: {
        score: score('EXPR'),
        f1: EXPR.f1,
        accuracy: EXPR.accuracy,
        f1PerClass: EXPR.f1PerClass,
      },
    }),
    ...(AU && {
      AU: { score: score('AU'), f1: AU.f1, accuracy: AU.accuracy, f1PerUnit: AU.f1PerUnit },
    }),
    ...(VA && {
      VA: { score: score('VA'), cccValence: VA.valence.ccc, cccArousal: VA.arousal.ccc },
    }),
    samples: {
      ...(metrics.EXPR && { EXPR: EXPR?.samples ?? 0 }),
      ...(metrics.AU && { AU: AU?.samples ?? 0 }),
      ...(metrics.VA && { VA: VA?.samples ?? 0 }),
    },
  };
}
