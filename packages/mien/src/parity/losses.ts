// Losses of teacher and student, with their gradients, against the reference's (`losses.json`). Needs the training engine.

import type { Tensor } from '@mien/torch';
import * as z from 'zod';
import { ABAW1, TASKS, type Task } from '../labels/index.js';
import type { Label, Objective, TaskBatch } from '../learning/losses/index.js';
import { examineEngine } from '../system/index.js';
import { largestDifference, readGolden } from './compare.js';
import type { ParityCase, ParityPart } from './index.js';

const FILE = 'losses.json';

/** Row-major. */
const VALUES = z.array(z.number());
const PER_TASK = z.object({ EXPR: VALUES, AU: VALUES, VA: VALUES });
/** By the task that a batch was drawn for, then by output. */
const PER_BATCH = z.object({ EXPR: PER_TASK, AU: PER_TASK, VA: PER_TASK });
const LOGGED = z.object({
  loss_EXPR: z.number(),
  loss_AU: z.number(),
  loss_valence: z.number(),
  loss_arousal: z.number(),
  loss: z.number(),
});

const GOLDEN = z.array(
  z.object({
    batch: z.number().int(),
    temperature: z.number(),
    lambda_teacher: z.number(),
    inputs: z.object({ student_logits: PER_BATCH, teacher_logits: PER_BATCH, labels: PER_TASK }),
    teacher_objective: LOGGED.extend({ grad: PER_TASK }),
    student_objective: LOGGED.extend({ grad: PER_BATCH }),
    focal: z.object({ AU: z.number(), EXPR: z.number() }),
  }),
);
type Golden = z.infer<typeof GOLDEN>[number];

/** Relative, of losses, and absolute, of gradients: the reference computes in float32, as we do. */
const TOLERANCE = 1e-5;

type Torch = typeof import('@mien/torch');
type Losses = typeof import('../learning/losses/index.js');

/** The worst of several errors; NaN is worse than any. */
function worstOf(name: string, errors: readonly { error: number; note: string }[]): ParityCase {
  const worst = errors.reduce((most, one) =>
    Number.isNaN(most.error) || one.error <= most.error ? most : one,
  );
  return { name, ...worst, tolerance: TOLERANCE };
}

const compareLosses = (
  name: string,
  found: Record<string, number>,
  golden: Readonly<Record<string, unknown>>,
) =>
  worstOf(
    name,
    Object.entries(found).map(([note, value]) => {
      const expected = Number(golden[note]);
      return { note, error: Math.abs(value - expected) / Math.abs(expected) };
    }),
  );

/** The reference's three batches, of which all rows are labelled for the batch's own task. */
function batchesOf({ batch: n, inputs }: Golden, { fromTypedArray, ones }: Torch): TaskBatch[] {
  const matrix = (values: readonly number[], requiresGrad = false) =>
    fromTypedArray(Float32Array.from(values), [n, values.length / n], { requiresGrad });
  const perTask = (values: Record<Task, number[]>, requiresGrad = false) =>
    Object.fromEntries(TASKS.map((task) => [task, matrix(values[task], requiresGrad)]));
  const oneHot = inputs.labels.EXPR.flatMap((label) => ABAW1.expressions.map((_, k) => Number(k === label)));
  const labels = {
    EXPR: { target: matrix(oneHot), known: ones([n]) },
    AU: { target: matrix(inputs.labels.AU), known: ones([n, ABAW1.actionUnits.length]) },
    VA: { target: matrix(inputs.labels.VA), known: ones([n, 2]) },
  };
  return TASKS.map((task) => ({
    task,
    logits: perTask(inputs.student_logits[task], true),
    teacher: perTask(inputs.teacher_logits[task]),
    labels: { [task]: labels[task] },
  }));
}

function casesOf(golden: Golden, torch: Torch, losses: Losses): ParityCase[] {
  const loss = losses.LOSS.parse({});
  const distillation = losses.DISTILLATION.parse({
    temperature: golden.temperature,
    lambdaTeacher: golden.lambda_teacher,
  });
  const logged = ({ total, parts }: Objective) => ({
    ...Object.fromEntries(Object.entries(parts).map(([key, part]) => [`loss_${key}`, part.item()])),
    loss: total.item(),
  });
  const gradientError = (batch: TaskBatch, output: Task, expected: readonly number[]) => ({
    note: `${output} of the ${batch.task} batch`,
    error: largestDifference(expected, Array.from(batch.logits[output]?.grad?.toTypedArray() ?? [], Number)),
  });

  const ofTeacher = batchesOf(golden, torch);
  const teacher = losses.teacherObjective(ofTeacher, loss);
  teacher.total.backward();
  const ofStudent = batchesOf(golden, torch);
  const student = losses.studentObjective(ofStudent, loss, distillation);
  student.total.backward();
  const [EXPR, AU] = ofTeacher as [TaskBatch, TaskBatch];
  const focal = losses.LOSS.parse({ AU: 'focal', EXPR: 'focal' });

  return [
    compareLosses('teacher', logged(teacher), golden.teacher_objective),
    worstOf(
      'teacher, gradients',
      ofTeacher.map((batch) => gradientError(batch, batch.task, golden.teacher_objective.grad[batch.task])),
    ),
    compareLosses('student', logged(student), golden.student_objective),
    worstOf(
      'student, gradients',
      ofStudent.flatMap((batch) =>
        TASKS.map((output) =>
          gradientError(batch, output, golden.student_objective.grad[batch.task][output]),
        ),
      ),
    ),
    compareLosses(
      'focal',
      {
        EXPR: losses.expressionLoss(EXPR.logits.EXPR as Tensor, EXPR.labels.EXPR as Label, focal).item(),
        AU: losses.actionUnitLoss(AU.logits.AU as Tensor, AU.labels.AU as Label, focal).item(),
      },
      golden.focal,
    ),
  ];
}

export const LOSSES: ParityPart = {
  name: 'losses',
  needs: [FILE],
  async lacking() {
    const { engine } = await examineEngine();
    return engine.found ? undefined : engine.reason;
  },
  async *check(folder) {
    const cases = GOLDEN.parse(await readGolden(folder, FILE));
    const [torch, losses] = await Promise.all([import('@mien/torch'), import('../learning/losses/index.js')]);
    for (const [i, golden] of cases.entries()) {
      const compared = torch.tidy(() => casesOf(golden, torch, losses));
      for (const one of compared) yield { ...one, name: `case ${i} (${golden.batch} rows): ${one.name}` };
    }
  },
};
