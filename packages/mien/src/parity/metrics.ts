// Scores and break-even thresholds against the reference's (`metrics.json`).

import * as z from 'zod';
import {
  ActionUnitMetric,
  ExpressionMetric,
  scoresOf,
  thresholdsOf,
  ValenceArousalMetric,
} from '../judging/index.js';
import { ABAW1 } from '../labels/index.js';
import { largestDifference, readGolden } from './compare.js';
import type { ParityCase, ParityPart } from './index.js';

const FILE = 'metrics.json';

const ROWS = z.array(z.array(z.number()));
const COMBINED = z.object({ f1: z.number(), acc: z.number(), combined: z.number() });

const GOLDEN = z.array(
  z.object({
    au_pred: ROWS,
    au_true: ROWS,
    expr_pred: z.array(z.number()),
    expr_true: z.array(z.number()),
    va_pred: ROWS,
    va_true: ROWS,
    AU: COMBINED.extend({ per_au_f1: z.array(z.number()) }),
    EXPR: COMBINED,
    VA: z.object({ ccc_valence: z.number(), ccc_arousal: z.number(), sum: z.number() }),
    au_score: ROWS,
    au_breakeven_thresholds: z.array(z.number()),
  }),
);
type Golden = z.infer<typeof GOLDEN>[number];

/** Absolute; both sides are a few operations in double precision. */
const TOLERANCE = 1e-9;

function scoresOfCase({ au_pred, au_true, expr_pred, expr_true, va_pred, va_true }: Golden) {
  const metrics = {
    EXPR: new ExpressionMetric(ABAW1.expressions.length),
    AU: new ActionUnitMetric(ABAW1.actionUnits.length),
    VA: new ValenceArousalMetric(),
  };
  metrics.EXPR.update(expr_pred, expr_true);
  metrics.AU.update(au_pred.flat(), au_true.flat());
  metrics.VA.update(va_pred.flat(), va_true.flat());
  return scoresOf(metrics);
}

function* casesOf(golden: Golden): Generator<ParityCase> {
  const { EXPR, AU, VA } = scoresOfCase(golden);
  const compare = (name: string, expected: readonly number[], found: readonly (number | undefined)[]) => ({
    name,
    error: largestDifference(
      expected,
      found.map((one) => one ?? Number.NaN),
    ),
    tolerance: TOLERANCE,
  });
  const combined = ({ f1, acc, combined: score }: z.infer<typeof COMBINED>) => [f1, acc, score];
  yield compare('EXPR', combined(golden.EXPR), [EXPR?.f1, EXPR?.accuracy, EXPR?.score]);
  yield compare('AU', combined(golden.AU), [AU?.f1, AU?.accuracy, AU?.score]);
  yield compare('F1 of each action unit', golden.AU.per_au_f1, AU?.f1PerUnit ?? []);
  const { ccc_valence, ccc_arousal, sum } = golden.VA;
  const sumFound = VA && VA.cccValence + VA.cccArousal;
  yield compare('VA', [ccc_valence, ccc_arousal, sum], [VA?.cccValence, VA?.cccArousal, sumFound]);
  const thresholds = thresholdsOf(
    golden.au_score.flat(),
    { actionUnits: golden.au_true.flat() },
    'break-even-reference',
    golden.au_breakeven_thresholds.length,
  );
  yield compare('break-even thresholds', golden.au_breakeven_thresholds, [...thresholds]);
}

export const METRICS: ParityPart = {
  name: 'metrics',
  needs: [FILE],
  async *check(folder) {
    const cases = GOLDEN.parse(await readGolden(folder, FILE));
    for (const [i, golden] of cases.entries())
      for (const one of casesOf(golden))
        yield { ...one, name: `case ${i} (${golden.expr_true.length} rows): ${one.name}` };
  },
};
