// Files of predictions and labels, read together.

import { join } from 'node:path';
import { type Estimates, type PairedOptions, readPaired, type Truth } from 'mien/judging';
import { folderWith } from '../../../../test/folders.js';

/** Reads `predictions` and `labels` of a new folder with these files. */
export async function paired(
  files: Record<string, string>,
  predictions = 'p',
  labels = 'l',
  options: PairedOptions = {},
) {
  const root = folderWith(files);
  return readPaired([join(root, predictions)], join(root, labels), options);
}

/** The only estimates. */
export const only = ({ estimates }: { estimates: Estimates[] }): Estimates => estimates[0] as Estimates;

/** The labels as rows, with null where nothing is known. */
export function facts(truth: Truth) {
  const K = truth.schema.actionUnits.length;
  return Array.from({ length: truth.length }, (_, i) => ({
    clip: truth.clip.names[truth.clip.codes[i] as number],
    frame: truth.frame[i],
    expression: truth.expressionKnown[i] ? truth.expression[i] : null,
    units: Array.from({ length: K }, (_, k) =>
      truth.actionUnitsKnown[i * K + k] ? truth.actionUnits[i * K + k] : null,
    ),
    affect: [0, 1].map((k) =>
      truth.valenceArousalKnown[2 * i + k] ? truth.valenceArousal[2 * i + k] : null,
    ),
  }));
}
