// The folder of a run: what lies where.

import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError, makeFolder, statIfThere, writeWhole } from '../files/index.js';
import { formatRecipe, type Recipe, readRecipe } from './recipe-files.js';

export const RECIPE_FILE = 'recipe.yaml';
export const ENVIRONMENT_FILE = 'environment.json';
export const DATA_FILE = 'data.json';
/** Of a member: its network at its best, and as it ended. */
export const BEST = 'best.safetensors';
export const LAST = 'last.safetensors';
/** Written last: the member is complete. */
export const DONE = 'done.json';
export const SUMMARY_FILE = 'summary.json';

/** Of a recipe's phases, by whether they train a network for clips. */
export const phaseName = ({ model }: Recipe['phases'][number]): 'cnn' | 'cnn-rnn' =>
  model.sequence === null ? 'cnn' : 'cnn-rnn';

export const TEACHER = 'teacher';
export const studentName = (i: number): string => `student_${i}`;

export const memberFolder = (run: string, phase: string, member: string): string => join(run, phase, member);

/** A run that holds no more than this has trained nothing yet, and may be begun anew. */
const BEGINNING = new Set([RECIPE_FILE, ENVIRONMENT_FILE, DATA_FILE]);

/** @throws DataError when the folder holds something else than a run's beginning */
export function createRun(folder: string, recipe: Recipe, environment: Record<string, unknown>): void {
  makeFolder(folder);
  if (readdirSync(folder).some((name) => !BEGINNING.has(name)))
    throw new DataError(
      { file: folder },
      {
        found: 'a folder that is not empty',
        expected: 'a new one for the run',
        hint: `Give another one with --out, or go on with mien train --resume ${folder}`,
      },
    );
  writeWhole(join(folder, ENVIRONMENT_FILE), `${JSON.stringify(environment, null, 2)}\n`);
  writeWhole(join(folder, RECIPE_FILE), formatRecipe(recipe)); // last: with it the folder is a run
}

/** The recipe of a run that goes on. @throws DataError when the folder is no run */
export async function openRun(folder: string): Promise<Recipe> {
  const file = join(folder, RECIPE_FILE);
  if ((await statIfThere(file)) === undefined)
    throw new DataError({ file: folder }, { found: `no ${RECIPE_FILE} in it`, expected: "a run's folder" });
  return readRecipe(file);
}

/** A member that is complete. */
export interface RunMember {
  phase: string;
  /** `teacher`, `student_0`, … */
  member: string;
  /** Its network at its best. */
  file: string;
}

/**
 * What a run has to show, phase by phase, the teacher before the students.
 * @throws DataError when the folder is no run
 */
export async function finishedMembers(run: string): Promise<RunMember[]> {
  const { phases } = await openRun(run);
  const finished: RunMember[] = [];
  for (const recipe of phases) {
    const phase = phaseName(recipe);
    const students = Array.from({ length: recipe.students.count }, (_, i) => studentName(i));
    for (const member of [TEACHER, ...students]) {
      const folder = memberFolder(run, phase, member);
      if ((await statIfThere(join(folder, DONE))) === undefined) continue;
      finished.push({ phase, member, file: join(folder, BEST) });
    }
  }
  return finished;
}

/** A JSON file of the run, or undefined where it is not there. */
export async function readJson<T>(file: string): Promise<T | undefined> {
  if ((await statIfThere(file)) === undefined) return undefined;
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new DataError({ file }, { found: (cause as Error).message, expected: 'JSON', cause });
  }
}

export const writeJson = (file: string, value: unknown): void =>
  writeWhole(file, `${JSON.stringify(value, null, 2)}\n`);
