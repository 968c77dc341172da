// The headline figures of a part, by name, and their intervals.

import type { Task } from '../../labels/index.js';
import type { Figure } from '../evaluation.js';
import { meanScore } from '../metrics/index.js';
import type { Blocks } from './blocks.js';
import type { Results, Statistics } from './statistics.js';

/** Such as `mean`, `EXPR.f1`, `VA.valence.ccc`. */
export type Figures = Map<string, number>;

export function figuresOf(results: Results): Figures {
  const { EXPR, AU, crossFitted, VA } = results;
  const figures: Figures = new Map([['mean', meanScore(results)]]);
  const add = (prefix: string, values: Readonly<Record<string, number>>) => {
    for (const [name, value] of Object.entries(values)) figures.set(`${prefix}.${name}`, value);
  };
  if (EXPR) add('EXPR', { f1: EXPR.f1, accuracy: EXPR.accuracy, balancedAccuracy: EXPR.balancedAccuracy });
  if (AU) add('AU', { f1: AU.f1, accuracy: AU.accuracy, meanAccuracy: AU.meanAccuracy });
  if (crossFitted) add('AU', { f1CrossFitted: crossFitted.f1 });
  if (VA) {
    add('VA', { ccc: VA.ccc });
    for (const dimension of ['valence', 'arousal'] as const) {
      const { ccc, pearson, rmse, signAgreement } = VA[dimension];
      add(`VA.${dimension}`, { ccc, pearson, rmse, signAgreement });
    }
  }
  return figures;
}

/** Every figure of every draw. */
export type Drawn = ReadonlyMap<string, Float64Array>;

/** @returns of each figure [draws]; nothing where there are no draws, or no two clusters to draw from */
export function drawFigures({ whole, resampled }: Statistics, blocks: Blocks): Drawn {
  const { starts, multiplicities, clusters, clustersOf } = blocks;
  const count = starts.length - 1;
  const draws = count === 0 ? 0 : multiplicities.length / count;
  const names = [...figuresOf(whole).keys()].filter((name) => {
    const [task] = name.split('.');
    return (name === 'mean' ? clusters : clustersOf[task as Task]) > 1;
  });
  if (draws === 0) return new Map();
  const drawn = new Map(names.map((name) => [name, new Float64Array(draws)]));
  for (let draw = 0; draw < draws; draw++) {
    const figures = figuresOf(resampled(multiplicities.subarray(draw * count, (draw + 1) * count)));
    for (const [name, values] of drawn) values[draw] = figures.get(name) as number;
  }
  return drawn;
}

/** The value below which a share of sorted values lies, linearly between neighbours. */
function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)] as number;
  const above = sorted[Math.ceil(place)] as number;
  return below + (above - below) * (place - Math.floor(place));
}

/** A figure with its percentile interval (Efron 1979). @param level share of draws within, such as 0.95 */
export function figureOf(value: number, drawn: Float64Array | undefined, level: number): Figure {
  if (drawn === undefined) return { value };
  const sorted = drawn.slice().sort();
  const outside = (1 - level) / 2;
  return { value, low: quantile(sorted, outside), high: quantile(sorted, 1 - outside) };
}
