// From what models say of frames' faces to readings: combined, calibrated, smoothed along each track, decided.

import {
  decide,
  decideProbabilities,
  type EnsembleRule,
  type ModelOutput,
  smoothTasks,
} from '../../judging/index.js';
import { type LabelSchema, TASKS, type Task } from '../../labels/index.js';
import type { Smoothing, Tuning } from '../../models/index.js';
import type { ModelRunner } from '../../models/runners/index.js';
import { estimateReading } from '../estimate-reading.js';
import type { FaceReading, FrameReading } from '../frames.js';
import type { ModelledFace, ModelledFrame } from './stages.js';
import type { StageTimes } from './types.js';

export interface Decisions {
  runners: readonly ModelRunner[];
  /** Of each model. */
  memberTunings: readonly Tuning[];
  /** Of all together; its smoothing is not used. */
  tuning: Tuning;
  how: EnsembleRule | undefined;
  schema: LabelSchema;
  tasks: readonly Task[];
}

export type TaskSmoothing = Partial<Record<Task, Smoothing>>;

/** Probabilities and values of one face, as rows. */
type Values = Partial<Record<Task, Float32Array>>;

/** A face with its probabilities. */
interface JudgedFace {
  face: ModelledFace;
  values: Values;
  disagreement: FaceReading['disagreement'];
}

interface JudgedFrame {
  frame: ModelledFrame;
  faces: JudgedFace[];
}

/** Rows as one table. */
function stacked(rows: readonly Float32Array[]): Float32Array {
  const width = rows[0]?.length ?? 0;
  const values = new Float32Array(rows.length * width);
  rows.forEach((row, i) => {
    values.set(row, i * width);
  });
  return values;
}

const rowOf = (values: Float32Array, row: number, rows: number): Float32Array => {
  const width = values.length / rows;
  return values.slice(row * width, (row + 1) * width);
};

/** The models' outputs of these faces, as tables; only of tasks that are wanted. */
function outputsOfFaces({ runners, tasks }: Decisions, faces: readonly ModelledFace[]): ModelOutput[] {
  return runners.map(({ name, info }, place) => {
    const output: ModelOutput = { name, schema: info.network.schema, length: faces.length };
    for (const task of tasks)
      output[task] = stacked(faces.map(({ outputs }) => outputs[place]?.[task] as Float32Array));
    return output;
  });
}

/** Combined and calibrated. */
function judged(frames: readonly ModelledFrame[], decisions: Decisions): JudgedFrame[] {
  const { memberTunings, how, tasks } = decisions;
  const all = frames.flatMap(({ faces }) => faces);
  if (all.length === 0) return frames.map((frame) => ({ frame, faces: [] }));
  const { calibration } = decisions.tuning;
  const estimates = decide(outputsOfFaces(decisions, all), { how, memberTunings, tuning: { calibration } });
  const { EXPR, AU, VA, disagreement } = estimates;
  const tables = { EXPR: EXPR?.probabilities, AU: AU?.probabilities, VA: VA?.values };
  let row = -1;
  const judge = (face: ModelledFace): JudgedFace => {
    row++;
    const values: Values = {};
    for (const task of tasks) {
      const table = tables[task];
      if (table !== undefined) values[task] = rowOf(table, row, all.length);
    }
    const differences = TASKS.flatMap((task) => {
      const one = disagreement?.[task];
      return one === undefined ? [] : [[task, one[row] as number] as const];
    });
    return { face, values, disagreement: disagreement && Object.fromEntries(differences) };
  };
  return frames.map((frame) => ({ frame, faces: frame.faces.map(judge) }));
}

/** @param values of the face, smoothed */
function faceReading(
  { face: { face, box, landmarks, score }, disagreement }: JudgedFace,
  values: Values,
  { schema, tuning }: Decisions,
): FaceReading {
  const table: ModelOutput = { name: '', schema, length: 1, ...values };
  return {
    face,
    box,
    landmarks,
    score,
    ...estimateReading(decideProbabilities(table, tuning.thresholds), 0),
    ...(disagreement && { disagreement }),
  };
}

function frameReading({ frame }: JudgedFrame, faces: FaceReading[]): FrameReading {
  const { source, frame: number, time, width, height, picture } = frame;
  return { source, frame: number, time, width, height, faces, ...(picture && { picture }) };
}

/** Numbers that an endless exponential average would weigh less than this, against the newest, are left out of it. */
const NEGLIGIBLE = 1e-3;

/** Frames before and after that take part. */
export function reachOf({ kind, frames }: Smoothing): number {
  if (kind !== 'exponential') return (frames - 1) / 2;
  const decay = 1 - 2 / (frames + 1);
  return decay === 0 ? 0 : Math.ceil(Math.log(NEGLIGIBLE) / Math.log(decay));
}

/** Smooths along tracks as frames come; each frame waits for those that take part in it. */
class TrackSmoother {
  readonly #smoothing: TaskSmoothing;
  readonly #decisions: Decisions;
  readonly #reach: number;
  readonly #waiting: JudgedFrame[] = [];
  /** By track: the faces of frames that take part in those that wait. */
  readonly #tracks = new Map<number, { frame: number; values: Values }[]>();

  constructor(smoothing: TaskSmoothing, decisions: Decisions) {
    this.#smoothing = smoothing;
    this.#decisions = decisions;
    this.#reach = Math.max(0, ...Object.values(smoothing).map(reachOf));
  }

  push(judged: JudgedFrame): FrameReading[] {
    this.#waiting.push(judged);
    const { frame } = judged.frame;
    if (this.#reach > 0)
      for (const { face, values } of judged.faces) {
        const track = this.#tracks.get(face.face) ?? [];
        this.#tracks.set(face.face, track);
        track.push({ frame, values });
      }
    const ready: FrameReading[] = [];
    while ((this.#waiting[0]?.frame.frame ?? Infinity) + this.#reach <= frame) ready.push(this.#next());
    return ready;
  }

  end(): FrameReading[] {
    return Array.from({ length: this.#waiting.length }, () => this.#next());
  }

  #next(): FrameReading {
    const judged = this.#waiting.shift() as JudgedFrame;
    const { frame } = judged.frame;
    for (const [face, track] of this.#tracks) {
      while (track[0] !== undefined && track[0].frame < frame - this.#reach) track.shift();
      if (track.length === 0) this.#tracks.delete(face);
    }
    return frameReading(
      judged,
      judged.faces.map((face) => faceReading(face, this.#smoothed(face, frame), this.#decisions)),
    );
  }

  #smoothed({ face, values }: JudgedFace, frame: number): Values {
    const around = (this.#tracks.get(face.face) ?? []).filter((one) => one.frame <= frame + this.#reach);
    if (around.length < 2) return values;
    const { schema, tasks } = this.#decisions;
    const table: ModelOutput = { name: '', schema, length: around.length };
    for (const task of tasks) table[task] = stacked(around.map((one) => one.values[task] as Float32Array));
    const frames = Int32Array.from(around, (one) => one.frame);
    const rows = Int32Array.from(around.keys());
    const clip = { codes: new Int32Array(around.length), names: ['track'] };
    const smoothed = smoothTasks(table, this.#smoothing, { clip, frame: frames }, [rows]);
    const row = frames.indexOf(frame);
    const result: Values = {};
    for (const task of tasks) result[task] = rowOf(smoothed[task] as Float32Array, row, around.length);
    return result;
  }
}

/**
 * @param frames several at a time, in their order
 * @param smoothing over the frames of a video; empty: none
 */
export async function* decideFrames(
  frames: AsyncIterable<readonly ModelledFrame[]>,
  decisions: Decisions,
  smoothing: TaskSmoothing,
  times: StageTimes | undefined,
): AsyncGenerator<FrameReading> {
  const smoother = new TrackSmoother(smoothing, decisions);
  const timed = (decided: () => FrameReading[]) => {
    const start = performance.now();
    const readings = decided();
    if (times !== undefined) times.decide += performance.now() - start;
    return readings;
  };
  for await (const several of frames)
    yield* timed(() => judged(several, decisions).flatMap((one) => smoother.push(one)));
  yield* timed(() => smoother.end());
}
