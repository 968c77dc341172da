import { cat, type Tensor } from '@mien/torch';
import {
  actionUnitLoss,
  classDivergence,
  DISTILLATION,
  dimensionLoss,
  expressionLoss,
  type Label,
  LOSS,
  OUTPUTS,
  type Output,
  studentObjective,
  type TaskBatch,
  teacherObjective,
  UncertaintyWeights,
  unitCrossEntropy,
} from 'mien/learning/losses';
import { describe, expect, it } from 'vitest';
import { matrix, someBatches } from './support.js';

const N = 6;
const loss = LOSS.parse({});

/** Of one output of a batch: its loss on known labels, and its distance from the teacher. */
function termsOf(output: Output, batch: TaskBatch) {
  const task = output === 'EXPR' || output === 'AU' ? output : 'VA';
  const [logits, teacher, label] = [batch.logits[task], batch.teacher?.[task], batch.labels[task]] as [
    Tensor,
    Tensor,
    Label,
  ];
  const distillation = DISTILLATION.parse({});
  if (output === 'EXPR')
    return {
      truth: expressionLoss(logits, label, loss).item(),
      distance: classDivergence(logits, teacher, distillation).mean().item(),
    };
  if (output === 'AU')
    return {
      truth: actionUnitLoss(logits, label, loss).item(),
      distance: unitCrossEntropy(logits, teacher).mean().item(),
    };
  const k = output === 'valence' ? 0 : 1;
  const own = (x: Tensor) => x.narrow(1, 20 * k, 20);
  const ofDimension = { target: label.target.select(1, k), known: label.known.select(1, k) };
  return {
    truth: dimensionLoss(own(logits), ofDimension, loss).item(),
    distance: classDivergence(own(logits), own(teacher), distillation).mean().item(),
  };
}

const taskOf = (output: Output) => (output === 'EXPR' || output === 'AU' ? output : 'VA');
const WEIGHT = { EXPR: 1, AU: 8, valence: 1, arousal: 1 };

describe("the teacher's objective", () => {
  it("is the weighted sum of each batch's own loss", () => {
    const batches = someBatches(N, 1);
    const { total, parts } = teacherObjective(batches, loss);
    let expected = 0;
    for (const output of OUTPUTS) {
      const own = batches.find(({ task }) => task === taskOf(output)) as TaskBatch;
      const { truth } = termsOf(output, own);
      expect(parts[output]?.item()).toBeCloseTo(truth, 12);
      expected += WEIGHT[output] * truth;
    }
    expect(total.item()).toBeCloseTo(expected, 12);
  });

  it('of all labels takes the rows of all batches as of one', () => {
    const batches = someBatches(N, 2);
    const joined = (pick: (batch: TaskBatch) => Tensor) => cat(batches.map(pick));
    const together = actionUnitLoss(
      joined(({ logits }) => logits.AU as Tensor),
      {
        target: joined(({ labels }) => (labels.AU as Label).target),
        known: joined(({ labels }) => (labels.AU as Label).known),
      },
      loss,
    );
    const { parts } = teacherObjective(batches, LOSS.parse({ labels: 'all' }));
    expect(parts.AU?.item()).toBeCloseTo(together.item(), 12);
  });

  it('has only the parts that its batches serve', () => {
    const [EXPR] = someBatches(N, 3);
    expect(Object.keys(teacherObjective([EXPR as TaskBatch], loss).parts)).toEqual(['EXPR']);
    const all = LOSS.parse({ labels: 'all' });
    expect(Object.keys(teacherObjective([EXPR as TaskBatch], all).parts)).toEqual([...OUTPUTS]);
  });
});

describe("the student's objective", () => {
  it('mixes label and teacher in a batch of the task, and has the teacher alone in others', () => {
    const batches = someBatches(N, 4, 1);
    const { total, parts } = studentObjective(batches, loss, DISTILLATION.parse({ lambdaTeacher: 0.3 }));
    let expected = 0;
    for (const output of OUTPUTS) {
      const summands = batches.map((batch) => {
        const { truth, distance } = termsOf(output, batch);
        return batch.task === taskOf(output) ? 0.3 * distance + 0.7 * truth : distance;
      });
      const part = summands.reduce((a, b) => a + b) / 3;
      expect(parts[output]?.item()).toBeCloseTo(part, 12);
      expected += part;
    }
    expect(total.item()).toBeCloseTo(expected, 12);
  });

  it('mixes row by row: a row without a label has the teacher alone', () => {
    const known = matrix([1, 0, 1, 1, 0, 0], [N]);
    const [batch] = someBatches(N, 5) as [TaskBatch];
    const label = { target: (batch.labels.EXPR as Label).target, known };
    const rows = Array.from({ length: N }, (_, i) => {
      const row = (x: Tensor) => x.narrow(0, i, 1);
      const [logits, teacher] = [row(batch.logits.EXPR as Tensor), row(batch.teacher?.EXPR as Tensor)];
      const distance = classDivergence(logits, teacher, DISTILLATION.parse({})).item();
      if (known.select(0, i).item() === 0) return distance;
      const truth = expressionLoss(logits, { target: row(label.target), known: row(known) }, loss).item();
      return 0.4 * distance + 0.6 * truth;
    });
    const { parts } = studentObjective([{ ...batch, labels: { EXPR: label } }], loss, DISTILLATION.parse({}));
    expect(parts.EXPR?.item()).toBeCloseTo(rows.reduce((a, b) => a + b) / N, 12);
  });

  it('weighs outputs, and has the label alone where there is no teacher', () => {
    const batches = someBatches(N, 6, 1);
    const weights = { EXPR: 2, AU: 3, valence: 0, arousal: 5 };
    const { total, parts } = studentObjective(batches, loss, DISTILLATION.parse({ weights }));
    const expected = OUTPUTS.reduce(
      (sum, output) => sum + weights[output] * (parts[output] as Tensor).item(),
      0,
    );
    expect(total.item()).toBeCloseTo(expected, 12);
    const alone = batches.map(({ teacher: _, ...batch }) => batch);
    const without = studentObjective(alone, loss, DISTILLATION.parse({})).parts;
    const taught = teacherObjective(batches, loss).parts;
    for (const output of OUTPUTS)
      expect(without[output]?.item()).toBeCloseTo((taught[output] as Tensor).item() / 3, 12);
  });
});

it.each([
  teacherObjective,
  (batches: TaskBatch[], settings: typeof loss) =>
    studentObjective(batches, settings, DISTILLATION.parse({})),
])('rows that do not count have no part, in labels or distillation', (objective) => {
  const batches = someBatches(N, 7);
  const counts = matrix([1, 1, 0, 1, 1, 0], [N]);
  const rows = matrix([0, 1, 3, 4], [4]).long();
  const cut = (x: Tensor) => x.indexSelect(0, rows);
  const all = LOSS.parse({ labels: 'all' });
  const cutAll = (values: Partial<Record<string, Tensor>> = {}) =>
    Object.fromEntries(Object.entries(values).map(([task, one]) => [task, cut(one as Tensor)]));
  const fewer = batches.map(({ task, logits, teacher, labels }) => ({
    task,
    logits: cutAll(logits),
    teacher: cutAll(teacher),
    labels: Object.fromEntries(
      Object.entries(labels).map(([name, { target, known }]) => [
        name,
        { target: cut(target), known: cut(known) },
      ]),
    ),
  }));
  const masked = objective(
    batches.map((batch) => ({ ...batch, counts })),
    all,
  );
  expect(masked.total.item()).toBeCloseTo(objective(fewer, all).total.item(), 12);
});

it('learned weights change nothing at the start, then scale each loss and pay for it', () => {
  const batches = someBatches(N, 8);
  const weights = new UncertaintyWeights();
  const plain = teacherObjective(batches, loss);
  expect(teacherObjective(batches, loss, weights).total.item()).toBeCloseTo(plain.total.item(), 6);
  expect([...weights.stateDict().keys()]).toEqual(['log_variance']);
  weights.loadStateDict(new Map([['log_variance', matrix([0.5, -1, 2, 0], [4]).float()]]));
  const s = { EXPR: 0.5, AU: -1, valence: 2, arousal: 0 };
  const expected = OUTPUTS.reduce(
    (sum, output) =>
      sum + WEIGHT[output] * (plain.parts[output] as Tensor).item() * Math.exp(-s[output]) + s[output] / 2,
    0,
  );
  expect(teacherObjective(batches, loss, weights).total.item()).toBeCloseTo(expected, 5);
  const masked = someBatches(N, 8, 0);
  expect(teacherObjective(masked, loss, weights).total.item()).toBe(0);
});
