// What a network is made by, as plain data: it stands in recipes and in every model file.

import * as z from 'zod';
import { type LabelSchema, LabelSchemaError, parseLabelSchema, TASKS, type Task } from '../labels/index.js';

/** Points per dimension of valence and arousal, over which a network gives a distribution. */
export const VA_BINS = 20;

const SCHEMA = z.unknown().transform((value, context): LabelSchema => {
  try {
    return parseLabelSchema(value);
  } catch (error) {
    if (!(error instanceof LabelSchemaError)) throw error;
    context.addIssue({ code: 'custom', message: `the label schema ${error.message}` });
    return z.NEVER;
  }
});

export const NETWORK_SPEC = z.strictObject({
  /** Name in the registry. */
  backbone: z.string(),
  /** Edge of the square input, pixels. */
  inputSize: z.number().int().min(8).max(2048),
  /** At least one, in the order of `TASKS`. */
  tasks: z.array(z.enum(TASKS)).min(1),
  schema: SCHEMA,
  /** Length of each task's feature. */
  hidden: z.number().int().min(1).max(65536),
  /** Probability of dropping a number before each linear layer of the heads. */
  dropout: z.number().min(0).lt(1),
  sequence: z
    .strictObject({
      /** Frames of a window in training; a network takes other lengths too. */
      length: z.number().int().min(1).max(65536),
      /** GRU units of each direction. */
      hidden: z.number().int().min(1).max(65536),
    })
    .optional(),
});

export type NetworkSpec = z.infer<typeof NETWORK_SPEC>;

/** How many logits a task has: a class each, an action unit each, or the bins of valence and then of arousal. */
export function outputsOf({ schema }: Pick<NetworkSpec, 'schema'>, task: Task): number {
  const outputs = { EXPR: schema.expressions.length, AU: schema.actionUnits.length, VA: 2 * VA_BINS };
  return outputs[task];
}
