// Evaluations of faces and models that are drawn at random: a teacher, students and their ensemble.

import {
  decide,
  type Estimates,
  type Evaluation,
  evaluate,
  type Grouping,
  type ModelOutput,
  type Truth,
  tune,
} from 'mien/judging';
import { ABAW1, type LabelSchema, TASKS, type Task } from 'mien/labels';
import { Random } from 'mien/random';

export interface EvaluationPlan {
  schema?: LabelSchema;
  faces?: number;
  tasks?: readonly Task[];
  /** One that is called `ensemble` is all but the first together, with thresholds that were tuned. */
  members?: readonly string[];
  datasets?: readonly string[];
  groups?: readonly string[];
  /** Intervals, of 1,000 draws. */
  intervals?: boolean;
  /** Whether more than decisions is known: curves, calibration, thresholds. */
  probabilities?: boolean;
  seed?: number;
}

const SUBJECTS = 57;

const clamped = (value: number) => Math.max(-1, Math.min(1, value));

function groupingOf(length: number, names: readonly string[], of: (i: number) => number): Grouping {
  return { codes: Int32Array.from({ length }, (_, i) => of(i)), names };
}

/** Half are of the first class, the second is rare; the units of odd places are rarer than the others. */
function drawTruth(random: Random, plan: Required<EvaluationPlan>): Truth {
  const { schema, faces, datasets, groups, tasks } = plan;
  const [classes, units] = [schema.expressions.length, schema.actionUnits.length];
  const known = (task: Task, width: number) =>
    new Uint8Array(faces * width).fill(Number(tasks.includes(task)));
  const draw = (width: number, of: (k: number) => number) =>
    Float32Array.from({ length: faces * width }, (_, i) => of(i % width));
  const subjects = Array.from({ length: SUBJECTS }, (_, i) => `subject ${i}`);
  const cluster = groupingOf(faces, subjects, (i) => i % SUBJECTS);
  return {
    schema,
    length: faces,
    expression: Int32Array.from({ length: faces }, () =>
      random.chance(0.4) ? 0 : Math.min(classes - 1, random.integer(classes) + (random.chance(0.6) ? 2 : 0)),
    ),
    expressionKnown: known('EXPR', 1),
    actionUnits: draw(units, (k) => Number(random.chance(k % 2 === 0 ? 0.25 : 0.05 + 0.01 * k))),
    actionUnitsKnown: known('AU', units),
    valenceArousal: draw(2, (k) =>
      clamped(k === 0 ? 0.1 + 0.4 * random.normal() : 0.25 + 0.3 * random.normal()),
    ),
    valenceArousalKnown: known('VA', 2),
    dataset: groupingOf(faces, datasets, (i) => Math.floor((i / faces) ** 1.5 * datasets.length)),
    cluster,
    clusteredBy: 'subject',
    clip: cluster,
    frame: Int32Array.from({ length: faces }, (_, i) => Math.floor(i / SUBJECTS)),
    group: groupingOf(faces, groups, () => random.integer(groups.length)),
  };
}

/** What a model says: right as often as it has skill, and wrong most where all find a face hard. */
function readFaces(
  name: string,
  skill: number,
  random: Random,
  truth: Truth,
  tasks: readonly Task[],
): ModelOutput {
  const { schema, length, expression, actionUnits, valenceArousal } = truth;
  const [classes, units] = [schema.expressions.length, schema.actionUnits.length];
  const look = Random.seeded(7); // the same for all members
  const output: Required<ModelOutput> = {
    name,
    schema,
    length,
    EXPR: Float32Array.from({ length: length * classes }, (_, i) => {
      const [face, c] = [Math.floor(i / classes), i % classes];
      const right = c === expression[face] ? 2.6 * skill : c === 0 ? 0.9 : 0;
      return 1.5 * (right + look.normal() + 0.7 * random.normal());
    }),
    AU: actionUnits.map((label, i) => {
      const reach = skill * (3.2 - 0.15 * (i % units));
      return label * reach - 2 + look.normal() + 0.6 * random.normal();
    }),
    VA: valenceArousal.map((value) => clamped(skill * value + 0.22 * look.normal() + 0.12 * random.normal())),
  };
  const { EXPR, AU, VA, ...rest } = output;
  const read = { EXPR, AU, VA };
  return { ...rest, ...Object.fromEntries(tasks.map((task) => [task, read[task]])) };
}

function withoutProbabilities({ EXPR, AU, disagreement, ...rest }: Estimates): Estimates {
  return {
    ...rest,
    ...(EXPR && { EXPR: { classes: EXPR.classes } }),
    ...(AU && { AU: { decisions: AU.decisions } }),
    ...(disagreement && { disagreement }),
  };
}

export function evaluationOf(plan: EvaluationPlan = {}): Evaluation {
  const full: Required<EvaluationPlan> = {
    schema: ABAW1,
    faces: 600,
    tasks: TASKS,
    members: ['teacher', 'student_0', 'student_1', 'student_2', 'ensemble'],
    datasets: ['aff-wild2', 'disfa', 'expw'],
    groups: ['women', 'men', ''],
    intervals: true,
    probabilities: true,
    seed: 1,
    ...plan,
  };
  const { schema, members: names, intervals, probabilities, tasks } = full;
  const random = Random.seeded(full.seed);
  const truth = drawTruth(random, full);
  const single = names.filter((name) => name !== 'ensemble');
  const outputs = single.map((name, m) =>
    readFaces(name, m === 0 ? 0.75 : 0.82 + 0.02 * m, random, truth, tasks),
  );
  const students = outputs.slice(1);
  const tuned = names.includes('ensemble') ? tune(students, truth) : undefined;
  const estimates = names.map((name) => {
    const decided =
      name === 'ensemble'
        ? decide(students, { name, truth, ...(tuned && { tuning: tuned.tuning }) })
        : decide([outputs[single.indexOf(name)] as ModelOutput], { name });
    return probabilities ? decided : withoutProbabilities(decided);
  });
  const last = names.at(-1) as string;
  const { crossFittedDecisions, tuning } = (probabilities && tuned) || {};
  return evaluate(estimates, truth, {
    bootstrap: intervals && { draws: 1000 },
    compare: names.slice(0, -1).map((name) => [last, name]),
    ...(crossFittedDecisions && { crossFitted: new Map([['ensemble', crossFittedDecisions]]) }),
    ...(tuning?.thresholds && {
      thresholds: new Map([['ensemble', schema.actionUnits.map((unit) => tuning.thresholds?.[unit] ?? 0.5)]]),
    }),
  });
}
