// One tuning for all faces whose labels are known: calibration, then smoothing, then thresholds, each on what the one before
// leaves.

import { TASKS, type Task } from '../labels/index.js';
import type { Smoothing, Tuning } from '../models/index.js';
import { type Calibration, fitCalibration } from './calibration/index.js';
import type { ModelOutput } from './estimates.js';
import { decideProbabilities, type Probabilities, tunedProbabilities } from './probabilities.js';
import { scoreEstimates } from './score.js';
import { clipsInOrder, smoothTasks } from './smoothing/index.js';
import { type ThresholdRule, thresholdsOf } from './thresholds/index.js';
import type { Truth } from './truth.js';

/** What is tried: at 25 to 30 frames a second up to one and a half seconds. */
export const SMOOTHINGS: readonly Smoothing[] = (['box', 'exponential', 'median'] as const).flatMap((kind) =>
  [5, 15, 45].map((frames) => ({ kind, frames })),
);

export interface FitOptions {
  thresholds: ThresholdRule;
  calibrate: boolean;
  /** What is tried; of nothing, nothing is smoothed. */
  smoothings: readonly Smoothing[];
}

/** @returns by the action unit's name */
function thresholdsByName(
  probabilities: Probabilities,
  truth: Truth,
  rule: ThresholdRule,
): Record<string, number> | undefined {
  if (!probabilities.AU || rule === 'fixed') return undefined;
  const { actionUnits } = probabilities.schema;
  const thresholds = thresholdsOf(probabilities.AU, truth, rule, actionUnits.length);
  return Object.fromEntries(actionUnits.map((unit, k) => [unit, thresholds[k] as number]));
}

/** What each task is smoothed for: macro F1, mean F1 with the thresholds that this rule finds then, mean CCC. */
function taskScore(task: Task, probabilities: Probabilities, truth: Truth, rule: ThresholdRule): number {
  const { name, schema, length, [task]: values } = probabilities;
  const alone: Probabilities = { name, schema, length, [task]: values };
  const scores = scoreEstimates(decideProbabilities(alone, thresholdsByName(alone, truth, rule)), truth);
  return { EXPR: scores.EXPR?.f1, AU: scores.AU?.f1, VA: scores.VA?.score }[task] ?? 0;
}

/** The first of the best of each task, where it is better than none. */
function bestSmoothing(
  probabilities: Probabilities,
  truth: Truth,
  { thresholds: rule, smoothings }: FitOptions,
): Partial<Record<Task, Smoothing>> {
  const clips = clipsInOrder(truth);
  if (clips.length === 0 || smoothings.length === 0) return {};
  const chosen: Partial<Record<Task, Smoothing>> = {};
  for (const task of TASKS) {
    if (!probabilities[task]) continue;
    let best = taskScore(task, probabilities, truth, rule);
    for (const smoothing of smoothings) {
      const score = taskScore(
        task,
        smoothTasks(probabilities, { [task]: smoothing }, truth, clips),
        truth,
        rule,
      );
      if (score > best) [best, chosen[task]] = [score, smoothing];
    }
  }
  return chosen;
}

const unlessEmpty = <Key extends string, Value extends object>(key: Key, value: Value | undefined) =>
  (value && Object.keys(value).length > 0 ? { [key]: value } : {}) as { [K in Key]?: Value };

/**
 * @param output one model's, or that of several combined
 * @param last the last model's: the reference's thresholds are found on it alone
 */
export function fitTuning(output: ModelOutput, last: ModelOutput, truth: Truth, options: FitOptions): Tuning {
  const calibration: Calibration | undefined = options.calibrate ? fitCalibration(output, truth) : undefined;
  const fitted: Tuning = unlessEmpty('calibration', calibration);
  const smoothing = bestSmoothing(tunedProbabilities(output, fitted), truth, options);
  Object.assign(fitted, unlessEmpty('smoothing', smoothing));
  const source = options.thresholds === 'break-even-reference' ? last : output;
  const probabilities = tunedProbabilities(source, fitted, truth);
  return {
    ...fitted,
    ...unlessEmpty('thresholds', thresholdsByName(probabilities, truth, options.thresholds)),
  };
}
