// Labels and outputs for tests of judging, of as few words as possible.

import type { Grouping, ModelOutput, Truth } from 'mien/judging';
import type { LabelSchema } from 'mien/labels';
import { Random } from 'mien/random';

/** Two action units and three expressions. */
export const SMALL: LabelSchema = {
  name: 'small',
  actionUnits: ['AU1', 'AU12'],
  expressions: ['neutral', 'anger', 'happiness'],
};

export const grouping = (codes: ArrayLike<number>): Grouping => ({
  codes: Int32Array.from(codes),
  names: Array.from({ length: Math.max(-1, ...Array.from(codes)) + 1 }, (_, code) => `group ${code}`),
});

export interface TruthParts {
  schema?: LabelSchema;
  /** What is not given is not known. */
  expression?: ArrayLike<number>;
  actionUnits?: ArrayLike<number>;
  actionUnitsKnown?: ArrayLike<number>;
  valenceArousal?: ArrayLike<number>;
  /** Default: a clip for each face */
  clip?: ArrayLike<number>;
  frame?: ArrayLike<number>;
  /** Default: the clip */
  cluster?: ArrayLike<number>;
}

export function truthWith(length: number, parts: TruthParts = {}): Truth {
  const { schema = SMALL, clip = Array.from({ length }, (_, i) => i), cluster = clip } = parts;
  const units = schema.actionUnits.length;
  const known = (given: unknown, width: number) => new Uint8Array(length * width).fill(given ? 1 : 0);
  return {
    schema,
    length,
    expression: Int32Array.from(parts.expression ?? new Int32Array(length)),
    expressionKnown: known(parts.expression, 1),
    actionUnits: Float32Array.from(parts.actionUnits ?? new Float32Array(length * units)),
    actionUnitsKnown: Uint8Array.from(parts.actionUnitsKnown ?? known(parts.actionUnits, units)),
    valenceArousal: Float32Array.from(parts.valenceArousal ?? new Float32Array(length * 2)),
    valenceArousalKnown: known(parts.valenceArousal, 2),
    dataset: { codes: new Int32Array(length), names: ['drawn'] },
    cluster: grouping(cluster),
    clusteredBy: 'clip',
    clip: grouping(clip),
    frame: Int32Array.from(parts.frame ?? new Int32Array(length)),
  };
}

/** Logits with a standard deviation of `spread`, values from −1 to 1. */
export function outputWith(length: number, seed: number, { schema = SMALL, spread = 2 } = {}): ModelOutput {
  const random = Random.seeded(seed);
  const normal = (width: number) =>
    Float32Array.from({ length: length * width }, () => spread * random.normal());
  return {
    name: `model ${seed}`,
    schema,
    length,
    EXPR: normal(schema.expressions.length),
    AU: normal(schema.actionUnits.length),
    VA: Float32Array.from({ length: 2 * length }, () => random.between(-1, 1)),
  };
}

export const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

export function softmax(logits: readonly number[]): number[] {
  const exps = logits.map(Math.exp);
  const sum = exps.reduce((a, b) => a + b, 0);
  return exps.map((one) => one / sum);
}

/** The rows of a table. */
export const rowsOf = (values: ArrayLike<number>, width: number): number[][] =>
  Array.from({ length: values.length / width }, (_, i) =>
    Array.from(values).slice(i * width, (i + 1) * width),
  );
