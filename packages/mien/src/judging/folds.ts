// Parts of the data of which each is left out in turn. Faces that are not independent of each other share a part.

import { Random } from '../random/index.js';
import type { Truth } from './truth.js';

export interface FoldOptions {
  /** Number of parts; as many as there are clusters where those are fewer. Default: 5 */
  folds?: number;
  /** Default: 0 */
  seed?: number;
}

/**
 * Gives each cluster, largest first, to the part that has least of what it brings: faces, and labels of each task, so that
 * a task which only some clusters have labels of is spread over all parts. Clusters of one size come in random order.
 * @returns the part of each face [n], 0 … parts − 1, and how many there are: 1 where there is one cluster, and nothing to
 * choose on without it
 */
export function foldsOf(
  truth: Truth,
  { folds = 5, seed = 0 }: FoldOptions = {},
): { fold: Uint8Array; count: number } {
  if (!(Number.isInteger(folds) && folds >= 2 && folds <= 255))
    throw new RangeError(`${folds} folds; expected a whole number from 2 to 255`);
  const clusters = truth.cluster.names.length;
  const brought = amounts(truth);
  const totals = Array.from({ length: AMOUNTS }, (_, a) => {
    let total = 0;
    for (let c = 0; c < clusters; c++) total += brought[c * AMOUNTS + a] as number;
    return total;
  });
  const count = Math.max(1, Math.min(folds, clusters));
  const loads = new Float64Array(count * AMOUNTS);
  const foldOfCluster = new Uint8Array(clusters);
  const order = [...Random.seeded(seed).permutation(clusters)].sort(
    (a, b) => (brought[b * AMOUNTS] as number) - (brought[a * AMOUNTS] as number),
  );
  for (const cluster of order) {
    const own = brought.subarray(cluster * AMOUNTS, (cluster + 1) * AMOUNTS);
    const cost = (part: number) =>
      totals.reduce((sum, total, a) => {
        const share = total === 0 ? 0 : (loads[part * AMOUNTS + a] as number) / total;
        return sum + (total === 0 ? 0 : (share * (own[a] as number)) / total);
      }, 0);
    let best = 0;
    for (let part = 1; part < count; part++) if (cost(part) < cost(best)) best = part;
    foldOfCluster[cluster] = best;
    own.forEach((amount, a) => {
      (loads[best * AMOUNTS + a] as number) += amount;
    });
  }
  return { fold: Uint8Array.from(truth.cluster.codes, (code) => foldOfCluster[code] as number), count };
}

/** Faces, and faces with a label of EXPR, AU, VA. */
const AMOUNTS = 4;

/** @returns of each cluster [clusters, 4] */
function amounts({ schema, length, cluster, ...labels }: Truth): Float64Array {
  const units = schema.actionUnits.length;
  const result = new Float64Array(cluster.names.length * AMOUNTS);
  for (let i = 0; i < length; i++) {
    const at = (cluster.codes[i] as number) * AMOUNTS;
    (result[at] as number)++;
    if (labels.expressionKnown[i]) (result[at + 1] as number)++;
    for (let k = i * units; k < (i + 1) * units; k++)
      if (labels.actionUnitsKnown[k]) {
        (result[at + 2] as number)++;
        break;
      }
    if (labels.valenceArousalKnown[2 * i] || labels.valenceArousalKnown[2 * i + 1])
      (result[at + 3] as number)++;
  }
  return result;
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
