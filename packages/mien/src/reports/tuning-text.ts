// `mien tune` on the terminal: what tuning is worth, honestly and as the reference has it.

import type { Tuned } from '../judging/index.js';
import { score, textTable } from './tables.js';

/** Figures of each task that was scored. */
const FIGURES: readonly [string, (scores: Tuned['after']) => number | undefined][] = [
  ['EXPR F1', ({ EXPR }) => EXPR?.f1],
  ['AU F1', ({ AU }) => AU?.f1],
  ['CCC valence', ({ VA }) => VA?.cccValence],
  ['CCC arousal', ({ VA }) => VA?.cccArousal],
  ['mean of tasks', ({ mean }) => mean],
  ['EXPR calibration error', ({ calibrationError }) => calibrationError.EXPR],
  ['AU calibration error', ({ calibrationError }) => calibrationError.AU],
];

/** A row for each model and figure. */
export function describeTuning(tuned: readonly { name: string; result: Tuned }[]): string {
  return textTable({
    head: ['model', 'figure', 'untuned', 'tuned on others', 'tuned on itself'],
    rows: tuned.flatMap(({ name, result: { before, after, fitted } }) =>
      FIGURES.filter(([, of]) => of(after) !== undefined).map(([figure, of]) => [
        name,
        figure,
        score(of(before)),
        score(of(after)),
        score(of(fitted)),
      ]),
    ),
    texts: 2,
    below:
      'Tuned on others: each clip or subject by what was chosen without it. Tuned on itself is too good.',
  });
}
