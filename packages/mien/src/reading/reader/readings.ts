// From what models say of frames' faces to readings.

import type { Estimates, ModelOutput } from '../../judging/index.js';
import { type LabelSchema, TASKS, type Task } from '../../labels/index.js';
import type { ModelRunner } from '../../models/runners/index.js';
import type { FaceReading, FrameReading } from '../frames.js';
import type { ModelledFace, ModelledFrame } from './stages.js';

/** The models' outputs of these faces, as tables. */
export function outputsOfFaces(
  runners: readonly ModelRunner[],
  faces: readonly ModelledFace[],
): ModelOutput[] {
  return runners.map(({ name, info }, place) => {
    const output: ModelOutput = { name, schema: info.network.schema, length: faces.length };
    for (const task of info.network.tasks) {
      const rows = faces.map(({ outputs }) => outputs[place]?.[task] as Float32Array);
      const width = rows[0]?.length ?? 0;
      const values = new Float32Array(rows.length * width);
      rows.forEach((row, i) => {
        values.set(row, i * width);
      });
      output[task] = values;
    }
    return output;
  });
}

const named = <Value>(names: readonly string[], at: (i: number) => Value): Record<string, Value> =>
  Object.fromEntries(names.map((name, i) => [name, at(i)]));

/** What was decided of face number `row`. */
export function faceReading(
  { face, box, landmarks, score }: Pick<ModelledFace, 'face' | 'box' | 'landmarks' | 'score'>,
  { EXPR, AU, VA, disagreement }: Estimates,
  row: number,
  { actionUnits, expressions }: LabelSchema,
  tasks: readonly Task[],
): FaceReading {
  const reading: FaceReading = { face, box, landmarks, score };
  if (EXPR?.probabilities && tasks.includes('EXPR')) {
    const { classes, probabilities } = EXPR;
    reading.expression = {
      label: expressions[classes[row] as number] as string,
      probabilities: named(expressions, (k) => probabilities[row * expressions.length + k] as number),
    };
  }
  if (AU?.probabilities && tasks.includes('AU')) {
    const { decisions, probabilities } = AU;
    const at = (k: number) => row * actionUnits.length + k;
    reading.actionUnits = named(actionUnits, (k) => ({
      probability: probabilities[at(k)] as number,
      present: decisions[at(k)] === 1,
    }));
  }
  if (VA && tasks.includes('VA')) {
    reading.valence = VA.values[2 * row] as number;
    reading.arousal = VA.values[2 * row + 1] as number;
  }
  if (disagreement !== undefined)
    reading.disagreement = Object.fromEntries(
      TASKS.flatMap((task) => {
        const values = tasks.includes(task) ? disagreement[task] : undefined;
        return values === undefined ? [] : [[task, values[row] as number]];
      }),
    );
  return reading;
}

/** The frame's facts and readings, with its picture where it has one. */
export function frameReading(frame: ModelledFrame, faces: FaceReading[]): FrameReading {
  const { source, frame: number, time, width, height, picture } = frame;
  return { source, frame: number, time, width, height, faces, ...(picture && { picture }) };
}
