// The figures of `mien data stats`: what manifests hold, and what one balanced epoch would draw from them.

import {
  commonSchema,
  countFaces,
  countLabels,
  type FaceCounts,
  type LabelCounts,
  type Manifest,
  type SamplesOf,
  type Split,
  samplesOf,
} from '../datasets/index.js';
import { type LabelSchema, TASKS, type Task } from '../labels/index.js';
import { type Balance, balanceTask, expectedDraws } from '../sampling/index.js';

export interface BalanceStats {
  preset: Balance;
  seed: number;
  /** Labels that training draws from: of the training split and of faces without a split. */
  before: LabelCounts;
  /** The same as expected in one epoch of as many draws as there are faces, each task drawn by itself. */
  after: LabelCounts;
  /** How often the face that is drawn most is expected in an epoch. */
  mostDrawn: Partial<Record<Task, number>>;
  notes: string[];
}

export interface DataStats extends FaceCounts {
  files: string[];
  schema: LabelSchema;
  /** Only splits that occur. */
  labels: (LabelCounts & { split: Split | null })[];
  /** Undefined without balancing, or without faces for training. */
  balance?: BalanceStats;
}

export interface StatsOptions {
  balance: Balance;
  /** Of ML-ROS. */
  seed: number;
}

function balanceStats(
  tables: readonly Manifest['faces'][],
  schema: LabelSchema,
  { balance, seed }: StatsOptions,
): BalanceStats | undefined {
  const samples: SamplesOf = {
    EXPR: samplesOf(tables, 'EXPR'),
    AU: samplesOf(tables, 'AU'),
    VA: samplesOf(tables, 'VA'),
  };
  const draws: Partial<Record<Task, Float64Array>> = {};
  const mostDrawn: Partial<Record<Task, number>> = {};
  const notes: string[] = [];
  for (const task of TASKS) {
    const { weights, notes: more } = balanceTask(task, samples[task], balance, { schema, seed });
    notes.push(...more);
    if (weights === undefined) continue;
    draws[task] = expectedDraws(weights);
    mostDrawn[task] = draws[task].reduce((most, count) => Math.max(most, count), 0);
  }
  if (Object.keys(draws).length === 0) return undefined;
  const before = countLabels(samples, schema);
  const after = countLabels(samples, schema, draws);
  return { preset: balance, seed, before, after, mostDrawn, notes };
}

/**
 * @param manifests at least one; several are counted as if they were one
 * @throws DataError when their schemas differ
 */
export function dataStats(manifests: readonly Manifest[], options: StatsOptions): DataStats {
  const schema = commonSchema(manifests);
  const tables = manifests.map(({ faces }) => faces);
  const counts = countFaces(tables);
  const splits = [...new Set(counts.parts.map(({ split }) => split))];
  const labels = splits.map((split) => {
    const samples = {
      EXPR: samplesOf(tables, 'EXPR', [split ?? undefined]),
      AU: samplesOf(tables, 'AU', [split ?? undefined]),
      VA: samplesOf(tables, 'VA', [split ?? undefined]),
    };
    return { split, ...countLabels(samples, schema) };
  });
  const balance = balanceStats(tables, schema, options);
  return {
    files: manifests.map(({ file }) => file),
    schema,
    ...counts,
    labels,
    ...(balance && { balance }),
  };
}
