// What models say of n faces: before anything was decided, and after. Typed arrays, row-major; a task that a model lacks is
// left out.

import type { LabelSchema, Task } from '../labels/index.js';

/** One model's output. */
export interface ModelOutput {
  /** Such as `teacher`, `student_0`, or the name of a file. */
  name: string;
  schema: LabelSchema;
  /** n */
  length: number;
  /** Logits [n, C], for the softmax. */
  EXPR?: Float32Array;
  /** Logits [n, K], for the sigmoid. */
  AU?: Float32Array;
  /** Valence and arousal [n, 2], as decoded from their bins. */
  VA?: Float32Array;
}

/** What one model, several as one, or a file of predictions says in the end. */
export interface Estimates {
  name: string;
  schema: LabelSchema;
  /** n */
  length: number;
  EXPR?: {
    /** [n] */
    classes: Int32Array;
    /** [n, C], each row with sum 1; not known of files that hold decisions alone. */
    probabilities?: Float32Array;
  };
  AU?: {
    /** [n, K] 0 or 1. */
    decisions: Uint8Array;
    /** [n, K] */
    probabilities?: Float32Array;
  };
  VA?: {
    /** Valence and arousal [n, 2]. */
    values: Float32Array;
  };
  /** How much the members of an ensemble disagree, for each face [n]; 0: not at all. */
  disagreement?: Partial<Record<Task, Float32Array>>;
}
