// How each task's samples are balanced: by the reference's rules, by ours, or not at all.

import { cellsOf, dataEdges, fixedEdges, type SamplesOf } from '../datasets/index.js';
import { type ActionUnit, type LabelSchema, TASKS, type Task } from '../labels/index.js';
import { Random } from '../random/index.js';
import { fairMlRos, type Oversampling, referenceMlRos } from './ml-ros.js';
import { cloneWeights, inverseCountWeights, referenceCloneWeights } from './weights.js';

/**
 * `paper`: the reference's samplers with `--force_balance`. `mien`: the same aims; for action
 * units the cap is shared fairly and a clone counts; the valence-arousal grid is fixed to −1 … 1, so that one outlier
 * does not move the cells. `mild`: half the way there for expressions and the grid (weights' square roots), so that a rare class
 * of a hundred faces is not learned by heart. `none`: a plain shuffle.
 */
export const BALANCES = ['paper', 'mien', 'mild', 'none'] as const;
export type Balance = (typeof BALANCES)[number];

export interface Balanced {
  /** Of each sample [size]; undefined: each is drawn once. */
  weights: Float64Array | undefined;
  /** What was done to action units. */
  oversampling?: Oversampling;
  /** Sentences on what could not be balanced. */
  notes: string[];
}

type Balancer<Samples> = (
  samples: Samples,
  balance: Exclude<Balance, 'none'>,
  actionUnits: readonly ActionUnit[],
  random: Random,
) => Balanced;

const softened = (weights: Float64Array, balance: Balance) =>
  balance === 'mild' ? weights.map(Math.sqrt) : weights;

const BALANCERS: { [K in Task]: Balancer<SamplesOf[K]> } = {
  EXPR: ({ classes }, balance) => ({ weights: softened(inverseCountWeights(classes), balance), notes: [] }),
  VA({ valence, arousal }, balance) {
    const edges =
      balance === 'paper'
        ? { valence: dataEdges(valence), arousal: dataEdges(arousal) }
        : { valence: fixedEdges(), arousal: fixedEdges() };
    return { weights: softened(inverseCountWeights(cellsOf(valence, arousal, edges)), balance), notes: [] };
  },
  AU({ positive }, balance, actionUnits, random) {
    const oversample = balance === 'paper' ? referenceMlRos : fairMlRos;
    const oversampling = oversample({ positive, width: actionUnits.length }, random);
    const { clones, empty, unfinished } = oversampling;
    const names = (labels: number[]) => labels.map((label) => actionUnits[label]).join(', ');
    const notes: string[] = [];
    if (empty.length > 0) notes.push(`no face shows ${names(empty)}: left out of balancing`);
    if (unfinished.length > 0) notes.push(`still rare after cloning: ${names(unfinished)}`);
    const weights = balance === 'paper' ? referenceCloneWeights(clones) : cloneWeights(clones);
    return { weights, oversampling, notes };
  },
};

/** @param options.seed an integer ≥ 0; only action units need it */
export function balanceTask<K extends Task>(
  task: K,
  samples: SamplesOf[K],
  balance: Balance,
  { schema, seed }: { schema: LabelSchema; seed: number },
): Balanced {
  if (balance === 'none' || samples.rows.length === 0) return { weights: undefined, notes: [] };
  const random = Random.keyed(seed, TASKS.indexOf(task));
  return BALANCERS[task](samples, balance, schema.actionUnits, random);
}

/** How often each sample is expected in an epoch of as many draws as there are samples [size]. */
export function expectedDraws(weights: Float64Array): Float64Array {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => (weight / sum) * weights.length);
}
