// `mien tune`: what is chosen after training, chosen and stored in the models' files.

import { type ThresholdRule, type Tuned, tune } from '../judging/index.js';
import { type LabelledOptions, type LabelledReadings, readLabelled } from './labelled.js';
import { ENSEMBLE, findMembers } from './members.js';

export interface TuneModelsOptions extends LabelledOptions {
  /** Default: `max-f1`. */
  thresholds?: Exclude<ThresholdRule, object>;
  /** Also makes probabilities honest. Default: false. */
  calibrate?: boolean;
  /** Also chooses a smoothing over time. Default: false. */
  smooth?: boolean;
  /** Parts of the data, of which each is scored by what was chosen on the others. Default: 5. */
  folds?: number;
  /** Default: 0. */
  seed?: number;
  /** Writes nothing. Default: false. */
  dryRun?: boolean;
}

export interface TunedModels extends LabelledReadings {
  /** Of each model, and where several join an ensemble, of those together. */
  tuned: { name: string; result: Tuned }[];
  /** Files that were changed. */
  stored: string[];
}

/**
 * Tunes models one by one, and those that join an ensemble together too, and stores it in their files: in each its own, and what
 * holds for them together.
 * @throws DataError as `readLabelled`, and when a file has no room for a description or cannot be written
 */
export async function tuneModels(options: TuneModelsOptions): Promise<TunedModels> {
  const { thresholds, calibrate, smooth, folds, seed, dryRun = false } = options;
  // With the training engine, which those who only read do without.
  const { checkStorable, storeTuning, withEnsembleTuning, withTuning } = await import('../models/index.js');
  if (!dryRun) for (const { file } of await findMembers(options.models, options)) checkStorable(file);
  const readings = await readLabelled(options);
  const { members, truth } = readings;
  const how = { thresholds, calibrate, smooth, folds, seed };
  const own = members.map(({ name, output }) => ({ name, result: tune([output], truth, how) }));
  const joining = members.filter(({ joins }) => joins);
  const hashes = joining.map(({ hash }) => hash);
  const outputs = joining.map(({ output }) => output);
  const together = joining.length > 1 ? tune(outputs, truth, how) : undefined;
  const stored: string[] = [];
  if (!dryRun)
    for (const [i, { file, joins }] of members.entries()) {
      const { tuning } = (own[i] as (typeof own)[number]).result;
      await storeTuning(file, (info) => {
        const tuned = withTuning(info, tuning);
        return together && joins ? withEnsembleTuning(tuned, hashes, together.tuning) : tuned;
      });
      stored.push(file);
    }
  return {
    ...readings,
    tuned: [...own, ...(together ? [{ name: ENSEMBLE, result: together }] : [])],
    stored,
  };
}
