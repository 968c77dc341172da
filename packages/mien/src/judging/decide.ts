// From what models say to what is read: combined, calibrated, smoothed over time, decided.

import { type LabelSchema, TASKS, type Task } from '../labels/index.js';
import type { Smoothing, Tuning } from '../models/index.js';
import { applyCalibration } from './calibration/index.js';
import { disagreementOf } from './disagreement.js';
import { type CombineOptions, combine } from './ensemble.js';
import type { Estimates, ModelOutput } from './estimates.js';
import { decideProbabilities, probabilitiesOf, tunedProbabilities } from './probabilities.js';
import type { Frames } from './smoothing/index.js';
import { DEFAULT_THRESHOLD } from './thresholds/index.js';

export interface DecideOptions extends CombineOptions {
  /** Of all of them together. Default: of one model its own from `memberTunings`, of several what theirs have in common */
  tuning?: Tuning | undefined;
  /** Which clip and frame each face is of; without it nothing is smoothed. */
  truth?: Frames | undefined;
}

/**
 * What holds for models together. Of one model it is its own tuning. Of members that were tuned one by one and never together:
 * the mean of each unit's thresholds (of votes none, as they have decided already), and the smoothing that all agree on;
 * their calibrations are applied to each.
 */
export function commonTuning(
  { actionUnits }: LabelSchema,
  { how, memberTunings = [] }: Pick<CombineOptions, 'how' | 'memberTunings'>,
): Tuning {
  if (memberTunings.length < 2) return memberTunings[0] ?? {};
  const thresholdOf = (unit: string) =>
    memberTunings.reduce((sum, one) => sum + (one?.thresholds?.[unit] ?? DEFAULT_THRESHOLD), 0) /
    memberTunings.length;
  const smoothing: Partial<Record<Task, Smoothing>> = {};
  for (const task of TASKS) {
    const [first, ...others] = memberTunings.map((one) => one?.smoothing?.[task]);
    if (first && others.every((one) => one?.kind === first.kind && one.frames === first.frames))
      smoothing[task] = first;
  }
  const hasThresholds = how !== 'votes' && memberTunings.some((one) => one?.thresholds);
  return {
    ...(hasThresholds && {
      thresholds: Object.fromEntries(actionUnits.map((unit) => [unit, thresholdOf(unit)])),
    }),
    smoothing,
  };
}

/**
 * @param outputs of models that read the same faces; one is just decoded
 * @returns with the members' disagreement where there are several, whose probabilities are calibrated for it by
 * `memberTunings`
 * @throws RangeError if the outputs are not of the same faces and labels
 */
export function decide(outputs: readonly ModelOutput[], options: DecideOptions = {}): Estimates {
  const { memberTunings, truth } = options;
  const several = outputs.length > 1;
  const combined = combine(outputs, options);
  const tuning = options.tuning ?? commonTuning(combined.schema, options);
  const estimates = decideProbabilities(tunedProbabilities(combined, tuning, truth), tuning.thresholds);
  if (several)
    estimates.disagreement = disagreementOf(
      outputs.map((output, m) => probabilitiesOf(applyCalibration(output, memberTunings?.[m]?.calibration))),
    );
  return estimates;
}
