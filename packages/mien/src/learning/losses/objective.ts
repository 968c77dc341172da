// What training minimises: the teacher's objective, from labels alone, and the student's, from labels and a teacher.
// Formulas and choices: docs/losses.md.

import { cat, ones, onesLike, type Tensor, tidy, zeros } from '@mien/torch';
import type { Task } from '../../labels/index.js';
import { actionUnitLoss } from './action-units.js';
import { BINS } from './bins.js';
import { classDivergence, unitCrossEntropy } from './distillation.js';
import { expressionLoss } from './expression.js';
import type { LabelTensors } from './labels.js';
import { type Label, ratio } from './masked.js';
import type { DistillationSettings, LossSettings } from './settings.js';
import { OUTPUTS, type Output, type UncertaintyWeights } from './uncertainty.js';
import { dimensionLoss } from './valence-arousal.js';

/** One task's batch after the forward passes. */
export interface TaskBatch {
  /** Which task it was drawn for. */
  task: Task;
  /** EXPR [n, C], AU [n, K], VA [n, 40]: valence bins, then arousal bins. */
  logits: Partial<Record<Task, Tensor>>;
  labels: LabelTensors;
  /** The teacher's logits, for a student. */
  teacher?: Partial<Record<Task, Tensor>>;
  /** Rows that count [n], 0 or 1, in distillation as in labels. Default: all. */
  counts?: Tensor;
}

export interface Objective {
  /** Scalar with graph. */
  total: Tensor;
  /** Scalars, before weights; of the outputs for which there was a label tensor or a teacher. */
  parts: Partial<Record<Output, Tensor>>;
}

const TASK_OF = { EXPR: 'EXPR', AU: 'AU', valence: 'VA', arousal: 'VA' } as const;

/** Which of valence and arousal an output is. */
const DIMENSION: Partial<Record<Output, 0 | 1>> = { valence: 0, arousal: 1 };

const LABEL_LOSS: Record<Output, (logits: Tensor, label: Label, loss: LossSettings) => Tensor> = {
  EXPR: expressionLoss,
  AU: actionUnitLoss,
  valence: dimensionLoss,
  arousal: dimensionLoss,
};

type Divergence = (student: Tensor, teacher: Tensor, distillation: DistillationSettings) => Tensor;

const DIVERGENCE: Record<Output, Divergence> = {
  EXPR: classDivergence,
  AU: unitCrossEntropy,
  valence: classDivergence,
  arousal: classDivergence,
};

/** A batch as one output sees it. */
interface View {
  logits: Tensor;
  teacher: Tensor | undefined;
  label: Label | undefined;
  /** What counts: rows [n], of action units entries [n, K]. */
  counts: Tensor;
}

function viewOf(output: Output, batch: TaskBatch, labels: LossSettings['labels']): View | undefined {
  const task = TASK_OF[output];
  const dimension = DIMENSION[output];
  const own = (logits: Tensor | undefined) =>
    dimension === undefined ? logits : logits?.narrow(1, dimension * BINS, BINS);
  const logits = own(batch.logits[task]);
  if (logits === undefined) return undefined;
  const rows = batch.counts ?? ones([logits.size(0)], { device: logits.device });
  const counts = output === 'AU' ? rows.unsqueeze(1).expand(logits.shape) : rows;
  const given = labels === 'all' || batch.task === task ? batch.labels[task] : undefined;
  const ofOutput = (values: Tensor) => (dimension === undefined ? values : values.select(1, dimension));
  const label = given && { target: ofOutput(given.target), known: ofOutput(given.known).mul(counts) };
  return { logits, teacher: own(batch.teacher?.[task]), label, counts };
}

/** One output's place in the sum. */
interface Term {
  part: Tensor;
  /** 1 if the part is of anything, else 0. */
  served: Tensor;
}

/** The loss of all rows with labels as of one batch, so that a few labels among many rows weigh no more than others. */
function labelTerm(output: Output, views: readonly View[], loss: LossSettings): Term | undefined {
  const labelled = views.flatMap(({ logits, label }) => (label ? [{ logits, ...label }] : []));
  const [first, ...others] = labelled;
  if (first === undefined) return undefined;
  const joined = (key: keyof typeof first) =>
    others.length === 0 ? first[key] : cat(labelled.map((one) => one[key]));
  const [logits, target, known] = [joined('logits'), joined('target'), joined('known')];
  const part = LABEL_LOSS[output](logits, { target, known }, loss);
  return { part, served: known.sum().gt(0).to(part.dtype) };
}

/** Zero, for a step without any label or teacher: it has a graph, and no gradient. */
const nothing = ([batch]: readonly TaskBatch[]): Tensor => {
  const logits = batch && Object.values(batch.logits)[0];
  return logits ? logits.narrow(0, 0, 0).sum() : zeros([]);
};

interface Sum {
  batches: readonly TaskBatch[];
  loss: LossSettings;
  uncertainty: UncertaintyWeights | undefined;
  weights: Readonly<Record<Output, number>>;
  termOf: (output: Output, views: readonly View[]) => Term | undefined;
}

function sumOf({ batches, loss, uncertainty, weights, termOf }: Sum): Objective {
  return tidy(() => {
    const parts: Objective['parts'] = {};
    let total: Tensor | undefined;
    for (const output of OUTPUTS) {
      const views = batches.flatMap((batch) => viewOf(output, batch, loss.labels) ?? []);
      const term = termOf(output, views);
      if (term === undefined) continue;
      parts[output] = term.part;
      const weighted = term.part.mul(weights[output]);
      const summand = uncertainty ? uncertainty.forward(output, weighted, term.served) : weighted;
      total = total ? total.add(summand) : summand;
    }
    return { total: total ?? nothing(batches), parts };
  });
}

/**
 * Σ_j weights_j·G_j over the outputs j: G_j is the loss of the labels, a mean over what is known.
 * @param uncertainty learned weights beside those of `loss`
 */
export function teacherObjective(
  batches: readonly TaskBatch[],
  loss: LossSettings,
  uncertainty?: UncertaintyWeights,
): Objective {
  const termOf: Sum['termOf'] = (output, views) => labelTerm(output, views, loss);
  return sumOf({ batches, loss, uncertainty, weights: loss.weights, termOf });
}

/**
 * Σ_j weights_j·ℓ_j, with ℓ_j the mean over the batches of the mean over their rows of
 * λ_T·D + (1 − λ_T)·G where the row's label is known, and D where it is not. So a batch of which all rows are labelled,
 * and one of which none is, are both as in the reference. Where there is no teacher of an output, G stands alone.
 */
export function studentObjective(
  batches: readonly TaskBatch[],
  loss: LossSettings,
  distillation: DistillationSettings,
  uncertainty?: UncertaintyWeights,
): Objective {
  const { lambdaTeacher, weights } = distillation;
  const termOf: Sum['termOf'] = (output, views) => {
    const truth = labelTerm(output, views, loss);
    const summands: Tensor[] = [];
    for (const { logits, teacher, label, counts } of views) {
      const size = counts.sum();
      if (teacher) {
        const costs = DIVERGENCE[output](logits, teacher, distillation);
        const shares = label ? counts.sub(label.known.mul(1 - lambdaTeacher)) : counts;
        summands.push(ratio(costs.mul(shares).sum(), size));
      }
      if (label && truth) {
        const known = ratio(label.known.sum(), size);
        summands.push(truth.part.mul(known.mul(teacher ? 1 - lambdaTeacher : 1)));
      }
    }
    const [first, ...others] = summands;
    if (first === undefined) return undefined;
    const part = others.reduce((sum, one) => sum.add(one), first).div(batches.length);
    const distilled = views.some(({ teacher }) => teacher);
    return { part, served: distilled || !truth ? onesLike(part) : truth.served };
  };
  return sumOf({ batches, loss, uncertainty, weights, termOf });
}
