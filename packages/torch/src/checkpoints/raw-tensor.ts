import { DTYPE_BYTES, type DType } from '../dtypes.js';

/** A tensor as plain bytes, so that checkpoints can be read and written where libtorch is absent. */
export interface RawTensor {
  readonly dtype: DType;
  /** Sizes, outermost first; `[]` for a scalar. */
  readonly shape: readonly number[];
  /**
   * The elements, contiguous, C order, little endian: product of `shape` × bytes of `dtype`. It starts at a multiple of
   * the element's size in its `ArrayBuffer`, so that typed arrays can look at it. Tensors that shared a storage in the
   * file may share memory here too, as they do in PyTorch.
   */
  readonly data: Uint8Array;
}

/** Names to tensors, in the file's order. */
export type RawStateDict = Map<string, RawTensor>;

/** A tensor that a reader made; `data` arrives after the file's structure has been read. */
export class LoadedTensor implements RawTensor {
  dtype: DType;
  shape: readonly number[];
  data: Uint8Array = EMPTY;

  constructor(dtype: DType, shape: readonly number[]) {
    this.dtype = dtype;
    this.shape = shape;
  }
}

const EMPTY = new Uint8Array(0);

/** Whether a value from a checkpoint is a tensor. */
export function isRawTensor(value: unknown): value is RawTensor {
  return value instanceof LoadedTensor;
}

/**
 * Number of elements: the product of `shape`, 1 for a scalar.
 *
 * @returns undefined where the product leaves the safe integers, so that no caller works with a rounded number
 */
export function elementCount(shape: readonly number[]): number | undefined {
  let count = 1;
  for (const size of shape) {
    count *= size;
    if (!Number.isSafeInteger(count)) return undefined;
  }
  return count;
}

/**
 * Bytes that a contiguous tensor takes.
 *
 * @returns undefined where the number leaves the safe integers
 */
export function byteCount(dtype: DType, shape: readonly number[]): number | undefined {
  const count = elementCount(shape);
  if (count === undefined) return undefined;
  const bytes = count * DTYPE_BYTES[dtype];
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** Whether `value` can be a size, an offset or a count. */
export function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
