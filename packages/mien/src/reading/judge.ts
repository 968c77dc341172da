// `mien eval`: models judged on labelled faces, one by one and together.

import {
  decide,
  type EnsembleRule,
  type Estimates,
  type Evaluation,
  evaluate,
  type ModelOutput,
  type ThresholdRule,
  type Truth,
  tune,
} from '../judging/index.js';
import type { ModelInfo, Tuning } from '../models/index.js';
import { ensembleTuningOf, tuningOf } from '../models/runners/index.js';
import { type LabelledOptions, type LabelledReadings, type Read, readLabelled } from './labelled.js';
import { ENSEMBLE } from './members.js';

export interface JudgeOptions extends LabelledOptions {
  /** How several models are made one. Default: `probabilities`. */
  how?: EnsembleRule;
  /**
   * Thresholds of action units: `stored` in the models (default), or by a rule. A rule that looks at labels looks at those that
   * are scored, so figures with thresholds of other clips or subjects are given beside; nothing that is stored is used then.
   */
  thresholds?: 'stored' | Exclude<ThresholdRule, object>;
  /** Draws of the bootstrap; 0: no intervals. Default: 1000. */
  draws?: number;
  /** Of the bootstrap, and of the folds of thresholds. Default: 1. */
  seed?: number;
}

export interface Judged extends LabelledReadings {
  evaluation: Evaluation;
  /** The members, for people. */
  models: { name: string; file: string; description: string }[];
}

/** Such as `compact, 112 pixels, for pictures; EXPR, AU, VA; cnn student_0, epoch 3`. */
function describe({ network, training, origin }: ModelInfo): string {
  const { backbone, inputSize, sequence, tasks } = network;
  const kind = sequence === undefined ? 'pictures' : `clips in windows of ${sequence.length} frames`;
  const made = training && `${training.phase} ${training.member}, epoch ${training.epoch}`;
  const words = [`${backbone}, ${inputSize} pixels, for ${kind}`, tasks.join(', '), made ?? origin];
  return words.filter((one) => one !== undefined).join('; ');
}

/** One or several models' estimates, with what is to be known of their thresholds. */
interface Decided {
  estimates: Estimates;
  /** Undefined: of several models' own. */
  thresholds: Tuning['thresholds'] | undefined;
  crossFitted?: Uint8Array;
}

function decideBy(
  outputs: readonly ModelOutput[],
  name: string,
  truth: Truth,
  stored: { tuning?: Tuning | undefined; memberTunings?: readonly Tuning[] },
  { how, thresholds = 'stored', seed = 1 }: JudgeOptions,
): Decided {
  if (thresholds === 'stored') {
    const { tuning, memberTunings = [] } = stored;
    const untuned = memberTunings.every((one) => one.thresholds === undefined);
    return {
      estimates: decide(outputs, { name, how, truth, ...stored }),
      thresholds: tuning?.thresholds ?? (untuned ? {} : undefined),
    };
  }
  const { tuning, crossFittedDecisions } = tune(outputs, truth, { thresholds, how, seed });
  return {
    estimates: decide(outputs, { name, how, truth, tuning }),
    thresholds: tuning.thresholds ?? {},
    ...(thresholds !== 'fixed' && crossFittedDecisions && { crossFitted: crossFittedDecisions }),
  };
}

/** Those that joined, as one. What was tuned for them together is for mean probabilities. */
function decideTogether(members: readonly Read[], truth: Truth, options: JudgeOptions): Decided {
  const { how = 'probabilities' } = options;
  const infos = members.map(({ info }) => info);
  const hashes = members.map(({ hash }) => hash);
  const tuning = how === 'probabilities' ? ensembleTuningOf(infos, hashes) : undefined;
  const stored = tuning === undefined ? { memberTunings: infos.map(tuningOf) } : { tuning };
  const outputs = members.map(({ output }) => output);
  return decideBy(outputs, ENSEMBLE, truth, stored, options);
}

/** Which differences are of interest: what joining is worth, or two or more models one against the other. */
function pairsOf(names: readonly string[], together: boolean): [string, string][] {
  const [first, ...others] = names;
  if (together) return names.map((name) => [ENSEMBLE, name]);
  return others.map((other) => [first as string, other]);
}

/**
 * Judges models, and those that join an ensemble together too.
 * @throws DataError as `readLabelled`
 */
export async function judgeModels(options: JudgeOptions): Promise<Judged> {
  const readings = await readLabelled(options);
  const { members, truth } = readings;
  const decided = members.map(({ name, output, info }) =>
    decideBy([output], name, truth, { tuning: tuningOf(info) }, options),
  );
  const joining = members.filter(({ joins }) => joins);
  const together = joining.length > 1;
  if (together) decided.push(decideTogether(joining, truth, options));
  const { draws = 1000, seed = 1 } = options;
  const { actionUnits } = truth.schema;
  const evaluation = evaluate(
    decided.map(({ estimates }) => estimates),
    truth,
    {
      bootstrap: draws > 0 && { draws, seed },
      compare: pairsOf(
        members.map(({ name }) => name),
        together,
      ),
      crossFitted: new Map(
        decided.flatMap(({ estimates, crossFitted }) =>
          crossFitted === undefined ? [] : [[estimates.name, crossFitted]],
        ),
      ),
      thresholds: new Map(
        decided.flatMap(({ estimates, thresholds }) =>
          thresholds === undefined
            ? []
            : [[estimates.name, actionUnits.map((unit) => thresholds[unit] ?? 0.5)]],
        ),
      ),
    },
  );
  const models = members.map(({ name, file, info }) => ({ name, file, description: describe(info) }));
  return { ...readings, evaluation, models };
}
