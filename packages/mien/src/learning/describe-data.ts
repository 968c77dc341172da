// What a phase's data hold, for its report: samples and labels of each task and side.

import { rowsOf, type SplitOrNone, TRAINING } from '../datasets/index.js';
import type { LabelSchema, Task } from '../labels/index.js';
import type { LabelBatch } from '../loading/index.js';
import type { PhaseData } from './phase-data.js';

export interface DataDescription {
  task: Task;
  split: 'train' | 'validation';
  /** Faces. */
  samples: number;
  /** Faces by what they show: classes, or action units that are present. */
  labels: Record<string, number>;
}

const SIDES: Readonly<Record<DataDescription['split'], readonly SplitOrNone[]>> = {
  train: TRAINING,
  validation: ['validation'],
};

const COUNT: Record<Task, (labels: LabelBatch, schema: LabelSchema) => Record<string, number>> = {
  EXPR: ({ expression, expressionKnown }, { expressions }) =>
    Object.fromEntries(
      expressions.map((name, k) => [
        name,
        expression.reduce((sum, one, i) => sum + (expressionKnown[i] === 1 && one === k ? 1 : 0), 0),
      ]),
    ),
  AU: ({ actionUnits, actionUnitsKnown }, schema) => {
    const counts = new Array<number>(schema.actionUnits.length).fill(0);
    actionUnits.forEach((one, i) => {
      if (actionUnitsKnown[i] === 1 && one === 1) (counts[i % counts.length] as number)++;
    });
    return Object.fromEntries(schema.actionUnits.map((name, k) => [name, counts[k] as number]));
  },
  VA: () => ({}),
};

export function describeData({ schema, tasks }: PhaseData): DataDescription[] {
  return tasks.flatMap(({ task, manifest, labelsOf }) =>
    Object.entries(SIDES).map(([split, splits]) => {
      const rows = rowsOf(manifest.faces, task, splits);
      return {
        task,
        split: split as DataDescription['split'],
        samples: rows.length,
        labels: COUNT[task](labelsOf(rows), schema),
      };
    }),
  );
}
