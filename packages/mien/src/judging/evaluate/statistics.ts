// What a member's scores follow from: counts and sums of every block of faces, which add up.

import type { Estimates } from '../estimates.js';
import {
  ActionUnitMetric,
  type ActionUnitResult,
  actionUnitResult,
  type DimensionState,
  ExpressionMetric,
  expressionResult,
  type MacroAverage,
  NO_MOMENTS,
  OUTCOMES,
  resultsOf,
  type TaskMetrics,
  type TaskResults,
  ValenceArousalMetric,
  valenceArousalResult,
} from '../metrics/index.js';
import type { Truth } from '../truth.js';
import type { Blocks } from './blocks.js';

/** Of a dimension: n, Σx, Σy, Σx², Σy², Σxy, each from an origin near the mean, and agreeing signs. */
const SUMS = 7;

/** Results of faces; those of action units once more with thresholds that were chosen elsewhere. */
export interface Results extends TaskResults {
  crossFitted?: ActionUnitResult;
}

export interface Statistics {
  whole: Results;
  /** Rows by true class and predicted class [C, C]. */
  confusion?: Float64Array;
  /** @param multiplicities how often each block is taken [G] */
  resampled(multiplicities: Uint16Array): Results;
}

type Values = Int32Array | Uint8Array | Float32Array;

/** A function that gives the values of some rows, valid until its next call. */
function gatherer<T extends Values>(source: T, width: number, most: number): (rows: Int32Array) => T {
  let scratch: T | undefined;
  return (rows) => {
    const n = rows.length;
    const first = rows[0] ?? 0;
    if (n === 0 || (rows[n - 1] as number) - first === n - 1)
      return source.subarray(first * width, (first + n) * width) as T;
    scratch ??= new (source.constructor as new (length: number) => T)(most * width);
    for (let i = 0; i < n; i++) {
      const from = (rows[i] as number) * width;
      for (let k = 0; k < width; k++) scratch[i * width + k] = source[from + k] as number;
    }
    return scratch.subarray(0, n * width) as T;
  };
}

interface Metrics extends TaskMetrics {
  crossFitted?: ActionUnitMetric;
}

/** A function that scores some rows. */
function scorer(
  { EXPR, AU, VA }: Estimates,
  truth: Truth,
  most: number,
  crossFitted: Uint8Array | undefined,
): (rows: Int32Array) => Metrics {
  const classes = truth.schema.expressions.length;
  const units = truth.schema.actionUnits.length;
  const gather = <T extends Values>(source: T, width: number) => gatherer(source, width, most);
  const fill: ((metrics: Metrics, rows: Int32Array) => void)[] = [];
  if (EXPR) {
    const [guesses, facts] = [gather(EXPR.classes, 1), gather(truth.expression, 1)];
    const known = gather(truth.expressionKnown, 1);
    fill.push((metrics, rows) => {
      metrics.EXPR = new ExpressionMetric(classes);
      metrics.EXPR.update(guesses(rows), facts(rows), known(rows));
    });
  }
  for (const [key, decisions] of [
    ['AU', AU?.decisions],
    ['crossFitted', crossFitted],
  ] as const) {
    if (decisions === undefined) continue;
    const [guesses, facts] = [gather(decisions, units), gather(truth.actionUnits, units)];
    const known = gather(truth.actionUnitsKnown, units);
    fill.push((metrics, rows) => {
      metrics[key] = new ActionUnitMetric(units);
      metrics[key].update(guesses(rows), facts(rows), known(rows));
    });
  }
  if (VA) {
    const [guesses, facts] = [gather(VA.values, 2), gather(truth.valenceArousal, 2)];
    const known = gather(truth.valenceArousalKnown, 2);
    fill.push((metrics, rows) => {
      metrics.VA = new ValenceArousalMetric();
      metrics.VA.update(guesses(rows), facts(rows), known(rows));
    });
  }
  return (rows) => {
    const metrics: Metrics = {};
    for (const one of fill) one(metrics, rows);
    return metrics;
  };
}

const wholeResults = (metrics: Metrics, average: MacroAverage): Results => {
  const crossFitted = metrics.crossFitted?.compute();
  return {
    ...resultsOf(metrics, average),
    ...(crossFitted && crossFitted.samples > 0 && { crossFitted }),
  };
};

/** Sums of a dimension about an origin, from the moments of a block. */
function sumsOf(
  { moments, agreeing }: DimensionState,
  [originX, originY]: readonly [number, number],
): number[] {
  const { n, meanX, meanY, xx, yy, xy } = moments;
  if (n === 0) return new Array(SUMS).fill(0);
  const [dx, dy] = [meanX - originX, meanY - originY];
  return [n, n * dx, n * dy, xx + n * dx * dx, yy + n * dy * dy, xy + n * dx * dy, agreeing];
}

/** The reverse. */
function stateOf(sums: Float64Array, [originX, originY]: readonly [number, number]): DimensionState {
  const [n, x, y, xx, yy, xy, agreeing] = Array.from(sums) as [
    ...[number, number, number, number, number, number],
    number,
  ];
  if (n === 0) return { moments: NO_MOMENTS, agreeing };
  return {
    moments: {
      n,
      meanX: originX + x / n,
      meanY: originY + y / n,
      // Rounding can bring what is nearly 0 below it.
      xx: Math.max(0, xx - (x * x) / n),
      yy: Math.max(0, yy - (y * y) / n),
      xy: xy - (x * y) / n,
    },
    agreeing,
  };
}

/**
 * @param crossFitted decisions on action units with thresholds that were chosen elsewhere [n, K]
 * @param average of the expressions' F1
 */
export function statisticsOf(
  estimates: Estimates,
  truth: Truth,
  { sorted, starts }: Blocks,
  { crossFitted, average }: { crossFitted: Uint8Array | undefined; average: MacroAverage },
): Statistics {
  const count = starts.length - 1;
  const most = starts.reduce((width, start, i) => Math.max(width, start - (starts[i - 1] ?? 0)), 0);
  const score = scorer(estimates, truth, most, crossFitted);
  const whole = score(new Int32Array(0));
  const blocks = Array.from({ length: count }, (_, i) => {
    const block = score(sorted.subarray(starts[i], starts[i + 1]));
    if (block.EXPR) whole.EXPR?.merge(block.EXPR);
    if (block.AU) whole.AU?.merge(block.AU);
    if (block.crossFitted) whole.crossFitted?.merge(block.crossFitted);
    if (block.VA) whole.VA?.merge(block.VA);
    return block;
  });

  const originOf = (dimension: 'valence' | 'arousal') => {
    const { meanX, meanY } = (whole.VA as ValenceArousalMetric)[dimension].moments;
    return [meanX, meanY] as const;
  };
  const origins = whole.VA && { valence: originOf('valence'), arousal: originOf('arousal') };
  const vectorOf = ({ EXPR, AU, crossFitted: other, VA }: Metrics): number[] => [
    ...(EXPR?.confusion ?? []),
    ...(AU?.counts ?? []),
    ...(other?.counts ?? []),
    ...(VA && origins
      ? [...sumsOf(VA.valence, origins.valence), ...sumsOf(VA.arousal, origins.arousal)]
      : []),
  ];
  const width = vectorOf(whole).length;
  const matrix = new Float64Array(count * width);
  blocks.forEach((block, i) => {
    matrix.set(vectorOf(block), i * width);
  });

  const results = wholeResults(whole, average);
  const classes = truth.schema.expressions.length;
  const units = truth.schema.actionUnits.length;
  const resampled = (multiplicities: Uint16Array): Results => {
    const sums = new Float64Array(width);
    for (let block = 0; block < count; block++) {
      const times = multiplicities[block] as number;
      if (times === 0) continue;
      const from = block * width;
      for (let k = 0; k < width; k++) (sums[k] as number) += times * (matrix[from + k] as number);
    }
    let at = 0;
    const take = (length: number) => {
      at += length;
      return sums.subarray(at - length, at);
    };
    const drawn: Results = {};
    const confusion = whole.EXPR && take(classes ** 2);
    const counts = whole.AU && take(units * OUTCOMES);
    const others = whole.crossFitted && take(units * OUTCOMES);
    if (confusion && results.EXPR) drawn.EXPR = expressionResult(confusion, average);
    if (counts && results.AU) drawn.AU = actionUnitResult(counts, results.AU.samples);
    if (others && results.crossFitted)
      drawn.crossFitted = actionUnitResult(others, results.crossFitted.samples);
    if (origins && results.VA) {
      const [valence, arousal] = [take(SUMS), take(SUMS)];
      drawn.VA = valenceArousalResult(
        stateOf(valence, origins.valence),
        stateOf(arousal, origins.arousal),
        results.VA.samples,
      );
    }
    return drawn;
  };
  return { whole: results, ...(whole.EXPR && { confusion: whole.EXPR.confusion }), resampled };
}
