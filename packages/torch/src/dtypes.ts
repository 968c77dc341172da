/**
 * Element types of tensors, by PyTorch's own names.
 *
 * `bool` is one byte per element (0 or 1); the complex types hold real part then imaginary part.
 */
export type DType =
  | 'float32'
  | 'float64'
  | 'float16'
  | 'bfloat16'
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'bool'
  | 'complex64'
  | 'complex128';

/** Bytes that one element takes, in memory and in every file format that this package reads. */
export const DTYPE_BYTES: Record<DType, number> = {
  float32: 4,
  float64: 8,
  float16: 2,
  bfloat16: 2,
  int8: 1,
  uint8: 1,
  int16: 2,
  int32: 4,
  int64: 8,
  bool: 1,
  complex64: 8,
  complex128: 16,
};
