// The scores of one member on some faces.

import type { Estimates } from '../estimates.js';
import type { PartEvaluation } from '../evaluation.js';
import { editionScores, type MacroAverage } from '../metrics/index.js';
import type { Truth } from '../truth.js';
import type { Blocks } from './blocks.js';
import { type Drawn, drawFigures, type Figures, figureOf, figuresOf } from './figures.js';
import { statisticsOf } from './statistics.js';
import { actionUnitPart, expressionPart, type FigureOf, valenceArousalPart } from './task-parts.js';

export interface PartOptions {
  average: MacroAverage;
  /** Of intervals. */
  level: number;
  /** Decisions on action units with thresholds that were chosen elsewhere [n, K]. */
  crossFitted: Uint8Array | undefined;
  /** By which action units were decided [K]. */
  thresholds: ArrayLike<number> | undefined;
  /** Whether to give points of F1 over threshold. */
  curves: boolean;
}

export interface ScoredPart {
  part: PartEvaluation;
  /** Headline figures, and those of every draw. */
  figures: Figures;
  drawn: Drawn;
}

export function scorePart(
  estimates: Estimates,
  truth: Truth,
  blocks: Blocks,
  { average, level, crossFitted, thresholds, curves }: PartOptions,
): ScoredPart {
  const statistics = statisticsOf(estimates, truth, blocks, { crossFitted, average });
  const { whole, confusion } = statistics;
  const drawn = drawFigures(statistics, blocks);
  const figures = figuresOf(whole);
  const figure: FigureOf = (name, value) => figureOf(value, drawn.get(name), level);
  const inputs = { estimates, truth, rows: blocks.rows, figure };
  const part: PartEvaluation = {
    faces: blocks.rows.length,
    ...(whole.EXPR && confusion && { EXPR: expressionPart(whole.EXPR, confusion, inputs) }),
    ...(whole.AU && {
      AU: actionUnitPart(whole.AU, inputs, { crossFitted: whole.crossFitted, thresholds, curves }),
    }),
    ...(whole.VA && { VA: valenceArousalPart(whole.VA, figure) }),
    mean: figure('mean', figures.get('mean') as number),
    editions: editionScores(whole),
  };
  return { part, figures, drawn };
}
