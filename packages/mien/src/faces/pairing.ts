// Which of what was known belongs to which of what is seen: the best pairs first.

/**
 * Pairs up two lists, the cheapest pair first, each member at most once.
 * @param cost of a pair; undefined where the two cannot belong together
 * @returns index in the first list → index in the second; of equal costs the earlier pair
 */
export function pairUp<One, Other>(
  ones: readonly One[],
  others: readonly Other[],
  cost: (one: One, other: Other) => number | undefined,
): Map<number, number> {
  const candidates = ones.flatMap((one, i) =>
    others.flatMap((other, k) => {
      const price = cost(one, other);
      return price === undefined ? [] : [{ i, k, price }];
    }),
  );
  candidates.sort((a, b) => a.price - b.price);
  const pairs = new Map<number, number>();
  const taken = new Set<number>();
  for (const { i, k } of candidates) {
    if (pairs.has(i) || taken.has(k)) continue;
    pairs.set(i, k);
    taken.add(k);
  }
  return pairs;
}
