// Tuning, with scores that may be believed: what is chosen on labels is scored on other clips or subjects.

import type { Smoothing, Tuning } from '../models/index.js';
import { decide } from './decide.js';
import { combine, type EnsembleRule } from './ensemble.js';
import type { Estimates, ModelOutput } from './estimates.js';
import { expressionReliability, unitReliability } from './evaluate/reliability.js';
import { fitTuning, SMOOTHINGS } from './fit.js';
import { type FoldOptions, foldsOf, withoutFold } from './folds.js';
import type { Scores } from './metrics/index.js';
import { scoreEstimates } from './score.js';
import type { ThresholdRule } from './thresholds/index.js';
import type { Truth } from './truth.js';

export interface TuneOptions extends FoldOptions {
  /** Default: `max-f1` */
  thresholds?: ThresholdRule | undefined;
  /** Default: false. Not of votes, which are shares and no logits. */
  calibrate?: boolean | undefined;
  /** Whether the best of `SMOOTHINGS` is chosen, or what to choose from. Default: false */
  smooth?: boolean | readonly Smoothing[] | undefined;
  /** Default: `probabilities` */
  how?: EnsembleRule | undefined;
  /** Of each member, and fixed: chosen on other data than these, else scores are too good. */
  memberTunings?: readonly (Tuning | undefined)[] | undefined;
}

export interface TunedScores extends Scores {
  /** Expected calibration error of the read class' probability, and of all units': 0 … 1, 0 is best. */
  calibrationError: { EXPR?: number; AU?: number };
}

export interface Tuned {
  /** Chosen on all of the labels: what to keep. */
  tuning: Tuning;
  /** Without any tuning of the whole: thresholds of 0.5, nothing calibrated or smoothed. */
  before: TunedScores;
  /** Cross-fitted from end to end: each face by what was chosen without its fold. What to report. */
  after: TunedScores;
  /** By `tuning` on the labels that it was chosen on, as the reference reports: too good. */
  fitted: TunedScores;
  /** [n, K] of `after`; where action units were read. */
  crossFittedDecisions?: Uint8Array;
}

/** Copies the rows of one fold. */
function takeFold(into: Estimates, from: Estimates, fold: Uint8Array, part: number): void {
  const pairs = [
    [into.EXPR?.classes, from.EXPR?.classes],
    [into.EXPR?.probabilities, from.EXPR?.probabilities],
    [into.AU?.decisions, from.AU?.decisions],
    [into.AU?.probabilities, from.AU?.probabilities],
    [into.VA?.values, from.VA?.values],
  ] as const;
  for (const [to, values] of pairs) {
    if (!to || !values) continue;
    const width = to.length / fold.length;
    for (let i = 0; i < to.length; i++) if (fold[Math.floor(i / width)] === part) to[i] = values[i] as number;
  }
}

function scoresWithCalibration(estimates: Estimates, truth: Truth): TunedScores {
  const rows = Int32Array.from({ length: truth.length }, (_, row) => row);
  const { EXPR, AU } = estimates;
  const ofClasses = EXPR && expressionReliability(EXPR, truth, rows);
  const ofUnits = AU && unitReliability(AU, truth, rows);
  return {
    ...scoreEstimates(estimates, truth),
    calibrationError: {
      ...(ofClasses && { EXPR: ofClasses.error }),
      ...(ofUnits && { AU: ofUnits.error }),
    },
  };
}

function inWords(outputs: readonly ModelOutput[], truth: Truth, thresholds: ThresholdRule): string {
  const rule = typeof thresholds === 'object' ? `fixed at ${thresholds.fixed}` : thresholds;
  const members = outputs.length > 1 ? ` for ${outputs.map(({ name }) => name).join(', ')} together` : '';
  return `${truth.length} faces of ${truth.dataset.names.join(', ')}${members}; thresholds: ${rule}`;
}

/**
 * @param outputs of models that read the same faces; several are tuned as one
 * @param truth of the same faces
 * @throws RangeError if outputs and labels are not of the same faces and labels
 */
export function tune(outputs: readonly ModelOutput[], truth: Truth, options: TuneOptions = {}): Tuned {
  const {
    thresholds = 'max-f1',
    calibrate = false,
    smooth = false,
    how = 'probabilities',
    memberTunings,
  } = options;
  const combined = combine(outputs, { how, memberTunings });
  const last = outputs.at(-1) as ModelOutput;
  if (combined.length !== truth.length)
    throw new RangeError(`${combined.length} faces were read, and ${truth.length} have labels`);
  const fit = (labels: Truth) =>
    fitTuning(combined, last, labels, {
      thresholds,
      calibrate: calibrate && (how !== 'votes' || outputs.length === 1),
      smoothings: smooth === true ? SMOOTHINGS : smooth || [],
    });
  const decideBy = (tuning: Tuning) => decide([combined], { tuning, truth });

  const untuned = decideBy({});
  const tuning = fit(truth);
  const crossFitted = { ...decideBy({}), ...(combined.VA && { VA: { values: combined.VA.slice() } }) };
  const { fold, count } = foldsOf(truth, options);
  for (let part = 0; part < count; part++)
    takeFold(crossFitted, decideBy(fit(withoutFold(truth, fold, part))), fold, part);
  return {
    tuning: { ...tuning, tunedOn: inWords(outputs, truth, thresholds) },
    before: scoresWithCalibration(untuned, truth),
    after: scoresWithCalibration(crossFitted, truth),
    fitted: scoresWithCalibration(decideBy(tuning), truth),
    ...(crossFitted.AU && { crossFittedDecisions: crossFitted.AU.decisions }),
  };
}

export interface ChosenSmoothing {
  /** By task; a task that gains nothing is left out. */
  smoothing: NonNullable<Tuning['smoothing']>;
  /** Cross-fitted scores with everything else that was asked for, without smoothing and with it. */
  without: Scores;
  with: Scores;
}

/** What smoothing over time is worth: tunes twice, without and with it. */
export function chooseSmoothing(
  outputs: readonly ModelOutput[],
  truth: Truth,
  { smooth = true, ...options }: TuneOptions = {},
): ChosenSmoothing {
  const smoothed = tune(outputs, truth, { ...options, smooth });
  return {
    smoothing: smoothed.tuning.smoothing ?? {},
    without: tune(outputs, truth, { ...options, smooth: false }).after,
    with: smoothed.after,
  };
}
