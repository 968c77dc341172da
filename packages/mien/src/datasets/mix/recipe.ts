// What a mixing recipe may say. The order of the settings here is the order in which they are applied to an input.

import * as z from 'zod';
import { isActionUnit, SCHEMAS, TASKS } from '../../labels/index.js';
import { SPLITS } from '../face-row.js';

const count = z.int().min(1);
const fraction = z.number().min(0).max(1);

const GROUP_SPLIT = z.strictObject({
  /** Rows of one subject, or of one clip, stay together. */
  by: z.enum(['subject', 'clip']),
  /** Shares of the groups; together 1. */
  train: fraction.default(0),
  validation: fraction.default(0),
  test: fraction.default(0),
  seed: z.int().min(0).max(0xffff_ffff).default(0),
  /** `numpy-legacy` orders the sorted groups as the reference does. */
  permutation: z.enum(['mien', 'numpy-legacy']).default('mien'),
});

export type GroupSplit = z.infer<typeof GROUP_SPLIT>;

const SETTINGS = z.strictObject({
  manifest: z.string().min(1),
  /** Data set → folder, where the data lie elsewhere than the manifest says. */
  roots: z.record(z.string(), z.string()).default({}),
  /** Old name of a data set → new name. */
  datasets: z.record(z.string(), z.string().min(1)).default({}),
  /** Rows of other splits are dropped. */
  splits: z.array(z.enum(SPLITS)).min(1).optional(),
  /** Expression → the one it becomes, or null: the label is taken away. */
  expressions: z.record(z.string(), z.string().nullable()).default({}),
  /** Labels of other action units are taken away. */
  actionUnits: z.array(z.string().refine(isActionUnit, 'a name such as AU12')).min(1).optional(),
  /** Labels of other tasks are taken away, rows that then have none are dropped. */
  tasks: z.array(z.enum(TASKS)).min(1).optional(),
  /** Rows with some labels of a task missing are dropped. */
  complete: z.boolean().default(false),
  /** Rows 0, n, 2n, … of those left are kept. */
  every: count.default(1),
  /** One after the other: of the rows with this expression those are kept whose number among all rows left is 0, n, 2n, … */
  thin: z.array(z.strictObject({ expression: z.string(), every: count })).default([]),
  /** Expression → the most rows that are kept of it, spread evenly. */
  caps: z.record(z.string(), count).default({}),
  /** The split that all rows get. */
  assign: z.enum(SPLITS).optional(),
  /** Or: rows are given to splits by group. */
  split: GROUP_SPLIT.optional(),
});

const INPUT = SETTINGS.refine(({ assign, split }) => assign === undefined || split === undefined, {
  message: 'either "assign" or "split"',
  path: ['split'],
});

export type MixInput = z.infer<typeof INPUT>;

export const MIX_RECIPE = z.strictObject({
  /** A built-in label schema by name, or one spelled out; the schema of the inputs when they agree. */
  schema: z
    .union(
      [z.enum([...SCHEMAS.keys()]), z.looseObject({ name: z.string() })],
      `${[...SCHEMAS.keys()].join(', ')}, or a schema with "name", "actionUnits" and "expressions"`,
    )
    .optional(),
  inputs: z.array(INPUT).min(1),
  /** Expression → the most training rows that are kept of it in the whole mixture, spread evenly. */
  caps: z.record(z.string(), count).default({}),
  /** A subject, clip or picture on two sides of the split ends the mixing, or is only told. */
  leaks: z.enum(['error', 'report']).default('error'),
});

export type MixRecipe = z.infer<typeof MIX_RECIPE>;
