// The data of one task: which rows or windows it trains on and is scored on, and their labels.

import {
  type Manifest,
  rowsOf,
  type Split,
  type SplitOrNone,
  samplesOf,
  TRAINING,
} from '../datasets/index.js';
import { DataError } from '../files/index.js';
import type { LabelSchema, Task } from '../labels/index.js';
import { clipsOf, type LabelBatch, labelGatherer, type Windows, windowsOf } from '../loading/index.js';
import { balanceTask, type TaskSource } from '../sampling/index.js';
import type { PhaseRecipe } from './recipe.js';

/** What is loaded for scoring: rows, or windows of them, in a fixed order. */
export interface EvaluationSet {
  windows?: Windows;
  /** Samples: numbers of rows, or of windows. */
  units: Int32Array;
}

export interface TaskData {
  task: Task;
  manifest: Manifest;
  /** What training draws from; but for the batch size. */
  units: Int32Array;
  weights: Float64Array | undefined;
  /** Makes each unit a window. */
  windows?: Windows;
  validation: EvaluationSet;
  labelsOf(rows: ArrayLike<number>): LabelBatch;
  /** What could not be balanced. */
  notes: readonly string[];
}

/** The schema that the recipe asks for, or that all manifests have. @throws DataError when they have several */
export function schemaOf(manifests: readonly Manifest[], wanted: LabelSchema | undefined): LabelSchema {
  if (wanted !== undefined) return wanted;
  const [first, ...others] = manifests as [Manifest, ...Manifest[]];
  for (const { file, faces } of others)
    if (JSON.stringify(faces.schema) !== JSON.stringify(first.faces.schema))
      throw new DataError(
        { file },
        {
          found: `label schema ${faces.schema.name}`,
          expected: `${first.faces.schema.name}, as in ${first.file}`,
          hint: 'Say which one the network shall have: schema in the recipe',
        },
      );
  return first.faces.schema;
}

function windowsFor(
  manifest: Manifest,
  task: Task,
  splits: readonly SplitOrNone[],
  { data, model }: PhaseRecipe,
  use: 'train' | 'evaluation',
): Windows | undefined {
  if (model.sequence === null) return undefined;
  const rows = rowsOf(manifest.faces, task, splits);
  const clips = clipsOf(manifest, { rows, splitAtGaps: data.splitAtGaps });
  return windowsOf(clips, model.sequence.length, use);
}

const everyUnit = (count: number) => Int32Array.from({ length: count }, (_, i) => i);

/** The rows, or windows, of some splits that have labels of the task. */
export function evaluationSet(
  manifest: Manifest,
  task: Task,
  recipe: PhaseRecipe,
  splits: readonly Split[] = ['validation'],
): EvaluationSet {
  const windows = windowsFor(manifest, task, splits, recipe, 'evaluation');
  const units = windows === undefined ? rowsOf(manifest.faces, task, splits) : everyUnit(windows.count);
  return { ...(windows && { windows }), units };
}

/** @throws DataError when no row trains the task */
export function taskData(task: Task, manifest: Manifest, recipe: PhaseRecipe, schema: LabelSchema): TaskData {
  const { faces, file } = manifest;
  const windows = windowsFor(manifest, task, TRAINING, recipe, 'train');
  const samples = samplesOf([faces], task);
  if (samples.rows.length === 0)
    throw new DataError({ file }, { found: `no training row with ${task} labels`, expected: 'at least one' });
  const balance = windows === undefined ? recipe.batch.balance : 'none';
  const balanced = balanceTask(task, samples, balance, { schema: faces.schema, seed: recipe.seed });
  return {
    task,
    manifest,
    units: windows === undefined ? samples.rows : everyUnit(windows.count),
    weights: balanced.weights,
    ...(windows && { windows }),
    validation: evaluationSet(manifest, task, recipe),
    labelsOf: labelGatherer(faces, schema),
    notes: balanced.notes.map((note) => `${task}: ${note}`),
  };
}

/** What an epoch's plan draws from. @throws DataError when there are too few samples for a batch */
export function sourceOf({ units, weights, task, manifest }: TaskData, batchSize: number): TaskSource {
  if (units.length < batchSize)
    throw new DataError(
      { file: manifest.file },
      { found: `${units.length} training samples for ${task}`, expected: `at least a batch of ${batchSize}` },
    );
  return { units, weights, batchSize };
}
