// Which faces are drawn together when intervals are made, and how often each draw takes them.
//
// Frames of a clip resemble each other, so whole clusters (subjects, clips) are drawn. Clusters with labels of the same tasks
// make a stratum, and each draw takes from a stratum as many clusters as it has: the interval of a task is that of its own
// clusters, whatever else lies in the table. Of a stratum with very many clusters, random groups of equal size are drawn in
// their place: the variance is the same in expectation, and the work does not grow with the number of faces.

import { TASKS, type Task } from '../../labels/index.js';
import { Random } from '../../random/index.js';
import type { Truth } from '../truth.js';

/** Blocks of a stratum at most: enough for an interval's ends to hold two digits. */
export const MOST_BLOCKS = 4096;

export interface Blocks {
  /** Rows of the truth that have any label, rising. */
  rows: Int32Array;
  /** The same block by block, rising within one. */
  sorted: Int32Array;
  /** Where each block begins in `sorted`, and the end [G + 1]. */
  starts: Int32Array;
  /** How often each of some draws takes each block [draws, G]. */
  multiplicities: Uint16Array;
  /** Clusters that have any label, and those that have labels of a task. */
  clusters: number;
  clustersOf: Record<Task, number>;
}

/** Of which tasks each face has a label [n]: bit k for `TASKS[k]`. */
export function labelledTasks(truth: Truth): Uint8Array {
  const { length, expressionKnown, actionUnitsKnown, valenceArousalKnown } = truth;
  const units = truth.schema.actionUnits.length;
  const tasks = new Uint8Array(length);
  for (let row = 0; row < length; row++) {
    let bits = expressionKnown[row] ? 1 : 0;
    for (let k = 0; k < units; k++) if (actionUnitsKnown[row * units + k]) bits |= 2;
    if (valenceArousalKnown[2 * row] || valenceArousalKnown[2 * row + 1]) bits |= 4;
    tasks[row] = bits;
  }
  return tasks;
}

/** Numbers blocks from 0, stratum after stratum. @returns each cluster's block, and how many blocks each stratum has */
function dealClusters(tasksOfCluster: Uint8Array, seed: number) {
  const blockOf = new Int32Array(tasksOfCluster.length).fill(-1);
  const sizes: number[] = [];
  let first = 0;
  for (let stratum = 1; stratum < 1 << TASKS.length; stratum++) {
    const count = tasksOfCluster.reduce((sum, bits) => sum + Number(bits === stratum), 0);
    if (count === 0) continue;
    const size = Math.min(count, MOST_BLOCKS);
    const places = size < count ? Random.keyed(seed, stratum).permutation(count) : undefined;
    let next = 0;
    tasksOfCluster.forEach((bits, cluster) => {
      if (bits !== stratum) return;
      blockOf[cluster] = first + (places ? (places[next] as number) % size : next);
      next++;
    });
    sizes.push(size);
    first += size;
  }
  return { blockOf, sizes };
}

/** As many draws from each stratum as it has blocks, with replacement. */
function drawBlocks(sizes: readonly number[], draws: number, seed: number): Uint16Array {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const multiplicities = new Uint16Array(draws * total);
  const random = Random.seeded(seed);
  for (let draw = 0; draw < draws; draw++) {
    let first = draw * total;
    for (const size of sizes) {
      for (let i = 0; i < size; i++) (multiplicities[first + random.integer(size)] as number)++;
      first += size;
    }
  }
  return multiplicities;
}

/**
 * @param rows of the truth, rising
 * @param labelled from `labelledTasks`
 */
export function blocksOf(
  truth: Truth,
  rows: Int32Array,
  labelled: Uint8Array,
  { draws, seed }: { draws: number; seed: number },
): Blocks {
  const { codes, names } = truth.cluster;
  const tasksOfCluster = new Uint8Array(names.length);
  for (const row of rows) (tasksOfCluster[codes[row] as number] as number) |= labelled[row] as number;
  const { blockOf, sizes } = dealClusters(tasksOfCluster, seed);
  const kept = rows.filter((row) => labelled[row] !== 0);
  const starts = new Int32Array(sizes.reduce((sum, size) => sum + size, 0) + 1);
  const blockOfRow = (row: number) => blockOf[codes[row] as number] as number;
  for (const row of kept) (starts[blockOfRow(row) + 1] as number)++;
  for (let block = 1; block < starts.length; block++)
    (starts[block] as number) += starts[block - 1] as number;
  const next = starts.slice();
  const sorted = new Int32Array(kept.length);
  for (const row of kept) sorted[(next[blockOfRow(row)] as number)++] = row;
  const clustersWith = (bits: number) =>
    tasksOfCluster.reduce((sum, one) => sum + Number((one & bits) !== 0), 0);
  return {
    rows: kept,
    sorted,
    starts,
    multiplicities: drawBlocks(sizes, draws, seed),
    clusters: clustersWith(7),
    clustersOf: { EXPR: clustersWith(1), AU: clustersWith(2), VA: clustersWith(4) },
  };
}
