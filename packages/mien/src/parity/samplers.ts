// Balancing weights and imbalance ratios against the reference's samplers (`samplers.json`).

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { cellsOf, dataEdges, imbalance } from '../datasets/index.js';
import { inverseCountWeights } from '../sampling/index.js';
import type { ParityCase, ParityPart } from './index.js';

const FILE = 'samplers.json';

const GOLDEN = z.array(
  z.object({
    va_labels: z.array(z.tuple([z.number(), z.number()])),
    va_weights: z.array(z.number()),
    expr_labels: z.array(z.number()),
    expr_weights: z.array(z.number()),
    au_labels: z.array(z.array(z.number())),
    au_irlbl: z.array(z.number()),
    au_mean_ir: z.number(),
  }),
);

/** Relative; both sides are a few operations in double precision. */
const TOLERANCE = 1e-12;

function compare(name: string, ours: ArrayLike<number | undefined>, theirs: readonly number[]): ParityCase {
  if (ours.length !== theirs.length)
    return {
      name,
      error: Number.NaN,
      tolerance: TOLERANCE,
      note: `${ours.length} values, not ${theirs.length}`,
    };
  let worst = { error: 0, at: 0 };
  theirs.forEach((expected, at) => {
    const error = Math.abs((ours[at] ?? Number.NaN) - expected) / Math.abs(expected);
    if (!(error <= worst.error)) worst = { error, at };
  });
  const note = worst.error > TOLERANCE || Number.isNaN(worst.error) ? `value ${worst.at}` : undefined;
  return { name, error: worst.error, tolerance: TOLERANCE, ...(note && { note }) };
}

export const SAMPLERS: ParityPart = {
  name: 'samplers',
  needs: [FILE],
  async *check(folder) {
    const cases = GOLDEN.parse(JSON.parse(await readFile(join(folder, FILE), 'utf8')));
    for (const [i, golden] of cases.entries()) {
      const valence = Float64Array.from(golden.va_labels, ([one]) => one);
      const arousal = Float64Array.from(golden.va_labels, ([, one]) => one);
      const edges = { valence: dataEdges(valence), arousal: dataEdges(arousal) };
      const grid = inverseCountWeights(cellsOf(valence, arousal, edges));
      yield compare(`case ${i}: valence-arousal grid weights`, grid, golden.va_weights);
      const classes = inverseCountWeights(Int32Array.from(golden.expr_labels));
      yield compare(`case ${i}: expression weights`, classes, golden.expr_weights);
      const positives = golden.au_irlbl.map((_, k) =>
        golden.au_labels.reduce((sum, row) => sum + (row[k] ?? Number.NaN), 0),
      );
      const { perLabel, mean } = imbalance(positives);
      yield compare(`case ${i}: IRLbl of action units`, perLabel, golden.au_irlbl);
      yield compare(`case ${i}: MeanIR`, [mean], [golden.au_mean_ir]);
    }
  },
};
