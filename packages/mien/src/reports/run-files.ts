// A run folder as a report finds it, finished or not: every file may be missing, none may be wrong.

import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import * as z from 'zod';
import { DataError, listFolder, parseSettings, readTextLines, statIfThere } from '../files/index.js';
import { isActionUnit, TASKS } from '../labels/index.js';
import { type Metrics, readMetrics, SCORES } from '../learning/logs/index.js';

const COUNT = z.int().min(0);

/** `data.json`: how many samples a task has, and how many of them each label. */
const DATA = z.array(
  z.object({
    task: z.enum(TASKS),
    split: z.string(),
    samples: COUNT,
    labels: z.record(z.string(), COUNT),
  }),
);
export type RunData = z.output<typeof DATA>;

/** `summary.json`: the scores of every member that is done, and of the students together as `ensemble`. */
const SUMMARY = z.object({
  /** What the numbers of `f1PerClass` and `f1PerUnit` stand for. */
  schema: z
    .object({
      name: z.string(),
      actionUnits: z.array(z.string().refine(isActionUnit)),
      expressions: z.array(z.string()),
    })
    .optional(),
  phases: z.array(
    z.object({
      name: z.string(),
      members: z.array(z.object({ member: z.string(), scores: SCORES, bestEpoch: z.int().min(1).nullish() })),
    }),
  ),
});
export type RunSummary = z.output<typeof SUMMARY>;

const VALUE = z.number().nullish();
const READING = {
  expression: z.string().nullish(),
  actionUnits: z.record(z.string(), VALUE).nullish(),
  valence: VALUE,
  arousal: VALUE,
};

/** `PHASE/samples.json`: what the phase's last model reads off some validation faces. What is null is not known. */
const SAMPLES = z.array(
  z.object({
    /** A path. */
    image: z.string(),
    /** Of an action unit 0 or 1. */
    truth: z.object(READING),
    /** Of an action unit its probability. */
    prediction: z.object({ ...READING, expressionProbabilities: z.record(z.string(), z.number()).nullish() }),
  }),
);
export type RunSample = z.output<typeof SAMPLES>[number];

export interface RunMember {
  /** Such as `teacher`, `student_0`. */
  name: string;
  metrics: Metrics;
}

export interface RunPhase {
  /** Such as `cnn`, `cnn-rnn`. */
  name: string;
  members: RunMember[];
  samples: RunSample[];
}

export interface Run {
  /** Of the folder. */
  name: string;
  /** As it stands in `recipe.yaml`. */
  recipe: string | undefined;
  environment: unknown;
  data: RunData | undefined;
  summary: RunSummary | undefined;
  phases: RunPhase[];
}

/** @returns undefined when there is no such file @throws DataError when it is no JSON, or does not suit the schema */
async function readJson<S extends z.ZodType>(file: string, schema: S): Promise<z.output<S> | undefined> {
  if ((await statIfThere(file)) === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new DataError({ file }, { found: (cause as Error).message, expected: 'JSON', cause });
  }
  return parseSettings(value, schema, file);
}

/** `teacher` first, then `student_0`, `student_1`, …, `student_10`; of phases `cnn` before `cnn-rnn`. */
function inOrder(names: readonly string[]): string[] {
  const rank = (name: string) => (name === 'teacher' ? 0 : 1);
  return names.toSorted((a, b) => rank(a) - rank(b) || a.localeCompare(b, 'en', { numeric: true }));
}

async function readPhase(folder: string, name: string): Promise<RunPhase> {
  const { folders } = await listFolder(folder);
  const members: RunMember[] = [];
  for (const member of inOrder(folders)) {
    const file = join(folder, member, 'metrics.jsonl');
    if ((await statIfThere(file)) !== undefined)
      members.push({ name: member, metrics: await readMetrics(file) });
  }
  return { name, members, samples: (await readJson(join(folder, 'samples.json'), SAMPLES)) ?? [] };
}

/** @throws DataError when it is no run folder, or one of its files is wrong */
export async function readRun(folder: string): Promise<Run> {
  const { files, folders } = await listFolder(folder);
  const phases: RunPhase[] = [];
  for (const name of inOrder(folders)) phases.push(await readPhase(join(folder, name), name));
  const trained = phases.filter(({ members, samples }) => members.length > 0 || samples.length > 0);
  if (trained.length === 0 && !files.includes('recipe.yaml'))
    throw new DataError(
      { file: folder },
      { found: 'a folder without recipe.yaml', expected: 'the folder of a run, as mien train writes it' },
    );
  const recipe = files.includes('recipe.yaml')
    ? (await readTextLines(join(folder, 'recipe.yaml'))).lines.join('\n')
    : undefined;
  return {
    name: basename(resolve(folder)),
    recipe,
    environment: await readJson(join(folder, 'environment.json'), z.unknown()),
    data: await readJson(join(folder, 'data.json'), DATA),
    summary: await readJson(join(folder, 'summary.json'), SUMMARY),
    phases: trained,
  };
}
