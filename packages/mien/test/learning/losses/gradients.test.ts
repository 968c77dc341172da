import type { Tensor } from '@mien/torch';
import {
  actionUnitLoss,
  classDivergence,
  DISTILLATION,
  dimensionLoss,
  expressionLoss,
  LOSS,
  studentObjective,
  teacherObjective,
  UncertaintyWeights,
  unitCrossEntropy,
} from 'mien/learning/losses';
import { Random } from 'mien/random';
import { describe, expect, it } from 'vitest';
import { CLASSES, expectGradient, normal, numbers, someBatches, someLabels, UNITS } from './support.js';

const N = 6;
const UNIT_WEIGHTS = [1, 2, 0.5, 3, 1, 1, 4, 0];
const CLASS_WEIGHTS = [1, 2, 0.5, 3, 1, 1, 4];

describe('gradients are those of finite differences, with random masks', () => {
  it.each([
    { AU: 'bce' },
    { AU: 'bce', unitWeights: UNIT_WEIGHTS },
    { AU: 'focal' },
    { AU: 'focal', focalGamma: 0.5, focalAlpha: 0.3 },
    { AU: 'asymmetric' },
    { AU: 'asymmetric', asymmetric: { gammaPositive: 1, gammaNegative: 2, clip: 0 } },
    {
      AU: 'asymmetric',
      asymmetric: { gammaPositive: 0.5, gammaNegative: 0.5, clip: 0.2 },
      unitWeights: UNIT_WEIGHTS,
    },
  ])('action units: %o', (settings) => {
    const random = Random.seeded(1);
    const { AU } = someLabels(N, random);
    const loss = LOSS.parse(settings);
    expectGradient((x) => actionUnitLoss(x, AU, loss), normal([N, UNITS], random, 2));
  });

  it.each([
    { EXPR: 'ce' },
    { EXPR: 'ce', labelSmoothing: 0.1, classWeights: CLASS_WEIGHTS },
    { EXPR: 'focal' },
    { EXPR: 'focal', focalGamma: 0.5, focalAlpha: 0.3, labelSmoothing: 0.1, classWeights: CLASS_WEIGHTS },
  ])('expressions: %o', (settings) => {
    const random = Random.seeded(2);
    const { EXPR } = someLabels(N, random);
    const loss = LOSS.parse(settings);
    expectGradient((x) => expressionLoss(x, EXPR, loss), normal([N, CLASSES], random, 2));
  });

  it.each([
    { VA: 'ccc' },
    { VA: 'ccc', epsilon: 0.1, weights: { ccc: 2 } },
    { VA: 'ccc-ce', decoding: 'centres', labelSmoothing: 0.1 },
    { VA: 'ccc-focal', bins: 'points' },
  ])('valence and arousal: %o', (settings) => {
    const random = Random.seeded(3);
    const { target, known } = someLabels(N, random).VA;
    const label = { target: target.select(1, 0), known: known.select(1, 0) };
    const loss = LOSS.parse(settings);
    expectGradient((x) => dimensionLoss(x, label, loss), normal([N, 20], random, 2));
  });

  it.each([{}, { temperature: 3, temperatureSquared: true }])('distillation: %o', (settings) => {
    const random = Random.seeded(4);
    const distillation = DISTILLATION.parse(settings);
    const [teacher, student] = [normal([N, 20], random), normal([N, 20], random)];
    expectGradient((x) => classDivergence(x, teacher, distillation).sum(), student);
    const [units, student2] = [normal([N, UNITS], random), normal([N, UNITS], random)];
    expectGradient((x) => unitCrossEntropy(x, units).sum(), student2);
  });

  it.each([
    { labels: 'own', by: teacherObjective },
    { labels: 'all', by: teacherObjective },
    { labels: 'own', by: studentObjective },
    { labels: 'all', by: studentObjective },
  ] as const)('objective: $by.name, $labels labels, learned weights', ({ labels, by }) => {
    const batches = someBatches(4, 5);
    const loss = LOSS.parse({ labels });
    const weights = new UncertaintyWeights();
    const objectiveWith = (x: Tensor, task: 'EXPR' | 'AU' | 'VA') => {
      const [first, ...others] = batches as [(typeof batches)[number]];
      const changed = [{ ...first, logits: { ...first.logits, [task]: x } }, ...others];
      return by === teacherObjective
        ? teacherObjective(changed, loss, weights).total
        : studentObjective(changed, loss, DISTILLATION.parse({}), weights).total;
    };
    for (const task of ['EXPR', 'AU', 'VA'] as const)
      expectGradient((x) => objectiveWith(x, task), batches[0]?.logits[task] as Tensor);
  });

  it('reach learned weights, and no teacher', () => {
    const batches = someBatches(4, 6, 1);
    const weights = new UncertaintyWeights();
    const { total, parts } = studentObjective(batches, LOSS.parse({}), DISTILLATION.parse({}), weights);
    total.backward();
    const expected = (['EXPR', 'AU', 'valence', 'arousal'] as const).map(
      (output) => 0.5 - (parts[output] as Tensor).item(),
    );
    numbers(weights.log_variance.grad as Tensor).forEach((one, i) => {
      expect(one).toBeCloseTo(expected[i] as number, 5);
    });
    for (const { teacher } of batches)
      for (const logits of Object.values(teacher ?? {})) expect(logits.grad).toBeNull();
  });
});
