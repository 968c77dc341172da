// The reference's text files: a header, a line per frame, four decimals, no newline at the end.

import { labelHeader } from '../datasets/index.js';
import { formatFixed4 } from '../files/index.js';
import type { LabelSchema, Task } from '../labels/index.js';

/** `decisions`: 0 or 1 for each action unit, the class' number of an expression; `numbers`: probabilities of each. */
export type TextContent = 'decisions' | 'numbers';

export interface TextTable {
  task: Task;
  schema: LabelSchema;
  content: TextContent;
  /** Row-major. Valence and arousal are two numbers, whatever the content. */
  values: ArrayLike<number>;
  /** Rows to write, in this order. Default: all. */
  rows?: ArrayLike<number>;
}

function widthOf({ task, schema, content }: TextTable): number {
  if (task === 'EXPR') return content === 'decisions' ? 1 : schema.expressions.length;
  return task === 'AU' ? schema.actionUnits.length : 2;
}

/** @returns the file's text, lines divided by `\n` */
export function formatText(table: TextTable): string {
  const { task, schema, content, values } = table;
  const width = widthOf(table);
  const { rows = Array.from({ length: values.length / width }, (_, i) => i) } = table;
  const format = content === 'decisions' && task !== 'VA' ? String : formatFixed4;
  const lines = Array.from(rows, (row) =>
    Array.from({ length: width }, (_, k) => format(values[row * width + k] as number)).join(),
  );
  return [labelHeader(task, schema), ...lines].join('\n');
}

/** Positions at which a number occurs for the first time, ascending: frames that several windows had are written once. */
export function firstOccurrences(ids: ArrayLike<number>): number[] {
  const seen = new Set<number>();
  return Array.from(ids, (_, i) => i).filter((i) => {
    const id = ids[i] as number;
    return !seen.has(id) && seen.add(id);
  });
}
