// The columns of a table of readings: what each is called, what it tells in which unit, and where it comes from.

import type { ColumnType } from '../../files/index.js';
import { type ActionUnit, type LabelSchema, TASKS, type Task } from '../../labels/index.js';
import type { FaceReading, FrameReading } from '../frames.js';

/** undefined: nothing is known. */
export type ReadingCell = string | number | readonly number[] | undefined;

export interface ReadingColumn {
  name: string;
  type: ColumnType;
  /** With unit and range, for people. */
  meaning: string;
  /** Of a frame in which there is no face, `face` is undefined. */
  cell(frame: FrameReading, face: FaceReading | undefined): ReadingCell;
}

export interface ReadingColumnOptions {
  schema: LabelSchema;
  /** What was read. */
  tasks: readonly Task[];
  /** Also the 68 points. Default: false. */
  landmarks?: boolean;
  /** How much several models disagree. Default: false. */
  disagreement?: boolean;
}

/** Of probabilities, valence and arousal, time stamps and others. */
const DECIMALS = 6;
/** Of pixels. */
const PIXEL_DECIMALS = 2;

/** The same number in every format: rounded, and no −0. */
function rounded(value: number | undefined, decimals: number): number | undefined {
  if (value === undefined || !Number.isFinite(value)) return undefined;
  return Math.round(value * 10 ** decimals) / 10 ** decimals + 0;
}

const number = (
  name: string,
  meaning: string,
  cell: (face: FaceReading) => number | undefined,
  decimals = DECIMALS,
): ReadingColumn => ({
  name,
  type: 'DOUBLE',
  meaning,
  cell: (_, face) => (face === undefined ? undefined : rounded(cell(face), decimals)),
});

const pixels = (name: string, meaning: string, cell: (face: FaceReading) => number) =>
  number(name, meaning, cell, PIXEL_DECIMALS);

const FRAME: readonly ReadingColumn[] = [
  {
    name: 'source',
    type: 'STRING',
    meaning: 'file that was read, as it was named',
    cell: ({ source }) => source,
  },
  {
    name: 'frame',
    type: 'INT32',
    meaning: 'number of the frame in its video, from 0; of pictures 0',
    cell: ({ frame }) => frame,
  },
  {
    name: 'time_s',
    type: 'DOUBLE',
    meaning: "seconds since the video's beginning, by its own time stamps; of pictures empty",
    cell: ({ time }) => rounded(time, DECIMALS),
  },
  {
    name: 'faces',
    type: 'INT32',
    meaning: 'how many faces the frame has; 0: the row says that there is none',
    cell: ({ faces }) => faces.length,
  },
  {
    name: 'face',
    type: 'INT32',
    meaning:
      "number of the face's track in its video; in pictures its place by size, from 0; empty without a face",
    cell: (_, face) => face?.face,
  },
];

const FACE: readonly ReadingColumn[] = [
  pixels('box_x_px', 'left edge of the face, pixels from the left', ({ box }) => box.x),
  pixels('box_y_px', 'upper edge of the face, pixels from the top', ({ box }) => box.y),
  pixels('box_width_px', 'width of the face, pixels', ({ box }) => box.width),
  pixels('box_height_px', 'height of the face, pixels', ({ box }) => box.height),
  number('face_score', 'how sure it is that a face is here, 0 … 1', ({ score }) => score),
];

const LANDMARKS: ReadingColumn = {
  name: 'landmarks_px',
  type: 'STRING',
  meaning: '68 points as [x0, y0, x1, y1, …], pixels',
  cell: (_, face) => face?.landmarks.map((value) => rounded(value, PIXEL_DECIMALS) as number),
};

const unitColumns = (unit: ActionUnit): ReadingColumn[] => [
  {
    name: unit,
    type: 'INT32',
    meaning: `1: ${unit} is active, its probability is above the model's threshold; 0: it is not`,
    cell: (_, face) => {
      const present = face?.actionUnits?.[unit]?.present;
      return present === undefined ? undefined : Number(present);
    },
  },
  number(
    `${unit}_probability`,
    `probability that ${unit} is active, 0 … 1`,
    ({ actionUnits }) => actionUnits?.[unit]?.probability,
  ),
];

const expressionColumns = (expressions: readonly string[]): ReadingColumn[] => [
  {
    name: 'expression',
    type: 'STRING',
    meaning: 'the most probable expression',
    cell: (_, face) => face?.expression?.label,
  },
  number(
    'expression_probability',
    'its probability, 0 … 1',
    ({ expression }) => expression?.probabilities[expression.label],
  ),
  ...expressions.map((name) =>
    number(
      `${name}_probability`,
      `probability of ${name}, 0 … 1; those of all expressions have the sum 1`,
      ({ expression }) => expression?.probabilities[name],
    ),
  ),
];

const AFFECT: readonly ReadingColumn[] = [
  number('valence', '−1 (unpleasant) … 1 (pleasant)', ({ valence }) => valence),
  number('arousal', '−1 (calm) … 1 (excited)', ({ arousal }) => arousal),
];

const DISAGREEMENT: Readonly<Record<Task, string>> = {
  EXPR: 'how much the models disagree about the expression, 0: not at all; mutual information of class and model, nats',
  AU: 'the same of action units: standard deviation of their probabilities between models, mean over units',
  VA: 'the same of valence and arousal: standard deviation between models, mean of both',
};
const DISAGREEMENT_NAMES: Readonly<Record<Task, string>> = {
  EXPR: 'disagreement_expression',
  AU: 'disagreement_action_units',
  VA: 'disagreement_valence_arousal',
};

/** In the table's order. */
export function readingColumns({
  schema: { actionUnits, expressions },
  tasks,
  landmarks = false,
  disagreement = false,
}: ReadingColumnOptions): ReadingColumn[] {
  const has = (task: Task) => tasks.includes(task);
  return [
    ...FRAME,
    ...FACE,
    ...(has('AU') ? actionUnits.flatMap(unitColumns) : []),
    ...(has('EXPR') ? expressionColumns(expressions) : []),
    ...(has('VA') ? AFFECT : []),
    ...(disagreement
      ? TASKS.filter(has).map((task) =>
          number(DISAGREEMENT_NAMES[task], DISAGREEMENT[task], (face) => face.disagreement?.[task]),
        )
      : []),
    ...(landmarks ? [LANDMARKS] : []),
  ];
}
