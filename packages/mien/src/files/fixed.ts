// Numbers with a fixed number of decimals, as other programs write them.

/**
 * Four decimals as Python's `{:.4f}` has them: the double is rounded exactly, a tie goes to the even digit
 * (0.03125 → `0.0312`), and a negative number that rounds to zero, like −0, keeps its sign (`-0.0000`).
 * @throws RangeError for NaN and infinities
 */
export function formatFixed4(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`${value} has no decimals`);
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const size = Math.abs(value);
  if (size >= 1e21) return `${sign}${BigInt(size)}.0000`; // from here on `toFixed` gives exponents
  const text = size.toFixed(4);
  // `toFixed` rounds exactly, but ties up. Ties are the odd multiples of 1/32: only those have five decimals, the last a 5.
  const isTie = (size * 32) % 2 === 1;
  const last = Number(text.at(-1));
  return `${sign}${isTie && last % 2 === 1 ? `${text.slice(0, -1)}${last - 1}` : text}`;
}
