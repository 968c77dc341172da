// Plausible readings of a video that nobody filmed: faces that move gently and come and go, courses without jumps.

import { type Box, MEAN_SHAPE } from 'mien/faces';
import { ABAW3, type LabelSchema, TASKS, type Task } from 'mien/labels';
import { Random } from 'mien/random';
import type { ExpressionReading, FaceReading, FrameReading, UnitReading } from 'mien/reading';

export interface MadeReadings {
  seed?: number;
  schema?: LabelSchema;
  tasks?: readonly Task[];
  /** Frames in all. Default: 100 */
  frames?: number;
  /** Frames in a second. Default: 25 */
  rate?: number;
  /** Of the frame. Default: 640 × 360 */
  width?: number;
  height?: number;
  /** How many faces there are, the largest first. Default: 1 */
  faces?: number;
  /** Share of the time that each face is not seen, in stretches of about a second. Default: 0 */
  gaps?: number;
  /** Frames [from, to) without any face. */
  without?: readonly (readonly [from: number, to: number])[];
  /** Of several models: disagreement is read too. */
  ensemble?: boolean;
  source?: string;
}

/** A number for each moment: a sum of slow waves, of mean 0 and standard deviation 1. */
type Course = (seconds: number) => number;

function course(random: Random): Course {
  const waves = [0.07, 0.19, 0.43].map((frequency) => ({
    frequency: frequency * random.between(0.7, 1.3),
    phase: random.between(0, 2 * Math.PI),
  }));
  const scale = Math.sqrt(2 / waves.length);
  return (seconds) =>
    scale *
    waves.reduce((sum, { frequency, phase }) => sum + Math.sin(2 * Math.PI * frequency * seconds + phase), 0);
}

const sigmoid = (logit: number) => 1 / (1 + Math.exp(-logit));

function expressionOf(labels: readonly string[], logits: readonly number[]): ExpressionReading {
  const most = Math.max(...logits);
  const weights = logits.map((logit) => Math.exp(logit - most));
  const sum = weights.reduce((one, other) => one + other);
  const entries = labels.map((label, i) => [label, (weights[i] as number) / sum] as const);
  const [winner] = entries.reduce((best, one) => (one[1] > best[1] ? one : best));
  return { label: winner, probabilities: Object.fromEntries(entries) };
}

function unitsOf(schema: LabelSchema, logits: readonly number[]): FaceReading['actionUnits'] {
  const units: Record<string, UnitReading> = {};
  schema.actionUnits.forEach((unit, i) => {
    const probability = sigmoid(logits[i] as number);
    units[unit] = { probability, present: probability > 0.5 };
  });
  return units;
}

/** The mean face in the lower three quarters of its box. */
function landmarksIn({ x, y, width, height }: Box): number[] {
  const points: number[] = [];
  for (const point of MEAN_SHAPE) {
    points.push(x + width * (0.5 + point.x / 160), y + height * (0.3 + point.y / 170));
  }
  return points;
}

/** One face's readings by time; undefined where it is not seen. */
function faceOf(face: number, options: Required<MadeReadings>): (seconds: number) => FaceReading | undefined {
  const { seed, schema, tasks, width, height, faces, gaps, ensemble } = options;
  const random = Random.keyed(seed, face);
  const next = () => course(random);
  const [seen, acrossCourse, downCourse, sizeCourse, scoreCourse] = [next(), next(), next(), next(), next()];
  const [valence, arousal, ...disagreements] = [next(), next(), next(), next(), next()];
  const expressions = schema.expressions.map(next);
  const units = schema.actionUnits.map(next);
  const unitBias = schema.actionUnits.map(() => random.between(-2, 1));
  // The share of a normal variable below −z is about 1 / (1 + e^1.7z).
  const seenFrom = gaps <= 0 ? -Infinity : -Math.log(1 / gaps - 1) / 1.7;
  const side = Math.min(height * 0.6, (width / faces) * 0.6) * (face === 0 ? 1 : random.between(0.55, 0.85));
  const middle = (width * (face + 0.5)) / faces;
  return (seconds) => {
    if (seen(seconds) < seenFrom) return undefined;
    const size = side * (1 + 0.05 * sizeCourse(seconds));
    const box = {
      x: middle - size / 2 + 0.06 * side * acrossCourse(seconds),
      y: height * 0.5 - size / 2 + 0.06 * side * downCourse(seconds),
      width: size,
      height: size * 1.1,
    };
    const spread = (course: Course | undefined) => Math.abs(course?.(seconds) ?? 0) / 12;
    const has = (task: Task) => tasks.includes(task);
    return {
      face,
      box,
      landmarks: landmarksIn(box),
      score: sigmoid(3 + scoreCourse(seconds)),
      ...(has('EXPR') && {
        expression: expressionOf(
          schema.expressions,
          expressions.map((logit) => 2 * logit(seconds)),
        ),
      }),
      ...(has('AU') && {
        actionUnits: unitsOf(
          schema,
          units.map((logit, i) => 2 * logit(seconds) + (unitBias[i] as number)),
        ),
      }),
      ...(has('VA') && {
        valence: Math.tanh(0.5 * valence(seconds)),
        arousal: Math.tanh(0.5 * arousal(seconds)),
      }),
      ...(ensemble && {
        disagreement: Object.fromEntries(tasks.map((task, i) => [task, spread(disagreements[i])])),
      }),
    } as FaceReading;
  };
}

/** The same options give the same readings. */
export function makeReadings(made: MadeReadings = {}): FrameReading[] {
  const options: Required<MadeReadings> = {
    seed: 1,
    schema: ABAW3,
    tasks: TASKS,
    frames: 100,
    rate: 25,
    width: 640,
    height: 360,
    faces: 1,
    gaps: 0,
    without: [],
    ensemble: false,
    source: 'made.mp4',
    ...made,
  };
  const { frames, rate, width, height, without, source } = options;
  const people = Array.from({ length: options.faces }, (_, face) => faceOf(face, options));
  return Array.from({ length: frames }, (_, frame) => {
    const time = frame / rate;
    const empty = without.some(([from, to]) => frame >= from && frame < to);
    const faces = empty ? [] : people.flatMap((person) => person(time) ?? []);
    return { source, frame, time, width, height, faces };
  });
}
