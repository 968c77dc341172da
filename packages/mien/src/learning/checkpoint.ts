// The whole state of a member's training in one file, from which it goes on as if it had not stopped.

import {
  type Device,
  defaultGenerator,
  fromBytes,
  loadTensors,
  type nn,
  openSafetensors,
  type optim,
  saveTensors,
  type Tensor,
  tidy,
} from '@mien/torch';
import * as z from 'zod';
import { DataError } from '../files/index.js';

const KEY = 'mien.checkpoint';

const POSITION = z.strictObject({
  version: z.literal(1),
  /** Epochs that are over. */
  epoch: z.number().int(),
  /** Steps of the plan that are over in the next epoch. */
  step: z.number().int(),
  /** Steps that the optimiser made. */
  updates: z.number().int(),
  best: z.strictObject({ total: z.number(), epoch: z.number().int(), scores: z.unknown() }).nullable(),
  plan: z.strictObject({ epoch: z.number(), step: z.number(), fingerprint: z.string() }),
  /** Seconds of training so far. */
  seconds: z.number(),
  /** Bytes of each log that belong to what is over. */
  logs: z.record(z.string(), z.number()),
  /** Pictures that did not open. */
  broken: z.array(z.string()),
});

/** Where a member is. */
export type Position = z.infer<typeof POSITION>;

const META = z.strictObject({
  position: POSITION,
  schedule: z.looseObject({ step: z.number(), baseLrs: z.array(z.number()) }),
  groups: z.array(z.looseObject({ params: z.array(z.number()) })),
  optimizerSteps: z.record(z.string(), z.number()),
  averageUpdates: z.number().nullable(),
  /** States of the engine's generator on the other ranks, base64. */
  generators: z.array(z.string()),
});

/** What is saved and restored. */
export interface Trained {
  module: nn.Module;
  optimizer: optim.Optimizer;
  schedule: optim.Schedule;
  average: optim.WeightAverage | undefined;
  device: Device;
}

const base64 = (state: Tensor): string => Buffer.from(state.toTypedArray() as Uint8Array).toString('base64');

/** The state of this process's generator, of which dropout draws. */
export const generatorState = (device: Device): string =>
  tidy(() => base64(defaultGenerator(device).getState()));

/** @param generators what `generatorState` gave on every rank */
export async function saveCheckpoint(
  file: string,
  { module, optimizer, schedule, average }: Trained,
  position: Position,
  generators: readonly string[],
): Promise<void> {
  const tensors = new Map<string, Tensor>();
  for (const [key, value] of module.stateDict()) tensors.set(`module.${key}`, value);
  const averages = average?.stateDict();
  for (const [key, value] of averages?.averages ?? []) tensors.set(`average.${key}`, value);
  const { state, paramGroups } = optimizer.stateDict();
  const optimizerSteps: Record<string, number> = {};
  for (const [number, { step, ...values }] of state) {
    optimizerSteps[number] = step as number;
    for (const [name, value] of Object.entries(values))
      tensors.set(`optimizer.${number}.${name}`, value as Tensor);
  }
  const meta: z.infer<typeof META> = {
    position,
    schedule: schedule.stateDict() as never,
    groups: paramGroups,
    optimizerSteps,
    averageUpdates: averages?.updates ?? null,
    generators: [...generators],
  };
  await saveTensors(file, tensors, { metadata: { [KEY]: JSON.stringify(meta) } });
  for (const tensor of tensors.values()) tensor.dispose();
}

/**
 * Puts everything back as it was saved, this rank's generator too.
 * @throws DataError or CheckpointError when the file is no checkpoint of this training
 */
export async function loadCheckpoint(file: string, into: Trained, rank: number): Promise<Position> {
  const text = await metadataOf(file);
  const parsed = META.safeParse(text === undefined ? undefined : JSON.parse(text));
  if (!parsed.success)
    throw new DataError({ file }, { found: 'no training state', expected: 'a checkpoint of this version' });
  const { position, schedule, groups, optimizerSteps, averageUpdates, generators } = parsed.data;
  const tensors = await loadTensors(file, { device: into.device });
  const below = (prefix: string) =>
    new Map(
      [...tensors].flatMap(([key, value]) =>
        key.startsWith(prefix) ? [[key.slice(prefix.length), value]] : [],
      ),
    );
  try {
    into.module.loadStateDict(below('module.'));
    const state = new Map(
      Object.entries(optimizerSteps).map(([number, step]) => [
        Number(number),
        { step, ...Object.fromEntries(below(`optimizer.${number}.`)) },
      ]),
    );
    into.optimizer.loadStateDict({ state, paramGroups: groups });
    into.schedule.loadStateDict(schedule);
    if (averageUpdates !== null)
      into.average?.loadStateDict({ updates: averageUpdates, averages: below('average.') });
  } finally {
    for (const tensor of tensors.values()) tensor.dispose();
  }
  const own = generators[rank];
  if (own !== undefined)
    tidy(() => {
      const bytes = Buffer.from(own, 'base64');
      defaultGenerator(into.device).setState(fromBytes(bytes, 'uint8', [bytes.length]));
    });
  return position;
}

async function metadataOf(file: string): Promise<string | undefined> {
  await using opened = await openSafetensors(file);
  return opened.metadata.get(KEY);
}
