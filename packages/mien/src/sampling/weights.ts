// How much more often one sample is drawn than another. Only ratios matter; the scales are the reference's.

/**
 * One over the number of samples in the same cell: all cells that are not empty become equally likely.
 * A cell is an expression, or a square of the valence-arousal grid.
 * @param cells index of each sample's cell, from 0 [size]
 */
export function inverseCountWeights(cells: Int32Array): Float64Array {
  const counts = new Float64Array(cells.reduce((most, cell) => Math.max(most, cell), -1) + 1);
  for (const cell of cells) counts[cell] = (counts[cell] as number) + 1;
  const weights = new Float64Array(cells.length);
  for (let i = 0; i < cells.length; i++) weights[i] = 1 / (counts[cells[i] as number] as number);
  return weights;
}

/** As often as the sample and its clones stand in the data: 1 + clones. */
export const cloneWeights = (clones: Int32Array): Float64Array =>
  new Float64Array(clones).map((count) => 1 + count);

/** The reference's: clones over size, so that one clone changes nothing. */
export const referenceCloneWeights = (clones: Int32Array): Float64Array =>
  new Float64Array(clones).map((count) => Math.max(1, count) / clones.length);
