// The plane of valence and arousal cut into a grid of cells, for counts and for balancing.

/** Cells along each axis (the reference's samplers and figures). */
export const VA_BINS = 20;

/** Edges of `bins` equal cells from −1 to 1. Each is the double nearest its decimal, so that 0.3 lies on its edge. */
export function fixedEdges(bins = VA_BINS): Float64Array {
  return Float64Array.from({ length: bins + 1 }, (_, k) => (2 * k - bins) / bins);
}

/** Edges of `bins` equal cells from the least to the greatest value, computed as NumPy's `histogram` computes them. */
export function dataEdges(values: Float64Array, bins = VA_BINS): Float64Array {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low === high) {
    low -= 0.5;
    high += 0.5;
  }
  const step = (high - low) / bins;
  return Float64Array.from({ length: bins + 1 }, (_, k) => (k === bins ? high : k * step + low));
}

/** Edges at or below `value`, less one; the last cell is closed, and values outside belong to the outermost cells. */
export function binOf(edges: Float64Array, value: number): number {
  const last = edges.length - 2;
  const [low, high] = [edges[0] as number, edges[last + 1] as number];
  // A guess by division, then the edges decide: rounding may have put it beside the right bin.
  let bin = Math.min(last, Math.max(0, Math.floor(((value - low) / (high - low)) * (last + 1))));
  while (bin > 0 && (edges[bin] as number) > value) bin--;
  while (bin < last && (edges[bin + 1] as number) <= value) bin++;
  return bin;
}

/** Index of each pair's cell: valence bin × arousal bins + arousal bin. */
export function cellsOf(
  valence: Float64Array,
  arousal: Float64Array,
  edges: { valence: Float64Array; arousal: Float64Array },
): Int32Array {
  const height = edges.arousal.length - 1;
  const cells = new Int32Array(valence.length);
  for (let i = 0; i < cells.length; i++)
    cells[i] =
      binOf(edges.valence, valence[i] as number) * height + binOf(edges.arousal, arousal[i] as number);
  return cells;
}
