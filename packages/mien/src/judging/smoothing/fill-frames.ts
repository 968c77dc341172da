// Values for frames that have none: in which no face was found.

export interface FillFramesOptions {
  /** Number of the first frame. Default: 0 */
  first?: number;
  /** How many frames are wanted. */
  length: number;
  /** How many frames in a row may be filled. Default: any number */
  within?: number;
}

export interface FilledFrames {
  /** [length, width]; 0 where nothing is known. */
  values: Float32Array;
  /** [length], 0: no value is near enough. */
  known: Uint8Array;
}

/**
 * Between two frames with values the straight line between them, if at most `within` frames lie between; before the first
 * and after the last the nearest value, for up to `within` frames.
 * @param values [m, width]
 * @param frames their numbers, strictly ascending [m]; those outside what is wanted may still be neighbours
 * @throws RangeError for frames that do not ascend
 */
export function fillFrames(
  values: Float32Array,
  frames: ArrayLike<number>,
  { first = 0, length, within = Number.POSITIVE_INFINITY }: FillFramesOptions,
): FilledFrames {
  for (let i = 1; i < frames.length; i++)
    if (!((frames[i] as number) > (frames[i - 1] as number)))
      throw new RangeError(
        `frame ${frames[i]} comes after frame ${frames[i - 1]}; expected ascending numbers`,
      );
  const width = frames.length === 0 ? 0 : values.length / frames.length;
  const filled = { values: new Float32Array(length * width), known: new Uint8Array(length) };
  if (frames.length === 0) return filled;
  let next = 0;
  for (let i = 0; i < length; i++) {
    const frame = first + i;
    while (next < frames.length && (frames[next] as number) < frame) next++;
    // The neighbours; one and the same where the frame has a value itself, or lies beyond an end.
    const to = Math.min(next, frames.length - 1);
    const from = frames[to] === frame || to < next ? to : Math.max(0, next - 1);
    const [before, after] = [frames[from] as number, frames[to] as number];
    const missing = from === to ? Math.abs(frame - before) : after - before - 1;
    if (missing > within) continue;
    filled.known[i] = 1;
    const share = from === to ? 0 : (frame - before) / (after - before);
    for (let column = 0; column < width; column++) {
      const [one, other] = [values[from * width + column] as number, values[to * width + column] as number];
      filled.values[i * width + column] = (1 - share) * one + share * other;
    }
  }
  return filled;
}
