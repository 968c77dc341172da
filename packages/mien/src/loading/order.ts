// Which samples make up each batch of an epoch.

import type { BatchOrder } from '../sampling/index.js';

/**
 * Samples in the order given, `batchSize` at a time.
 * @param samples sample numbers, or how many there are
 * @param dropLast leaves the last batch out when it is not full
 */
export function batchesOf(
  samples: Int32Array | number,
  batchSize: number,
  { dropLast = false }: { dropLast?: boolean } = {},
): BatchOrder {
  const order = typeof samples === 'number' ? Int32Array.from({ length: samples }, (_, i) => i) : samples;
  const steps = order.length / batchSize;
  return {
    steps: dropLast ? Math.floor(steps) : Math.ceil(steps),
    batchSize,
    samples: (step) => order.subarray(step * batchSize, (step + 1) * batchSize),
  };
}
