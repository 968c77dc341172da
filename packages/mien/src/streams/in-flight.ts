// Several pieces of asynchronous work at a time: pictures decode on other threads while this one cuts the last ones.

import { availableParallelism } from 'node:os';

/** Pictures that are worked on at the same time: enough that no core waits for this thread or for the disk. */
export const JOBS = 2 * availableParallelism();

/**
 * Does `work` for every item, at most `limit` at a time, and yields the results in the items' order.
 * A failure ends it at that item's place.
 */
export async function* inFlight<Item, Result>(
  items: Iterable<Item> | AsyncIterable<Item>,
  limit: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const running: Promise<Result>[] = [];
  for await (const item of items) {
    const result = work(item);
    result.catch(() => {}); // told where its turn comes
    running.push(result);
    if (running.length >= limit) yield await (running.shift() as Promise<Result>);
  }
  for (const result of running) yield await result;
}
