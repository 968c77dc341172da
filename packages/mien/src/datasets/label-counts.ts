// How often each label occurs: per expression, per action unit, per cell of the valence-arousal grid.

import type { LabelSchema } from '../labels/index.js';
import { imbalance } from './imbalance.js';
import type { ActionUnitSamples, ExpressionSamples, SamplesOf, ValenceArousalSamples } from './samples.js';
import { cellsOf, fixedEdges, VA_BINS } from './va-grid.js';

export interface ClassCount {
  name: string;
  faces: number;
  byDataset: Record<string, number>;
}

export interface UnitCount {
  name: string;
  present: number;
  absent: number;
  missing: number;
  /** IRLbl; null where the unit is never present. */
  imbalance: number | null;
  /** Of the faces on which it is present. */
  byDataset: Record<string, number>;
}

/** Of one coordinate, over all faces that have it. */
export interface Spread {
  mean: number;
  /** Standard deviation of the population. */
  sd: number;
  min: number;
  max: number;
}

export interface LabelCounts {
  EXPR?: { faces: number; classes: ClassCount[] };
  AU?: { faces: number; units: UnitCount[]; meanImbalance: number | null };
  VA?: {
    faces: number;
    valence: Spread;
    arousal: Spread;
    /** Faces in each cell of the fixed grid: [valence from −1 to 1][arousal from −1 to 1]. */
    cells: number[][];
  };
}

/** How much each sample counts [size]: 1, or how often it is expected to be drawn. */
type Draws = Float64Array | undefined;

const sum = (numbers: ArrayLike<number>) => Array.from(numbers).reduce((total, one) => total + one, 0);

/** Adds up by data set and label. @param labelsOf calls back with the labels of a sample */
function countsByDataset(
  { rows, dataset, datasets }: { rows: Int32Array; dataset: Uint16Array; datasets: readonly string[] },
  width: number,
  draws: Draws,
  labelsOf: (sample: number, add: (label: number) => void) => void,
) {
  const counts = new Float64Array(datasets.length * width);
  let [base, draw] = [0, 1];
  const add = (label: number) => {
    counts[base + label] = (counts[base + label] as number) + draw;
  };
  for (let i = 0; i < rows.length; i++) {
    base = (dataset[i] as number) * width;
    draw = draws?.[i] ?? 1;
    labelsOf(i, add);
  }
  return Array.from({ length: width }, (_, label) => {
    const each = datasets.map((name, d) => [name, counts[d * width + label] as number] as const);
    return {
      total: sum(each.map(([, count]) => count)),
      byDataset: Object.fromEntries(each.filter(([, count]) => count > 0)),
    };
  });
}

/** @param names the schema's expressions */
function countClasses(
  samples: ExpressionSamples,
  names: readonly string[],
  draws?: Draws,
): NonNullable<LabelCounts['EXPR']> {
  const { classes } = samples;
  const counts = countsByDataset(samples, names.length, draws, (i, add) => add(classes[i] as number));
  return {
    faces: samples.rows.length,
    classes: counts.map(({ total, byDataset }, k) => ({ name: names[k] as string, faces: total, byDataset })),
  };
}

/** @param names the schema's action units */
function countUnits(
  samples: ActionUnitSamples,
  names: readonly string[],
  draws?: Draws,
): NonNullable<LabelCounts['AU']> {
  const width = names.length;
  const { positive, known } = samples;
  const flagged = (flags: Uint8Array) =>
    countsByDataset(samples, width, draws, (i, add) => {
      for (let k = 0; k < width; k++) if (flags[i * width + k] === 1) add(k);
    });
  const [present, labelled] = [flagged(positive), flagged(known)];
  const all = draws === undefined ? samples.rows.length : sum(draws);
  const { perLabel, mean } = imbalance(present.map(({ total }) => total));
  return {
    faces: samples.rows.length,
    units: present.map(({ total, byDataset }, k) => {
      const judged = labelled[k]?.total ?? 0;
      return {
        name: names[k] as string,
        present: total,
        absent: judged - total,
        missing: all - judged,
        imbalance: perLabel[k] ?? null,
        byDataset,
      };
    }),
    meanImbalance: mean ?? null,
  };
}

function spreadOf(values: Float64Array, draws: Draws): Spread {
  const result = { mean: 0, sd: 0, min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY };
  let weight = 0;
  values.forEach((value, i) => {
    const draw = draws?.[i] ?? 1;
    weight += draw;
    result.mean += draw * value;
    result.min = Math.min(result.min, value);
    result.max = Math.max(result.max, value);
  });
  result.mean /= weight;
  values.forEach((value, i) => {
    result.sd += (draws?.[i] ?? 1) * (value - result.mean) ** 2;
  });
  result.sd = Math.sqrt(result.sd / weight);
  return result;
}

function countCells(samples: ValenceArousalSamples, draws?: Draws): NonNullable<LabelCounts['VA']> {
  const { valence, arousal, rows } = samples;
  const cells = cellsOf(valence, arousal, { valence: fixedEdges(), arousal: fixedEdges() });
  const grid = Array.from({ length: VA_BINS }, () => new Array<number>(VA_BINS).fill(0));
  cells.forEach((cell, i) => {
    const column = grid[Math.floor(cell / VA_BINS)] as number[];
    column[cell % VA_BINS] = (column[cell % VA_BINS] as number) + (draws?.[i] ?? 1);
  });
  return {
    faces: rows.length,
    valence: spreadOf(valence, draws),
    arousal: spreadOf(arousal, draws),
    cells: grid,
  };
}

/**
 * Counts the labels of all tasks; a task that no face serves is left out.
 * @param draws how often each sample counts; by default once
 */
export function countLabels(
  samples: SamplesOf,
  schema: LabelSchema,
  draws: { EXPR?: Draws; AU?: Draws; VA?: Draws } = {},
): LabelCounts {
  const { EXPR, AU, VA } = samples;
  return {
    ...(EXPR.rows.length > 0 && { EXPR: countClasses(EXPR, schema.expressions, draws.EXPR) }),
    ...(AU.rows.length > 0 && { AU: countUnits(AU, schema.actionUnits, draws.AU) }),
    ...(VA.rows.length > 0 && { VA: countCells(VA, draws.VA) }),
  };
}
