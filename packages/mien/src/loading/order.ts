// Which samples make up each batch of an epoch.

/** A fixed order, so that any step can be begun at. */
export interface BatchOrder {
  /** Steps. */
  readonly steps: number;
  /** The most samples of a step. */
  readonly batchSize: number;
  /** @param step 0 … steps − 1 @returns sample numbers: rows of the manifest, or windows */
  samples(step: number): ArrayLike<number>;
}

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
