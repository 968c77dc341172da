// By which numbers the editions of the challenge on Aff-Wild2 (Affective Behavior Analysis in-the-wild, ABAW) rank entries.

import type { Task } from '../../labels/index.js';
import type { ActionUnitResult } from './action-units.js';
import type { ExpressionResult } from './expression.js';
import { meanOf } from './f1.js';
import type { ValenceArousalResult } from './valence-arousal.js';

/** Results of the tasks that have labels. */
export interface TaskResults {
  EXPR?: ExpressionResult;
  AU?: ActionUnitResult;
  VA?: ValenceArousalResult;
}

/** Tasks that editions rank, and all three at once. */
export type Ranked = Task | 'MTL';

export interface Criterion {
  /** The formula in words. */
  formula: string;
  /** @returns undefined where a task that it needs has no labels */
  of(results: TaskResults): number | undefined;
}

export interface Edition {
  title: string;
  /** The paper in which the organisers state the criteria. */
  source: string;
  criteria: Partial<Record<Ranked, Criterion>>;
}

const expression = (formula: string, of: (result: ExpressionResult) => number): Criterion => ({
  formula,
  of: ({ EXPR }) => EXPR && of(EXPR),
});

const actionUnits = (formula: string, of: (result: ActionUnitResult) => number): Criterion => ({
  formula,
  of: ({ AU }) => AU && of(AU),
});

const VA: Criterion = {
  formula: '(CCC of valence + CCC of arousal) / 2',
  of: (results) => results.VA?.ccc,
};

/** Until 2021 accuracy counted. */
const WITH_ACCURACY = {
  EXPR: expression('0.67 · macro F1 + 0.33 · accuracy', ({ f1, accuracy }) => 0.67 * f1 + 0.33 * accuracy),
  AU: actionUnits('0.5 · mean F1 + 0.5 · accuracy', ({ f1, accuracy }) => 0.5 * f1 + 0.5 * accuracy),
  VA,
};

/** From 2022 on F1 alone. */
const BY_F1 = {
  EXPR: expression('macro F1', ({ f1 }) => f1),
  AU: actionUnits('mean F1', ({ f1 }) => f1),
  VA,
};

const MTL: Criterion = {
  formula: 'VA + EXPR + AU: mean CCC + macro F1 + mean F1',
  of(results) {
    const [va, expr, au] = [results.VA, results.EXPR, results.AU];
    return va && expr && au && va.ccc + expr.f1 + au.f1;
  },
};

/**
 * What each edition ranks of the three tasks and their union. Some had challenges of other kinds beside these: synthetic
 * pictures (4), reaction intensity (5), mimicry (6, 8), compound expressions (6, 7, 8), ambivalence (8).
 */
export const EDITIONS = {
  fg2020: {
    title: 'ABAW 1, FG 2020',
    source: 'Kollias et al. 2020, arXiv 2001.11409',
    criteria: WITH_ACCURACY,
  },
  abaw2: {
    title: 'ABAW 2, ICCV 2021',
    source: 'Kollias et al. 2021, arXiv 2106.15318',
    criteria: WITH_ACCURACY,
  },
  abaw3: {
    title: 'ABAW 3, CVPR 2022',
    source: 'Kollias 2022, arXiv 2202.10659',
    criteria: { ...BY_F1, MTL },
  },
  abaw4: { title: 'ABAW 4, ECCV 2022', source: 'Kollias 2022, arXiv 2207.01138', criteria: { MTL } },
  abaw5: { title: 'ABAW 5, CVPR 2023', source: 'Kollias et al. 2023, arXiv 2303.01498', criteria: BY_F1 },
  abaw6: { title: 'ABAW 6, CVPR 2024', source: 'Kollias et al. 2024, arXiv 2402.19344', criteria: BY_F1 },
  abaw7: { title: 'ABAW 7, ECCV 2024', source: 'Kollias et al. 2024, arXiv 2407.03835', criteria: { MTL } },
  abaw8: {
    title: 'ABAW 8, CVPR 2025',
    source: 'affective-behavior-analysis-in-the-wild.github.io/8th',
    criteria: BY_F1,
  },
} as const satisfies Record<string, Edition>;

export type EditionName = keyof typeof EDITIONS;

const scoresIn = ({ criteria }: Edition, results: TaskResults): Partial<Record<Ranked, number>> =>
  Object.fromEntries(
    Object.entries(criteria).flatMap(([ranked, { of }]) => {
      const score = of(results);
      return score === undefined ? [] : [[ranked, score]];
    }),
  );

/** Of every edition that ranks a task with labels. */
export const editionScores = (results: TaskResults): Record<string, Partial<Record<Ranked, number>>> =>
  Object.fromEntries(
    Object.entries<Edition>(EDITIONS)
      .map(([name, edition]) => [name, scoresIn(edition, results)] as const)
      .filter(([, scores]) => Object.keys(scores).length > 0),
  );

/** Mean over the tasks that have labels of their FG-2020 scores; 0 without any. */
export const meanScore = (results: TaskResults): number =>
  meanOf(Object.values(scoresIn(EDITIONS.fg2020, results)));
