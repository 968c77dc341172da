// The data of a phase: those of all its tasks, and the demo set where it is asked for.

import { join } from 'node:path';
import { writeDemo } from '../datasets/demo/index.js';
import { type OnProgress, readTogether } from '../datasets/index.js';
import { DataError, statIfThere } from '../files/index.js';
import {
  type LabelSchema,
  LabelSchemaError,
  parseLabelSchema,
  SCHEMAS,
  TASKS,
  type Task,
} from '../labels/index.js';
import type { ByTask } from '../models/index.js';
import type { PhaseRecipe } from './recipe.js';
import { schemaOf, type TaskData, taskData } from './task-data.js';

export interface PhaseData {
  schema: LabelSchema;
  /** In the order of the network's heads. */
  tasks: readonly TaskData[];
}

/** The recipe's own schema; undefined: the data's. */
function wantedSchema({ schema }: PhaseRecipe, place: string): LabelSchema | undefined {
  if (schema === null) return undefined;
  if (typeof schema === 'string') {
    const known = SCHEMAS.get(schema);
    if (known !== undefined) return known;
    const names = [...SCHEMAS.keys()].join(', ');
    throw new DataError(
      { file: place },
      { found: `schema ${schema}`, expected: `${names}, or a definition` },
    );
  }
  try {
    return parseLabelSchema(schema);
  } catch (error) {
    if (!(error instanceof LabelSchemaError)) throw error;
    throw new DataError({ file: place }, { found: `a label schema that ${error.message}` });
  }
}

/** The demo set's manifests of a task: clips, whose frames are pictures too. */
function demoFiles(folder: string, task: Task, clipsAlone: boolean): string[] {
  const name = `${task.toLowerCase()}.parquet`;
  return [...(clipsAlone ? [] : [join(folder, name)]), join(folder, `clips-${name}`)];
}

/** Draws the demo set where a recipe asks for it and it is not there. */
export async function drawMissingDemo({ data }: PhaseRecipe, onProgress: OnProgress): Promise<void> {
  if (data.demo === undefined) return;
  if ((await statIfThere(demoFiles(data.demo, 'EXPR', true)[0] as string)) !== undefined) return;
  await writeDemo(data.demo, { scale: data.demoScale, size: 112, seed: 1 }, onProgress);
}

/** The manifests of each task that the recipe trains. @throws DataError when there is none */
export function manifestsOf(recipe: PhaseRecipe, place: string): ByTask<readonly string[]> {
  const { data, tasks, model } = recipe;
  const files: ByTask<readonly string[]> = {};
  for (const task of TASKS) {
    if (tasks !== null && !tasks.includes(task)) continue;
    const given = data[task];
    if (given !== undefined) files[task] = given;
    else if (data.demo !== undefined) files[task] = demoFiles(data.demo, task, model.sequence !== null);
    else if (tasks !== null)
      throw new DataError(
        { file: place },
        { found: `no data.${task}`, expected: 'a manifest, since tasks names it' },
      );
  }
  if (Object.keys(files).length === 0)
    throw new DataError(
      { file: place },
      {
        found: 'no data',
        expected: 'a manifest for at least one task, such as --set data.EXPR=expr.parquet',
        hint: 'Manifests are made by: mien data import',
      },
    );
  return files;
}

/** @param place where the recipe came from, for errors */
export async function openPhaseData(recipe: PhaseRecipe, place: string): Promise<PhaseData> {
  const files = Object.entries(manifestsOf(recipe, place)) as [Task, readonly string[]][];
  const manifests = await Promise.all(files.map(([, names]) => readTogether(names)));
  const schema = schemaOf(manifests, wantedSchema(recipe, place));
  return {
    schema,
    tasks: files.map(([task], i) => taskData(task, manifests[i] as never, recipe, schema)),
  };
}
