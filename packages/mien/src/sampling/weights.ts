// How much more often one sample is drawn than another. Only ratios matter; the scales are the reference's.

/**
 * One over the number of samples in the same cell: all cells that are not empty become equally likely (system.md 3.1
 * and 3.3). A cell is an expression, or a square of the valence-arousal grid.
 * @param cells index of each sample's cell [size]
 */
export function inverseCountWeights(cells: Int32Array): Float64Array {
  const counts = new Map<number, number>();
  for (const cell of cells) counts.set(cell, (counts.get(cell) ?? 0) + 1);
  return Float64Array.from(cells, (cell) => 1 / (counts.get(cell) as number));
}

/** As often as the sample and its clones stand in the data: 1 + clones. */
export const cloneWeights = (clones: Int32Array): Float64Array => Float64Array.from(clones, (m) => 1 + m);

/** The reference's: clones over size, so that one clone changes nothing (system.md, Q10). */
export const referenceCloneWeights = (clones: Int32Array): Float64Array =>
  Float64Array.from(clones, (m) => Math.max(1, m) / clones.length);
