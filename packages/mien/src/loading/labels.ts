// Labels of a batch as typed arrays with masks: what a loss takes. Where a mask is 0 the value means nothing.

import { type FaceTable, voteColumn } from '../datasets/index.js';
import type { LabelSchema } from '../labels/index.js';

/** n rows; C expressions and K action units of the schema. */
export interface LabelBatch {
  /** [n] index of the expression's class, and its mask [n]. */
  expression: Int32Array;
  expressionKnown: Uint8Array;
  /** [n, C] shares of votes with sum 1: raters' where there are some, else all on the expression; and its mask [n]. */
  votes: Float32Array;
  votesKnown: Uint8Array;
  /** [n, K] 0 or 1, and its mask [n, K]. */
  actionUnits: Float32Array;
  actionUnitsKnown: Uint8Array;
  /** [n, 2] valence and arousal, −1 … 1, and its mask [n, 2]. */
  valenceArousal: Float32Array;
  valenceArousalKnown: Uint8Array;
}

/**
 * @returns a function of row numbers, quick enough to be called for every batch
 * @param schema of the network; labels of the table that it lacks are passed over, and what the table lacks is unknown.
 * Default: the table's
 */
export function labelGatherer(
  faces: FaceTable,
  schema: LabelSchema = faces.schema,
): (rows: ArrayLike<number>) => LabelBatch {
  const classes = schema.expressions.length;
  const units = schema.actionUnits.length;
  const classNumbers = new Map(schema.expressions.map((name, k) => [name, k]));
  const classOf = (row: number): number | undefined => {
    const name = faces.expression.get(row);
    return name === undefined ? undefined : classNumbers.get(name);
  };
  const unitColumns = schema.actionUnits.map(
    (unit) => faces.actionUnits[faces.schema.actionUnits.indexOf(unit)],
  );
  const voteColumns = schema.expressions.map((name) => faces.optional(voteColumn(name)));
  return (rows) => {
    const n = rows.length;
    const labels: LabelBatch = {
      expression: new Int32Array(n),
      expressionKnown: new Uint8Array(n),
      votes: new Float32Array(n * classes),
      votesKnown: new Uint8Array(n),
      actionUnits: new Float32Array(n * units),
      actionUnitsKnown: new Uint8Array(n * units),
      valenceArousal: new Float32Array(n * 2),
      valenceArousalKnown: new Uint8Array(n * 2),
    };
    for (let i = 0; i < n; i++) {
      const row = rows[i] as number;
      const expression = classOf(row);
      if (expression !== undefined) {
        labels.expression[i] = expression;
        labels.expressionKnown[i] = 1;
      }
      const votes = voteColumns.map((column) => column?.get(row) ?? 0);
      const sum = votes.reduce((total, vote) => total + vote, 0);
      if (sum > 0)
        labels.votes.set(
          votes.map((vote) => vote / sum),
          i * classes,
        );
      else if (expression !== undefined) labels.votes[i * classes + expression] = 1;
      labels.votesKnown[i] = sum > 0 || expression !== undefined ? 1 : 0;
      unitColumns.forEach((column, k) => {
        const label = column?.get(row);
        if (label === undefined) return;
        labels.actionUnits[i * units + k] = label;
        labels.actionUnitsKnown[i * units + k] = 1;
      });
      [faces.valence.get(row), faces.arousal.get(row)].forEach((value, k) => {
        if (value === undefined) return;
        labels.valenceArousal[i * 2 + k] = value;
        labels.valenceArousalKnown[i * 2 + k] = 1;
      });
    }
    return labels;
  };
}
