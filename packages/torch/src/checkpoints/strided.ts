// PyTorch stores a tensor as a view of a storage: element (i₀, i₁, …) lies at offset + Σ iₖ·strideₖ. Files keep that
// view; readers want contiguous bytes.
import { DTYPE_BYTES, type DType } from '../dtypes.js';

/** A view of a storage, all in elements. */
export interface Layout {
  readonly offset: number;
  readonly shape: readonly number[];
  readonly stride: readonly number[];
}

interface Dimension {
  size: number;
  stride: number;
}

/**
 * Index of the last element that the view touches (strides are not negative in PyTorch, so it is the largest).
 * Only for views with at least one element.
 *
 * @returns undefined where it leaves the safe integers
 */
export function lastElement({ offset, shape, stride }: Layout): number | undefined {
  let last = offset;
  for (const [i, size] of shape.entries()) {
    last += (size - 1) * (stride[i] as number);
    if (!Number.isSafeInteger(last)) return undefined;
  }
  return last;
}

/** Whether the view's elements lie one after the other, in C order. */
export function isContiguous(layout: Layout): boolean {
  const dimensions = coalesce(layout);
  return dimensions.length === 0 || (dimensions.length === 1 && dimensions[0]?.stride === 1);
}

/** Strides of a Fortran-order (first index fastest) array. */
export function fortranStride(shape: readonly number[]): number[] {
  let step = 1;
  return shape.map((size) => {
    const stride = step;
    step *= size;
    return stride;
  });
}

/**
 * Copies a view's elements into `target`, in C order. The caller has checked that the view stays inside.
 *
 * @param source the storage's bytes, aligned to its elements
 * @param target as many bytes as the view has
 */
export function gather(source: Uint8Array, dtype: DType, layout: Layout, target: Uint8Array): void {
  // Whole words are copied instead of bytes or floats: faster than the former, and unlike the latter it cannot
  // change the bits of a NaN.
  const bytes = DTYPE_BYTES[dtype];
  const words = bytes > 4 ? bytes / 4 : 1;
  const from = wordsOf(source, bytes);
  const to = wordsOf(target, bytes);
  const dimensions = coalesce(layout);
  const inner = dimensions.pop() ?? { size: 1, stride: 1 };
  const counters = dimensions.map(() => 0);
  let start = layout.offset * words;
  for (let at = 0; at < to.length; at += inner.size * words) {
    copyRun(from, start, inner.stride * words, to, at, inner.size, words);
    for (let k = dimensions.length - 1; k >= 0; k--) {
      const { size, stride } = dimensions[k] as Dimension;
      const next = (counters[k] as number) + 1;
      if (next < size) {
        counters[k] = next;
        start += stride * words;
        break;
      }
      counters[k] = 0;
      start -= (size - 1) * stride * words;
    }
  }
}

type Words = Uint8Array | Uint16Array | Uint32Array;

function wordsOf({ buffer, byteOffset, byteLength }: Uint8Array, bytes: number): Words {
  if (bytes === 1) return new Uint8Array(buffer, byteOffset, byteLength);
  if (bytes === 2) return new Uint16Array(buffer, byteOffset, byteLength / 2);
  return new Uint32Array(buffer, byteOffset, byteLength / 4);
}

/** Shorter runs are copied faster by a loop than by making a view for `set`. */
const SHORT_RUN = 32;

function copyRun(
  from: Words,
  start: number,
  step: number,
  to: Words,
  at: number,
  size: number,
  words: number,
): void {
  if (step === words && size >= SHORT_RUN) {
    to.set(from.subarray(start, start + size * words), at);
  } else if (words === 1) {
    for (let i = 0; i < size; i++) to[at + i] = from[start + i * step] as number;
  } else {
    for (let i = 0; i < size; i++) {
      for (let w = 0; w < words; w++) to[at + i * words + w] = from[start + i * step + w] as number;
    }
  }
}

/** The fewest dimensions that describe the same walk: those of size 1 dropped, adjacent ones merged. */
function coalesce({ shape, stride }: Layout): Dimension[] {
  const dimensions: Dimension[] = [];
  for (const [i, size] of shape.entries()) {
    if (size === 1) continue;
    const step = stride[i] as number;
    const outer = dimensions.at(-1);
    if (outer !== undefined && outer.stride === size * step) {
      outer.size *= size;
      outer.stride = step;
    } else {
      dimensions.push({ size, stride: step });
    }
  }
  return dimensions;
}
