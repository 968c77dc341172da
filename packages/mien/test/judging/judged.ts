// Faces with labels that are known in part, and what members say of them, drawn at random.

import type { Estimates, Truth } from 'mien/judging';
import type { LabelSchema } from 'mien/labels';
import { Random } from 'mien/random';

export const SCHEMA: LabelSchema = {
  name: 'small',
  actionUnits: ['AU1', 'AU4', 'AU12'],
  expressions: ['neutral', 'anger', 'fear', 'other'],
};
const [UNITS, CLASSES] = [SCHEMA.actionUnits.length, SCHEMA.expressions.length];

/** @param clusters of about n / clusters faces each; a clip is a cluster */
export function drawTruth(n: number, clusters: number, seed = 1, known = 0.8): Truth {
  const random = Random.seeded(seed);
  const flags = (length: number) => Uint8Array.from({ length }, () => Number(random.chance(known)));
  const codes = Int32Array.from({ length: n }, (_, i) => Math.floor((i * clusters) / n));
  const names = Array.from({ length: clusters }, (_, i) => `set/clip ${i}`);
  return {
    schema: SCHEMA,
    length: n,
    expression: Int32Array.from({ length: n }, () => random.integer(CLASSES)),
    expressionKnown: flags(n),
    actionUnits: Float32Array.from({ length: n * UNITS }, () => Number(random.chance(0.3))),
    actionUnitsKnown: flags(n * UNITS),
    valenceArousal: Float32Array.from({ length: 2 * n }, () => random.between(-1, 1)),
    valenceArousalKnown: flags(2 * n),
    dataset: { codes: new Int32Array(n), names: ['set'] },
    cluster: { codes, names },
    clusteredBy: 'clip',
    clip: { codes, names },
    frame: Int32Array.from({ length: n }, (_, i) => i),
  };
}

/** A member that is right more often than not. */
export function drawEstimates(truth: Truth, name = 'one', seed = 2, skill = 0.6): Estimates {
  const random = Random.seeded(seed);
  const n = truth.length;
  const classes = truth.expression.map((fact) => (random.chance(skill) ? fact : random.integer(CLASSES)));
  const sure = Array.from(classes, () => random.between(0.4, 1));
  const probabilities = truth.actionUnits.map((fact) =>
    random.chance(skill) ? 0.2 + 0.6 * fact : random.float(),
  );
  return {
    name,
    schema: truth.schema,
    length: n,
    EXPR: {
      classes,
      probabilities: Float32Array.from({ length: n * CLASSES }, (_, i) => {
        const [row, k] = [Math.floor(i / CLASSES), i % CLASSES];
        const most = sure[row] as number;
        return k === classes[row] ? most : (1 - most) / (CLASSES - 1);
      }),
    },
    AU: { decisions: Uint8Array.from(probabilities, (one) => Number(one > 0.5)), probabilities },
    VA: { values: truth.valenceArousal.map((fact) => skill * fact + random.between(-0.4, 0.4)) },
  };
}

/** Every face k times, side by side, in the clusters of the first. */
export function repeated(
  truth: Truth,
  estimates: Estimates,
  k: number,
): { truth: Truth; estimates: Estimates } {
  const n = truth.length * k;
  const rows = Int32Array.from({ length: n }, (_, i) => Math.floor(i / k));
  return { truth: pickTruth(truth, rows), estimates: pickEstimates(estimates, rows) };
}

type Values = Int32Array | Uint8Array | Float32Array;

function pick<T extends Values>(values: T, width: number, rows: Int32Array): T {
  const picked = new (values.constructor as new (length: number) => T)(rows.length * width);
  rows.forEach((row, i) => {
    picked.set(values.subarray(row * width, (row + 1) * width), i * width);
  });
  return picked;
}

/** Some faces, in any order and number. */
export function pickTruth(truth: Truth, rows: Int32Array): Truth {
  const group = (of: Truth['clip']) => ({ ...of, codes: pick(of.codes, 1, rows) });
  return {
    ...truth,
    length: rows.length,
    expression: pick(truth.expression, 1, rows),
    expressionKnown: pick(truth.expressionKnown, 1, rows),
    actionUnits: pick(truth.actionUnits, UNITS, rows),
    actionUnitsKnown: pick(truth.actionUnitsKnown, UNITS, rows),
    valenceArousal: pick(truth.valenceArousal, 2, rows),
    valenceArousalKnown: pick(truth.valenceArousalKnown, 2, rows),
    dataset: group(truth.dataset),
    cluster: group(truth.cluster),
    clip: group(truth.clip),
    frame: pick(truth.frame, 1, rows),
    ...(truth.group && { group: group(truth.group) }),
  };
}

export function pickEstimates(estimates: Estimates, rows: Int32Array): Estimates {
  const { EXPR, AU, VA, ...rest } = estimates;
  return {
    ...rest,
    length: rows.length,
    ...(EXPR && {
      EXPR: {
        classes: pick(EXPR.classes, 1, rows),
        ...(EXPR.probabilities && { probabilities: pick(EXPR.probabilities, CLASSES, rows) }),
      },
    }),
    ...(AU && {
      AU: {
        decisions: pick(AU.decisions, UNITS, rows),
        ...(AU.probabilities && { probabilities: pick(AU.probabilities, UNITS, rows) }),
      },
    }),
    ...(VA && { VA: { values: pick(VA.values, 2, rows) } }),
  };
}
