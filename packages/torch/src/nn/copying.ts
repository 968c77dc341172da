// Values of state dicts into tensors of the same shape.
import { fromBytes } from '../creation.js';
import { DTYPE_BYTES } from '../dtypes.js';
import { tidy } from '../scope.js';
import { Tensor } from '../tensor.js';
import type { StateValue } from './state-dict.js';

/** Whether all sizes are equal. */
export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}

/**
 * Refuses a value that could not be copied, before anything is.
 * @throws TypeError naming the key
 */
export function checkValue(key: string, value: StateValue | undefined): void {
  if (value === undefined) return;
  if (value instanceof Tensor) {
    if (value.isDisposed) throw new TypeError(`the tensor given for ${key} was disposed`);
    return;
  }
  if (typeof value !== 'object' || !(value?.dtype in DTYPE_BYTES)) {
    throw new TypeError(`${key}: expected a tensor, or a record of dtype, shape and data`);
  }
  const bytes = value.shape.reduce((product, size) => product * size, DTYPE_BYTES[value.dtype]);
  if (value.data.byteLength !== bytes) {
    throw new TypeError(
      `${key}: ${value.dtype} of shape [${value.shape.join(', ')}] needs ${bytes} bytes, found ${value.data.byteLength}`,
    );
  }
}

/** Copies a value of the same shape, whatever its dtype and device. */
export function copyInto(tensor: Tensor, value: StateValue): void {
  tidy(() => tensor.copy_(value instanceof Tensor ? value : fromBytes(value.data, value.dtype, value.shape)));
}
