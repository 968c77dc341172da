// Models over faces, in batches across frames. Frames come out in their order, several at a time, once all models have read all
// their faces.

import type { Task } from '../../labels/index.js';
import { type ByTask, type ModelRunner, outputsOf, valenceArousalOf } from '../../models/runners/index.js';
import { inputKey } from './inputs.js';
import type { CutFrame, ModelledFace, ModelledFrame } from './stages.js';
import type { StageTimes } from './types.js';
import { LONGEST_GAP } from './video-faces.js';
import { createWindower, type Window, type Windower } from './windows.js';

/** Models that are fed the same. */
export interface ModelGroup {
  runners: readonly { runner: ModelRunner /** Its place among all models. */; place: number }[];
  /** Its place among the kinds of input. */
  input: number;
  /** Frames of a window; undefined: models of pictures. */
  frames: number | undefined;
}

/** Groups of models, and a model of each kind of input. */
export function groupsOf(runners: readonly ModelRunner[]): { groups: ModelGroup[]; kinds: ModelRunner[] } {
  const kinds = new Map<string, ModelRunner>();
  const groups = new Map<string, ModelGroup & { runners: ModelGroup['runners'][number][] }>();
  runners.forEach((runner, place) => {
    const kind = inputKey(runner.info);
    if (!kinds.has(kind)) kinds.set(kind, runner);
    const frames = runner.info.network.sequence?.length;
    const key = `${frames} ${kind}`;
    const group = groups.get(key) ?? { runners: [], input: [...kinds.keys()].indexOf(kind), frames };
    group.runners.push({ runner, place });
    groups.set(key, group);
  });
  return { groups: [...groups.values()], kinds: [...kinds.values()] };
}

const widthOf = ({ info }: ModelRunner, task: Task): number =>
  task === 'VA' ? 2 : outputsOf(info.network, task);

/** Puts rows of a model's output where their faces are. */
function store(
  { runner, place }: ModelGroup['runners'][number],
  logits: ByTask<Float32Array>,
  windows: readonly Window[],
) {
  const faces = windows.flatMap(({ faces, wanted }) =>
    faces.map((face, i) => (wanted[i] ? face : undefined)),
  );
  for (const face of faces) if (face !== undefined) face.outputs[place] = {};
  for (const task of runner.info.network.tasks) {
    const given = logits[task] as Float32Array;
    const values = task === 'VA' ? valenceArousalOf(given, runner.info.decoding) : given;
    const width = widthOf(runner, task);
    faces.forEach((face, i) => {
      const own = face?.outputs[place];
      if (own !== undefined) own[task] = values.slice(i * width, (i + 1) * width);
    });
  }
}

/** One group with the windows that wait for it. */
class GroupStage {
  readonly #group: ModelGroup;
  readonly #windower: Windower;
  readonly #batch: number;
  readonly #times: StageTimes | undefined;
  #waiting: Window[] = [];

  constructor(group: ModelGroup, batch: number, times: StageTimes | undefined) {
    this.#times = times;
    this.#group = group;
    this.#windower = createWindower(group.frames ?? 1, LONGEST_GAP);
    this.#batch = Math.max(1, Math.floor(batch / (group.frames ?? 1)));
  }

  push(faces: readonly ModelledFace[]): void {
    this.#waiting.push(...this.#windower.push(faces));
  }

  /** No track goes on. */
  end(): void {
    this.#waiting.push(...this.#windower.end());
  }

  /** Runs full batches; with `all` also the rest. */
  async run(all: boolean): Promise<void> {
    while (this.#waiting.length >= (all ? 1 : this.#batch))
      await this.#runOn(this.#waiting.splice(0, this.#batch));
  }

  async #runOn(windows: readonly Window[]): Promise<void> {
    const { runners, input, frames } = this.#group;
    const size = runners[0]?.runner.info.network.inputSize ?? 0;
    const numbers = 3 * size * size;
    const inputs = windows.flatMap(({ faces }) => faces.map((face) => face.inputs[input] as Float32Array));
    const images = new Float32Array(inputs.length * numbers);
    inputs.forEach((one, i) => {
      images.set(one, i * numbers);
    });
    const start = performance.now();
    const dims = frames === undefined ? [inputs.length] : [windows.length, frames];
    for (const one of runners) store(one, await one.runner.run(images, [...dims, 3, size, size]), windows);
    if (this.#times !== undefined) this.#times.models += performance.now() - start;
  }
}

export interface ModelStageOptions {
  groups: readonly ModelGroup[];
  /** Faces that models look at together. */
  batch: number;
  /** Whether faces of one number are one face in all frames; without it no window reaches over several. */
  tracks: boolean;
  /** Frames' pictures that wait may take so many bytes together, as far as batches need not be full. */
  mostBytes: number;
  times: StageTimes | undefined;
}

/** @returns frames in their order, at least one at a time */
export async function* runModels(
  frames: AsyncIterable<CutFrame>,
  { groups, batch, tracks, mostBytes, times }: ModelStageOptions,
): AsyncGenerator<ModelledFrame[]> {
  const stages = groups.map((group) => new GroupStage(group, batch, times));
  const models = groups.reduce((sum, { runners }) => sum + runners.length, 0);
  const waiting: ModelledFrame[] = [];
  const isDone = ({ faces }: ModelledFrame) =>
    faces.every(({ outputs }) => outputs.filter((one) => one !== undefined).length === models);
  const done = (): ModelledFrame[] => {
    const open = waiting.findIndex((frame) => !isDone(frame));
    return waiting.splice(0, open < 0 ? waiting.length : open);
  };
  for await (const { faces, ...facts } of frames) {
    const fresh = () => Array<undefined>(models).fill(undefined);
    const frame = { ...facts, faces: faces.map((face) => ({ ...face, outputs: fresh() })) };
    waiting.push(frame);
    const bytes = waiting.reduce((sum, { picture }) => sum + (picture?.data.length ?? 0), 0);
    for (const stage of stages) {
      stage.push(frame.faces);
      if (!tracks) stage.end();
      await stage.run(bytes > mostBytes);
    }
    const ready = done();
    if (ready.length > 0) yield ready;
  }
  for (const stage of stages) {
    stage.end();
    await stage.run(true);
  }
  const rest = done();
  if (rest.length > 0) yield rest;
}
