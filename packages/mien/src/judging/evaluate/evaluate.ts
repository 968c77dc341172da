// Scores of members, with intervals, on all faces and on each part of them.

import { TASKS } from '../../labels/index.js';
import type { Estimates } from '../estimates.js';
import type { Evaluation, MemberEvaluation, PartEvaluation } from '../evaluation.js';
import type { MacroAverage } from '../metrics/index.js';
import { riskCoverage } from '../risk-coverage.js';
import type { Grouping, Truth } from '../truth.js';
import { type Blocks, blocksOf, labelledTasks } from './blocks.js';
import { compareMembers } from './compare.js';
import { mistakesOf } from './mistakes.js';
import { type PartOptions, type ScoredPart, scorePart } from './part.js';
import { risksOf } from './risks.js';
import { scatterOf } from './scatter.js';

export interface BootstrapOptions {
  /** Default 1000. */
  draws?: number;
  /** Share of draws within an interval; default 0.95. */
  level?: number;
  /** Default 1. */
  seed?: number;
}

export interface EvaluateOptions {
  /** `false`: no intervals. */
  bootstrap?: BootstrapOptions | false;
  /** Decisions on action units with thresholds that were chosen on other clips or subjects [n, K], by the member's name. */
  crossFitted?: ReadonlyMap<string, Uint8Array>;
  /** Probabilities above which action units count as present [K], by the member's name: for the record. */
  thresholds?: ReadonlyMap<string, ArrayLike<number>>;
  /** Of the expressions' F1; default `all`, over the schema's classes, as the challenges have it. */
  average?: MacroAverage;
  /** Names of two members each; the difference is of the first minus the second. */
  compare?: readonly (readonly [string, string])[];
  /** How many of the worst mistakes to name, a task; default 12. */
  mistakes?: number;
}

/** Rows by the names of a grouping, of those that have labels; nothing where there is one name only. */
function rowsByName(grouping: Grouping | undefined, labelled: Uint8Array): Map<string, Int32Array> {
  if (grouping === undefined) return new Map();
  const { codes, names } = grouping;
  const counts = new Int32Array(names.length);
  codes.forEach((code, row) => {
    if (labelled[row]) (counts[code] as number)++;
  });
  const rows = Array.from(counts, (count) => new Int32Array(count));
  counts.fill(0);
  codes.forEach((code, row) => {
    if (labelled[row]) (rows[code] as Int32Array)[(counts[code] as number)++] = row;
  });
  const parts = names.map((name, code) => [name, rows[code] as Int32Array] as const);
  const filled = parts.filter(([, part]) => part.length > 0);
  return new Map(filled.length > 1 ? filled : []);
}

/** What the members' disagreement is worth, of each task that has labels. */
function coverageOf(estimates: Estimates, truth: Truth): Pick<MemberEvaluation, 'riskCoverage'> {
  const curves = TASKS.flatMap((task) => {
    const found = risksOf(estimates, truth, task);
    if (found === undefined || found.risk.length === 0) return [];
    return [[task, { risk: found.what, ...riskCoverage(found.risk, found.uncertainty) }] as const];
  });
  return curves.length > 0 ? { riskCoverage: Object.fromEntries(curves) } : {};
}

/** @throws RangeError where an estimate is not of the truth's faces or labels */
function checkEstimates(estimates: readonly Estimates[], truth: Truth): void {
  const names = new Set<string>();
  for (const { name, schema, length } of estimates) {
    if (names.has(name)) throw new RangeError(`two members are called ${name}`);
    names.add(name);
    if (length !== truth.length)
      throw new RangeError(`${name} has ${length} faces; expected the ${truth.length} of the truth`);
    const labels = ({ actionUnits, expressions }: typeof schema) => [...actionUnits, ...expressions].join();
    if (labels(schema) !== labels(truth.schema))
      throw new RangeError(`${name} has schema ${schema.name}; expected ${truth.schema.name}, as the truth`);
  }
}

/**
 * @param estimates of the same faces as the truth, in the truth's schema
 * @throws RangeError where they are not, and for a comparison of members that are not there
 */
export function evaluate(
  estimates: readonly Estimates[],
  truth: Truth,
  options: EvaluateOptions = {},
): Evaluation {
  checkEstimates(estimates, truth);
  const { average = 'all', compare = [], mistakes = 12 } = options;
  const { draws = 1000, level = 0.95, seed = 1 } = options.bootstrap || {};
  const drawing = { draws: options.bootstrap === false ? 0 : draws, seed };
  const labelled = labelledTasks(truth);
  const blocksOfRows = (rows: Int32Array) => blocksOf(truth, rows, labelled, drawing);
  const whole = blocksOfRows(Int32Array.from({ length: truth.length }, (_, row) => row));
  const blocksByName = (grouping: Grouping | undefined) =>
    new Map(Array.from(rowsByName(grouping, labelled), ([name, rows]) => [name, blocksOfRows(rows)]));
  const [datasets, groups] = [blocksByName(truth.dataset), blocksByName(truth.group)];

  const scored = estimates.map((one): ScoredPart & { name: string; member: MemberEvaluation } => {
    const { name } = one;
    const partOptions: PartOptions = {
      average,
      level,
      crossFitted: options.crossFitted?.get(name),
      thresholds: options.thresholds?.get(name),
      curves: false,
    };
    const parts = (blocks: ReadonlyMap<string, Blocks>): Record<string, PartEvaluation> =>
      Object.fromEntries(
        Array.from(blocks, ([part, some]) => [part, scorePart(one, truth, some, partOptions).part]),
      );
    const all = scorePart(one, truth, whole, { ...partOptions, curves: true });
    const member: MemberEvaluation = {
      name,
      ...all.part,
      ...(datasets.size > 0 && { datasets: parts(datasets) }),
      ...(groups.size > 0 && { groups: parts(groups) }),
      ...coverageOf(one, truth),
      ...(mistakes > 0 && { mistakes: mistakesOf(one, truth, mistakes) }),
      ...(all.part.VA && one.VA && { scatter: scatterOf(one.VA, truth, whole.rows, seed) }),
    };
    return { ...all, name, member };
  });

  const scoredOf = (name: string) => {
    const found = scored.find((one) => one.name === name);
    if (found === undefined) throw new RangeError(`there is no member ${name} to compare`);
    return found;
  };
  return {
    version: 1,
    schema: truth.schema,
    faces: whole.rows.length,
    clusters: whole.clusters,
    clusteredBy: truth.clusteredBy,
    ...(drawing.draws > 0 && { bootstrap: { draws, level, seed } }),
    members: scored.map(({ member }) => member),
    comparisons: compare.map(([first, second]) => compareMembers(scoredOf(first), scoredOf(second), level)),
  };
}
