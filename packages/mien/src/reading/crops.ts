// A manifest's face crops, read by one or more models: each picture is decoded once for all models with the same input.

import { DataError } from '../files/index.js';
import type { ModelOutput } from '../judging/index.js';
import { TASKS, type Task } from '../labels/index.js';
import {
  type BrokenImage,
  batchesOf,
  clipsOf,
  createLoader,
  createLoaderPool,
  type FaceSource,
  type LoadedBatch,
  type LoaderPool,
  type Windows,
  windowsOf,
} from '../loading/index.js';
import { type ByTask, type ModelRunner, outputsOf, valenceArousalOf } from '../models/runners/index.js';

export interface ReadFacesOptions {
  manifest: FaceSource;
  /** Which faces, each once, in the order in which they are wanted. */
  rows: Int32Array;
  /** At least one. */
  runners: readonly ModelRunner[];
  /** Pictures of a forward pass, frames of windows counted. Default: 64. */
  batch?: number;
  /** Threads that decode. Default: one for each core. */
  threads?: number;
  /** Makes the first picture that does not open an error. Default: false. */
  strict?: boolean;
  /** The windows that a model of clips reads. Default: one after the other, so that each face counts once. */
  windows?: (length: number) => Windows;
  signal?: AbortSignal;
  /** Called with pictures that were read, and how many there will be: a picture counts for each kind of input. */
  onProgress?: (done: number, total: number) => void;
  /** Called once for each picture that does not open. */
  onBroken?: (broken: BrokenImage) => void;
}

export interface FaceReadings {
  /** Of the wanted rows those that opened, in the order given [n]. */
  rows: Int32Array;
  /** Of each runner, in their order, all of the same rows. */
  outputs: ModelOutput[];
  /** What did not open: it is left out for all models. */
  broken: BrokenImage[];
}

/** Runners that are fed the same. */
interface Group {
  runners: { runner: ModelRunner; output: ModelOutput }[];
  /** Undefined for pictures. */
  windows: Windows | undefined;
  units: Int32Array | number;
}

/** Numbers of a row: VA is decoded at once. */
const widthOf = ({ info }: ModelRunner, task: Task): number =>
  task === 'VA' ? 2 : outputsOf(info.network, task);

function outputFor(runner: ModelRunner, length: number): ModelOutput {
  const { tasks, schema } = runner.info.network;
  const output: ModelOutput = { name: runner.name, schema, length };
  for (const task of tasks) output[task] = new Float32Array(length * widthOf(runner, task));
  return output;
}

function groupsOf(
  { runners, rows, manifest, windows }: ReadFacesOptions,
  outputs: readonly ModelOutput[],
): Group[] {
  const cutInto = windows ?? ((length) => windowsOf(clipsOf(manifest, { rows }), length, 'evaluation'));
  const groups = new Map<string, Group>();
  runners.forEach((runner, i) => {
    const { network, input } = runner.info;
    const { inputSize, sequence } = network;
    const key = JSON.stringify([inputSize, input.edge, input.normalization, sequence?.length]);
    let group = groups.get(key);
    if (group === undefined) {
      const cut = sequence && cutInto(sequence.length);
      group = { runners: [], windows: cut, units: cut?.count ?? rows };
      groups.set(key, group);
    }
    group.runners.push({ runner, output: outputs[i] as ModelOutput });
  });
  return [...groups.values()];
}

const unitsIn = ({ units }: Group) => (typeof units === 'number' ? units : units.length);
const framesOf = ({ windows }: Group) => windows?.frames ?? 1;

function loaderFor(
  group: Group,
  pool: LoaderPool,
  { manifest, batch = 64, signal }: ReadFacesOptions,
  onBroken: (broken: BrokenImage) => void,
) {
  const { windows, units, runners } = group;
  const { network, input } = (runners[0] as Group['runners'][number]).runner.info;
  return createLoader({
    manifest,
    ...(windows && { windows }),
    order: batchesOf(units, Math.max(1, Math.floor(batch / framesOf(group)))),
    transform: {
      kind: 'evaluation',
      size: network.inputSize,
      edge: input.edge,
      normalization: input.normalization,
    },
    threads: pool,
    onBroken,
    ...(signal && { signal }),
  });
}

/** Puts what a batch gave to where its faces are wanted. @param at the place of each frame, −1: not wanted */
function store({ runner, output }: Group['runners'][number], logits: ByTask<Float32Array>, at: Int32Array) {
  for (const task of runner.info.network.tasks) {
    const given = logits[task] as Float32Array;
    const values = task === 'VA' ? valenceArousalOf(given, runner.info.decoding) : given;
    const width = widthOf(runner, task);
    const target = output[task] as Float32Array;
    at.forEach((place, i) => {
      if (place >= 0) target.set(values.subarray(i * width, (i + 1) * width), place * width);
    });
  }
}

function dimsOf({ length, frames, size }: LoadedBatch, { windows }: Group): number[] {
  return windows === undefined ? [length, 3, size, size] : [length, frames, 3, size, size];
}

/** Only the rows at these places. */
function selected(output: ModelOutput, places: Int32Array): ModelOutput {
  const kept: ModelOutput = { ...output, length: places.length };
  for (const task of TASKS) {
    const values = output[task];
    if (values === undefined) continue;
    const width = values.length / output.length;
    const own = new Float32Array(places.length * width);
    places.forEach((place, i) => {
      own.set(values.subarray(place * width, (place + 1) * width), i * width);
    });
    kept[task] = own;
  }
  return kept;
}

/**
 * Reads faces with models: EXPR and AU as logits, valence and arousal decoded. Models of pictures read faces one by one, models
 * of clips in windows over the clips. The same options give the same numbers, whatever the number of threads that decode.
 * @throws DataError when a model of clips meets a face without a clip, when a face is a frame of a video, or when more than 1 %
 * of the pictures (or all, or with `strict` one) do not open; the signal's reason
 */
export async function readFaces(options: ReadFacesOptions): Promise<FaceReadings> {
  const { manifest, rows, runners, threads, strict = false, onProgress, onBroken } = options;
  const outputs = runners.map((runner) => outputFor(runner, rows.length));
  const groups = groupsOf(options, outputs);
  const placeOf = new Int32Array(manifest.faces.length).fill(-1);
  rows.forEach((row, i) => {
    placeOf[row] = i;
  });
  /** In how many groups each face was read. */
  const times = new Uint8Array(rows.length);
  const broken = new Map<number, BrokenImage>();
  const countBroken = (one: BrokenImage) => {
    if (broken.has(one.row)) return;
    broken.set(one.row, one);
    onBroken?.(one);
    if (strict)
      throw new DataError(
        { file: manifest.file, row: one.row + 1 },
        { found: `${one.path}: ${one.reason}`, expected: 'a picture' },
      );
  };
  const total = groups.reduce((sum, group) => sum + unitsIn(group) * framesOf(group), 0);
  let done = 0;
  const pool = createLoaderPool(threads);
  try {
    for (const group of groups) {
      for await (const batch of loaderFor(group, pool, options, countBroken)) {
        const at = batch.rows.map((row, i) => (batch.counts[i] === 1 ? (placeOf[row] as number) : -1));
        if (batch.length > 0)
          for (const one of group.runners)
            store(one, await one.runner.run(batch.images as Float32Array, dimsOf(batch, group)), at);
        batch.release();
        for (const place of at) if (place >= 0) times[place] = (times[place] as number) + 1;
        done += at.length;
        onProgress?.(done, total);
      }
    }
  } finally {
    await pool.close();
  }
  const places = Int32Array.from(rows.keys()).filter((place) => times[place] === groups.length);
  const whole = places.length === rows.length;
  return {
    rows: whole ? rows : places.map((place) => rows[place] as number),
    outputs: whole ? outputs : outputs.map((output) => selected(output, places)),
    broken: [...broken.values()],
  };
}
