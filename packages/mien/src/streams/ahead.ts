// Stages that work side by side: what comes next is made while what is there is used.

export interface AheadOptions<Item> {
  /** Items that may wait. */
  most: number;
  /** … and together take so much, as far as more than one waits. */
  mostWeight?: number;
  weightOf?: (item: Item) => number;
}

/**
 * Runs ahead of whoever reads it. A failure comes at its place, after the items before it; whoever stops reading stops the source.
 */
export async function* ahead<Item>(
  source: AsyncIterable<Item>,
  { most, mostWeight = Number.POSITIVE_INFINITY, weightOf = () => 0 }: AheadOptions<Item>,
): AsyncGenerator<Item> {
  const waiting: Item[] = [];
  let weight = 0;
  let stopped = false;
  let ended = false;
  let failure: { error: unknown } | undefined;
  let wakeReader = () => {};
  let wakeWriter = () => {};
  const isFull = () => waiting.length >= most || (waiting.length > 0 && weight >= mostWeight);
  const filled = (async () => {
    try {
      for await (const item of source) {
        waiting.push(item);
        weight += weightOf(item);
        wakeReader();
        while (isFull() && !stopped)
          await new Promise<void>((resolve) => {
            wakeWriter = resolve;
          });
        if (stopped) return;
      }
    } catch (error) {
      failure = { error };
    } finally {
      ended = true;
      wakeReader();
    }
  })();
  try {
    for (;;) {
      while (waiting.length > 0) {
        const item = waiting.shift() as Item;
        weight -= weightOf(item);
        wakeWriter();
        yield item;
      }
      if (ended) break;
      await new Promise<void>((resolve) => {
        wakeReader = resolve;
      });
    }
    if (failure !== undefined) throw failure.error;
  } finally {
    stopped = true;
    wakeWriter();
    await filled;
  }
}
