// The `loss` and `distillation` sections of a recipe: every key has a default, which is what the reference does.

import * as z from 'zod';

const weight = () => z.number().min(0);
const perOutput = (EXPR: number, AU: number, valence: number, arousal: number) => ({
  EXPR: weight().default(EXPR),
  AU: weight().default(AU),
  valence: weight().default(valence),
  arousal: weight().default(arousal),
});

export const LOSS = z.strictObject({
  /** Factors in the teacher's sum. `ccc` stands before 1 − CCC, in the student's objective too. */
  weights: z.strictObject({ ...perOutput(1, 8, 1, 1), ccc: weight().default(1) }).prefault({}),
  /** Criterion of action units. */
  AU: z.enum(['bce', 'focal', 'asymmetric']).default('bce'),
  /** Criterion of expressions: cross entropy or focal. */
  EXPR: z.enum(['ce', 'focal']).default('ce'),
  /** Criterion of valence and of arousal: concordance, alone or with a criterion on the 20 bins. */
  VA: z.enum(['ccc', 'ccc-ce', 'ccc-focal']).default('ccc-ce'),
  /** γ and α of the focal criteria; α is a factor of the positive term only. */
  focalGamma: weight().default(2),
  focalAlpha: weight().default(1),
  /** Of the asymmetric criterion; `clip` is taken off the probability of negatives. */
  asymmetric: z
    .strictObject({
      gammaPositive: weight().default(0),
      gammaNegative: weight().default(4),
      clip: z.number().min(0).lt(1).default(0.05),
    })
    .prefault({}),
  /** Share of an expression's, and of a bin's, target that is spread evenly over all classes. */
  labelSmoothing: z.number().min(0).lt(1).default(0),
  /** How a value becomes a bin: by the edges −1 + 0.1k, or as the nearest of the points that decoding uses. */
  bins: z.enum(['edges', 'points']).default('edges'),
  /** The precision of a value that is compared with the edges: decides where a value on an edge goes. */
  ties: z.enum(['float32', 'float64']).default('float32'),
  /** The 20 values that bins stand for: evenly from −1 to 1, or the bins' centres −0.95 … 0.95. */
  decoding: z.enum(['endpoints', 'centres']).default('endpoints'),
  /** Added to the denominator of CCC. */
  epsilon: weight().default(0),
  /** Whether a batch gives only the loss of the task that it was drawn for, or of every label that its rows carry. */
  labels: z.enum(['own', 'all']).default('own'),
  /** A weight for each expression, and a weight of the positive term for each action unit, in the schema's order. */
  classWeights: z.array(weight()).nullable().default(null),
  unitWeights: z.array(weight()).nullable().default(null),
  /** Whether the outputs' weights are learned beside `weights` (`UncertaintyWeights`). */
  learnedWeights: z.boolean().default(false),
});

export type LossSettings = z.infer<typeof LOSS>;

export const DISTILLATION = z.strictObject({
  /** Divides the logits of expressions and bins on both sides; action units have none. */
  temperature: z.number().positive().default(1.5),
  /** Whether the divergences are multiplied by the temperature's square. */
  temperatureSquared: z.boolean().default(false),
  /** Share of the teacher where there is a label. */
  lambdaTeacher: z.number().min(0).max(1).default(0.4),
  /** Factors in the student's sum. */
  weights: z.strictObject(perOutput(1, 1, 1, 1)).prefault({}),
});

export type DistillationSettings = z.infer<typeof DISTILLATION>;
