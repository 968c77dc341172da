// The three tasks, in the order that fixes the heads of the reference's checkpoints.

import type { LabelSchema } from './schema.js';

/** Expression, action units, valence and arousal. */
export const TASKS = ['EXPR', 'AU', 'VA'] as const;

export type Task = (typeof TASKS)[number];

/** The tasks that a face's labels serve: one that is only partly labelled counts, and valence needs arousal. */
export function tasksOf(
  labels: {
    expression?: string | undefined;
    valence?: number | undefined;
    arousal?: number | undefined;
    actionUnits?: readonly (0 | 1 | undefined)[] | undefined;
  },
  schema: LabelSchema,
): Task[] {
  const tasks: Task[] = [];
  if (labels.expression !== undefined && schema.expressions.includes(labels.expression)) tasks.push('EXPR');
  if (labels.actionUnits?.some((label) => label !== undefined)) tasks.push('AU');
  if (labels.valence !== undefined && labels.arousal !== undefined) tasks.push('VA');
  return tasks;
}
