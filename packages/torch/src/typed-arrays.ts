// Between dtypes and JavaScript's typed arrays.
import { DTYPE_BYTES, type DType } from './dtypes.js';
import { native } from './native.js';
import type { Tensor } from './tensor.js';

/** Typed arrays that a tensor can be made from. */
export type NumericArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | BigInt64Array;

/** The dtype whose elements an array holds; a Uint16Array holds raw bits, so its dtype must be said. */
export function dtypeOfArray(array: NumericArray): DType {
  if (array instanceof Float32Array) return 'float32';
  if (array instanceof Float64Array) return 'float64';
  if (array instanceof Uint8Array || array instanceof Uint8ClampedArray) return 'uint8';
  if (array instanceof Int8Array) return 'int8';
  if (array instanceof Int16Array) return 'int16';
  if (array instanceof Int32Array) return 'int32';
  if (array instanceof BigInt64Array) return 'int64';
  throw new TypeError(
    `a ${(array as object).constructor.name} does not tell its dtype; pass its bytes to \`fromBytes\` with one`,
  );
}

/** The tensor's elements in row-major order, raw. */
export function readBytes(tensor: Tensor): Uint8Array {
  const bytes = new Uint8Array(tensor.numel() * DTYPE_BYTES[tensor.dtype]);
  native.readInto(tensor._handle, bytes);
  return bytes;
}

export function readTypedArray(tensor: Tensor): NumericArray {
  const { dtype } = tensor;
  if (dtype === 'float16' || dtype === 'bfloat16') {
    const wide = tensor.to({ dtype: 'float32' });
    const array = readTypedArray(wide);
    wide.dispose();
    return array;
  }
  const { buffer } = readBytes(tensor);
  switch (dtype) {
    case 'float32':
    case 'complex64':
      return new Float32Array(buffer);
    case 'float64':
    case 'complex128':
      return new Float64Array(buffer);
    case 'int8':
      return new Int8Array(buffer);
    case 'int16':
      return new Int16Array(buffer);
    case 'int32':
      return new Int32Array(buffer);
    case 'int64':
      return new BigInt64Array(buffer);
    default:
      return new Uint8Array(buffer);
  }
}
