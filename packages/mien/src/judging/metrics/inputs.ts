// What every accumulator asks of the arrays it is given.

/**
 * @param width values of a row
 * @returns the number of rows
 * @throws RangeError if the arrays are of different lengths, or of no whole number of rows
 */
export function rowsIn(
  width: number,
  predicted: ArrayLike<number>,
  truth: ArrayLike<number>,
  known: ArrayLike<number> | undefined,
): number {
  const rows = predicted.length / width;
  if (
    predicted.length !== truth.length ||
    (known && known.length !== truth.length) ||
    !Number.isInteger(rows)
  )
    throw new RangeError(
      `${predicted.length} predictions, ${truth.length} true values${known ? ` and ${known.length} masks` : ''}; ` +
        `expected as many of each, ${width} a row`,
    );
  return rows;
}
