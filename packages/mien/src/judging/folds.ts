// Parts of the data of which each is left out in turn. Faces that are not independent of each other share a part.

import { Random } from '../random/index.js';
import type { Truth } from './truth.js';

export interface FoldOptions {
  /** Number of parts; as many as there are clusters where those are fewer. Default: 5 */
  folds?: number | undefined;
  /** Default: 0 */
  seed?: number | undefined;
}

/** Of faces, and of labels of EXPR, AU and VA. */
const SHARES = 4;

/** What part of all faces and of all labels each cluster brings [clusters, 4]. */
function sharesOf({ schema, length, cluster, ...labels }: Truth): Float64Array {
  const units = schema.actionUnits.length;
  const shares = new Float64Array(cluster.names.length * SHARES);
  const totals = new Float64Array(SHARES);
  const add = (row: number, kind: number) => {
    (shares[(cluster.codes[row] as number) * SHARES + kind] as number)++;
    (totals[kind] as number)++;
  };
  for (let row = 0; row < length; row++) {
    add(row, 0);
    if (labels.expressionKnown[row]) add(row, 1);
    for (let i = row * units; i < (row + 1) * units; i++) if (labels.actionUnitsKnown[i]) add(row, 2);
    for (let i = row * 2; i < (row + 1) * 2; i++) if (labels.valenceArousalKnown[i]) add(row, 3);
  }
  return shares.map((amount, i) => amount / Math.max(1, totals[i % SHARES] as number));
}

/**
 * Gives each cluster, that which brings most first, to the part that has least of what it brings: so that labels which
 * only some clusters have are spread over all parts. Clusters that bring the same come in random order.
 * @returns the part of each face [n], 0 … count − 1; one part where all faces are of one cluster
 * @throws RangeError for less than two folds
 */
export function foldsOf(
  truth: Truth,
  { folds = 5, seed = 0 }: FoldOptions = {},
): { fold: Uint8Array; count: number } {
  if (!(Number.isInteger(folds) && folds >= 2 && folds <= 255))
    throw new RangeError(`${folds} folds; expected a whole number from 2 to 255`);
  const clusters = truth.cluster.names.length;
  const count = Math.max(1, Math.min(folds, clusters));
  const shares = sharesOf(truth);
  const of = (cluster: number) => shares.subarray(cluster * SHARES, (cluster + 1) * SHARES);
  const sums = Float64Array.from({ length: clusters }, (_, cluster) =>
    of(cluster).reduce((a, b) => a + b, 0),
  );
  const loads = Array.from({ length: count }, () => new Float64Array(SHARES));
  const foldOfCluster = new Uint8Array(clusters);
  const order = Random.seeded(seed)
    .permutation(clusters)
    .sort((one, other) => (sums[other] as number) - (sums[one] as number));
  for (const cluster of order) {
    const own = of(cluster);
    const costs = loads.map((load) =>
      own.reduce((sum, share, kind) => sum + share * (load[kind] as number), 0),
    );
    const part = costs.indexOf(Math.min(...costs));
    foldOfCluster[cluster] = part;
    own.forEach((share, kind) => {
      ((loads[part] as Float64Array)[kind] as number) += share;
    });
  }
  return { fold: Uint8Array.from(truth.cluster.codes, (code) => foldOfCluster[code] as number), count };
}

/** The same faces, with no label known of those of one part: what is chosen then, is chosen without it. */
export function withoutFold(truth: Truth, fold: Uint8Array, part: number): Truth {
  const masked = (known: Uint8Array, width: number) =>
    known.map((one, i) => (fold[Math.floor(i / width)] === part ? 0 : one));
  return {
    ...truth,
    expressionKnown: masked(truth.expressionKnown, 1),
    actionUnitsKnown: masked(truth.actionUnitsKnown, truth.schema.actionUnits.length),
    valenceArousalKnown: masked(truth.valenceArousalKnown, 2),
  };
}
