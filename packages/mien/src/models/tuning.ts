// Where a model's info keeps what was tuned: for the model alone, and for it and others together.

import { type ModelInfo, TUNING, type Tuning } from './info.js';

const KEYS = Object.keys(TUNING.shape) as (keyof Tuning)[];

const isTuningKey = (key: string): boolean => (KEYS as string[]).includes(key);

const pick = <T extends object>(from: T, keep: (key: string) => boolean) =>
  Object.fromEntries(Object.entries(from).filter(([key]) => keep(key)));

/** What was tuned for the model alone; empty: nothing. */
export const tuningOf = (info: ModelInfo): Tuning => pick(info, isTuningKey);

/** The info with this tuning for the model alone, whatever it had before. */
export const withTuning = (info: ModelInfo, tuning: Tuning): ModelInfo => ({
  ...(pick(info, (key) => !isTuningKey(key)) as ModelInfo),
  ...tuning,
});

const keyOf = (hashes: readonly string[]) => [...hashes].sort().join();

/**
 * What was tuned for these models together, or undefined.
 * @param infos of any of the models @param hashes of all models' weights, in any order
 */
export function ensembleTuningOf(infos: readonly ModelInfo[], hashes: readonly string[]): Tuning | undefined {
  const entries = infos.flatMap(({ ensembles = [] }) => ensembles);
  const found = entries.find(({ members }) => keyOf(members) === keyOf(hashes));
  return found && pick(found, isTuningKey);
}

/** The info with this tuning for the models together; what other ensembles have stays. @param hashes at least two */
export function withEnsembleTuning(info: ModelInfo, hashes: readonly string[], tuning: Tuning): ModelInfo {
  const others = (info.ensembles ?? []).filter(({ members }) => keyOf(members) !== keyOf(hashes));
  return { ...info, ensembles: [...others, { members: [...hashes].sort(), ...tuning }] };
}
