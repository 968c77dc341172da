// Which range of numbers a value of a graph takes on real pictures: what its eight-bit form is made for.

import type { Graph } from './graph.js';
import { type Floats, openSession } from './runtime.js';
import { writeOnnx } from './write.js';

export interface Range {
  low: number;
  high: number;
}

/** Bins of the histogram from which a range is chosen. */
const BINS = 2048;
/** Ranges that are tried, from the whole one down to half of it. */
const TRIALS = 40;

class Histogram {
  low = 0;
  high = 0;
  readonly counts = new Float64Array(BINS);

  widen(data: Float32Array): void {
    for (const value of data) {
      if (value < this.low) this.low = value;
      else if (value > this.high) this.high = value;
    }
  }

  count(data: Float32Array): void {
    const factor = BINS / (this.high - this.low || 1);
    for (const value of data) {
      const bin = Math.min(BINS - 1, Math.floor((value - this.low) * factor));
      this.counts[bin] = (this.counts[bin] as number) + 1;
    }
  }

  /**
   * The range with the least squared error when its 256 steps stand for all values: a wide one has coarse steps, a narrow one
   * cuts rare values off. Zero is always in it.
   */
  best(): Range {
    const { low, high } = this;
    let best: Range & { error: number } = { low, high, error: Number.POSITIVE_INFINITY };
    for (let trial = 0; trial < TRIALS; trial++) {
      const share = 1 - (0.5 * trial) / TRIALS;
      const range = { low: low * share, high: high * share };
      const error = this.#errorOf(range);
      if (error < best.error) best = { ...range, error };
    }
    return { low: best.low, high: best.high };
  }

  #errorOf({ low, high }: Range): number {
    const rounding = ((high - low) / 255) ** 2 / 12;
    const width = (this.high - this.low) / BINS;
    let error = 0;
    for (let bin = 0; bin < BINS; bin++) {
      const value = this.low + (bin + 0.5) * width;
      const beyond = Math.max(0, low - value, value - high);
      error += (this.counts[bin] as number) * (beyond > 0 ? beyond ** 2 : rounding);
    }
    return error;
  }
}

/**
 * Runs the graph on batches and looks at values inside it.
 * @param names of the values @param batches inputs of the graph
 */
export async function measureRanges(
  graph: Graph,
  names: readonly string[],
  batches: readonly Floats[],
): Promise<Map<string, Range>> {
  const input = graph.inputs[0] as Graph['inputs'][number];
  const inner = names.filter((name) => name !== input.name);
  const outputs = [...new Set([...inner, ...graph.outputs.map(({ name }) => name)])];
  const open = { ...graph, outputs: outputs.map((name) => ({ name, type: 'float32' as const })) };
  const session = await openSession(writeOnnx(open, new Map()));
  const histograms = new Map(names.map((name) => [name, new Histogram()] as const));
  try {
    for (const step of ['widen', 'count'] as const)
      for (const batch of batches) {
        const values = await session.run({ [input.name]: batch });
        values.set(input.name, batch);
        for (const [name, histogram] of histograms) histogram[step]((values.get(name) as Floats).data);
      }
  } finally {
    await session.close();
  }
  return new Map([...histograms].map(([name, histogram]) => [name, histogram.best()] as const));
}
