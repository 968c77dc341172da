// What the tests of training share: a drawn data set, a recipe that is done in a moment, weights as numbers.

import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadTensors, manualSeed, tidy } from '@mien/torch';
import { writeManifest } from 'mien/datasets';
import { DEMO_SET, type DemoOptions, manifestsOf, planDemo, renderShot, writeDemo } from 'mien/datasets/demo';
import { ABAW1, type LabelSchema, type Task } from 'mien/labels';
import { resolveRecipe, type TrainingEvent, type TrainOptions, train } from 'mien/learning';
import { IMAGENET_NORMALIZATION, paperEdge } from 'mien/loading';
import { buildNetwork, type ModelInfo, saveModel } from 'mien/models';
import { afterAll, beforeAll } from 'vitest';
import { ROOT } from '../../../../test/folders.js';
import { STEP } from '../support/manifests.js';

export const MAIN = join(ROOT, 'packages/mien/dist/cli/main.js');

/** The machine may have more to do than these tests. */
export const PATIENCE = { timeout: 600_000 };

export interface DrawnFaces {
  /** A temporary folder: the drawn set lies in `demo`. */
  folder: string;
  /** Paths below the folder. */
  at(...parts: string[]): string;
}

/** Draws the stills of the demo set before the file's tests, or all of it, and takes it away after them. */
export function drawnFaces(what: 'stills' | 'all' = 'stills'): DrawnFaces {
  const faces: DrawnFaces = { folder: '', at: (...parts) => join(faces.folder, ...parts) };
  beforeAll(async () => {
    faces.folder = mkdtempSync(join(tmpdir(), 'mien-learning-'));
    const options = { seed: 1, size: 48, scale: 'small' } as const;
    if (what === 'all') await writeDemo(faces.at('demo'), options);
    else await drawStills(faces.at('demo'), options);
  }, PATIENCE.timeout);
  afterAll(() => rmSync(faces.folder, { recursive: true, force: true }));
  return faces;
}

/** What `writeDemo` writes, without clips, which are most of its pictures. */
async function drawStills(folder: string, { size, ...plan }: DemoOptions): Promise<void> {
  const shots = planDemo(plan).filter(({ clip }) => clip === undefined);
  mkdirSync(join(folder, 'images'), { recursive: true });
  for (const shot of shots) writeFileSync(join(folder, shot.image), await renderShot(shot, size));
  const roots = new Map([[DEMO_SET, folder]]);
  for (const { name, faces } of manifestsOf(shots))
    if (faces.length > 0) writeManifest(join(folder, name), { faces, roots, history: [STEP] });
}

export type Settings = { [key: string]: unknown };

/** Two steps of plain gradient descent, nothing drawn but weights and order. */
export const PLAIN = {
  model: { inputSize: 32, hidden: 16, dropout: 0 },
  input: { transform: 'none' },
  batch: { perTask: 4, epoch: 2, balance: 'none' },
  optimizer: { kind: 'sgd', lr: 0.01, momentum: 0, weightDecay: 0, clipNorm: null },
  schedule: { kind: 'constant', warmUp: 0 },
  weightAverage: null,
  precision: 'float32',
  teacher: { epochs: 1 },
  students: { count: 0 },
  threads: 1,
} satisfies Settings;

const isTree = (value: unknown): value is Settings =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `over` on `base`, sections key by key. */
export const changed = (base: Settings, over: Settings): Settings =>
  Object.fromEntries(
    [...new Set([...Object.keys(base), ...Object.keys(over)])].map((key) => {
      const [one, other] = [base[key], over[key]];
      if (!(key in over)) return [key, one];
      return [key, isTree(one) && isTree(other) ? changed(one, other) : other];
    }),
  );

/** `PLAIN` with changes. */
export const recipe = (over: Settings) => resolveRecipe(changed(PLAIN, over), 'the test');

/**
 * Trains to the end, in a thread of this process.
 * @param over changes `PLAIN`; without it the run goes on @returns what it told
 */
export async function trained(
  folder: string,
  over: Settings | undefined,
  options: Partial<TrainOptions> = {},
): Promise<TrainingEvent[]> {
  const events: TrainingEvent[] = [];
  await train({
    folder,
    ...(over && { recipe: recipe(over) }),
    onEvent: (event) => events.push(event),
    ...options,
  });
  return events;
}

/** The records of steps that were told or logged. */
export const stepsOf = (events: readonly TrainingEvent[]) =>
  events.flatMap((event) => (event.kind === 'step' ? [event.record] : []));

export const messagesOf = (events: readonly TrainingEvent[]) =>
  events.flatMap((event) => (event.kind === 'message' ? [event.text] : []));

/** The drawn manifests of single tasks. @param prefix `clips-`: those of clips */
export const drawn = ({ at }: DrawnFaces, prefix = ''): Record<Task, string> => ({
  EXPR: at('demo', `${prefix}expr.parquet`),
  AU: at('demo', `${prefix}au.parquet`),
  VA: at('demo', `${prefix}va.parquet`),
});

/** Length of the difference of two sets of weights, as one vector. @throws Error when their keys are not the same */
export function gap(one: Weights, other: Weights): number {
  let squares = 0;
  for (const [values, others] of pairs(one, other))
    values.forEach((value, i) => {
      squares += (value - (others[i] as number)) ** 2;
    });
  return Math.sqrt(squares);
}

/** The greatest difference between two numbers of two sets of weights. @throws as `gap` */
export function greatest(one: Weights, other: Weights): number {
  let most = 0;
  for (const [values, others] of pairs(one, other))
    values.forEach((value, i) => {
      most = Math.max(most, Math.abs(value - (others[i] as number)));
    });
  return most;
}

export type Weights = Map<string, Float64Array>;

/** All tensors of a file of weights. */
export async function weightsOf(file: string): Promise<Weights> {
  const weights: Weights = new Map();
  for (const [key, tensor] of await loadTensors(file)) {
    weights.set(
      key,
      tidy(() => Float64Array.from(tensor.toTypedArray() as ArrayLike<number | bigint>, Number)),
    );
    tensor.dispose();
  }
  return weights;
}

/** Whether a key is of a weight, and not of what batch normalisation counts. */
export const isWeight = (key: string) => !/running_|num_batches/.test(key);

function pairs(one: Weights, other: Weights): [Float64Array, Float64Array][] {
  if ([...one.keys()].sort().join() !== [...other.keys()].sort().join()) throw new Error('other keys');
  return [...one].map(([key, values]) => [values, other.get(key) as Float64Array]);
}

/** Those of some keys. */
export const only = (weights: Weights, of: (key: string) => boolean): Weights =>
  new Map([...weights].filter(([key]) => of(key)));

/** SHA-256 of a file. */
export const digest = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');

export interface StartOptions {
  tasks?: Task[];
  schema?: LabelSchema;
  seed?: number;
  /** Makes it a network for clips. */
  sequence?: { length: number; hidden: number };
}

/** Saves a network with fresh weights, of the kind that `PLAIN` trains. */
export async function saveStart(
  file: string,
  { tasks = ['EXPR', 'AU', 'VA'], schema = ABAW1, seed = 7, sequence }: StartOptions = {},
): Promise<string> {
  manualSeed(seed);
  const { inputSize, hidden, dropout } = PLAIN.model;
  const spec = {
    backbone: 'compact',
    inputSize,
    hidden,
    dropout,
    tasks,
    schema,
    ...(sequence && { sequence }),
  };
  const network = buildNetwork(spec);
  const info: ModelInfo = {
    version: 1,
    network: spec,
    input: { edge: paperEdge(inputSize), normalization: IMAGENET_NORMALIZATION },
    decoding: 'endpoints',
  };
  await saveModel(file, network, info);
  network.dispose();
  return file;
}

export interface Command {
  child: ChildProcess;
  /** What it said so far. */
  said: { stdout: string; stderr: string };
  /** Exit code, or the signal that ended it. */
  ended: Promise<number | string>;
  /** Waits until it has said something on stderr. @throws Error when it ends without having */
  says(words: RegExp): Promise<void>;
}

/** Starts `mien train` in a folder. */
export function mienTrain(
  folder: string,
  args: readonly string[],
  { env = {}, detached = false }: { env?: NodeJS.ProcessEnv; detached?: boolean } = {},
): Command {
  const child = spawn(process.execPath, [MAIN, 'train', ...args], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached,
  });
  const said = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said.stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said.stderr += text;
  });
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string);
  async function says(words: RegExp): Promise<void> {
    const heard = new Promise<void>((resolve) => {
      const listen = () => {
        if (words.test(said.stderr)) resolve();
      };
      child.stderr?.on('data', listen);
      listen();
    });
    await Promise.race([
      heard,
      ended.then((code) => {
        if (!words.test(said.stderr)) throw new Error(`ended with ${code}: ${said.stderr}`);
      }),
    ]);
  }
  return { child, said, ended, says };
}
