// Tensors from JavaScript values, and from nothing.
import { op } from './dispatch.js';
import type { DType } from './dtypes.js';
import type { Generator } from './generator.js';
import { native } from './native.js';
import { tidy } from './scope.js';
import { tapeOf } from './tape.js';
import { Tensor } from './tensor.js';
import { dtypeOfArray, type NumericArray } from './typed-arrays.js';
import type { Device, MemoryFormat, Scalar } from './values.js';

/** Options of every function that makes a tensor. */
export interface TensorOptions {
  dtype?: DType;
  device?: Device;
  requiresGrad?: boolean;
}

export interface RandomOptions extends TensorOptions {
  generator?: Generator;
}

/** Numbers nested to any depth. */
export type NestedNumbers = number | boolean | bigint | readonly NestedNumbers[];

/**
 * A tensor from a number, nested arrays or a typed array (copied).
 * Without `dtype`: booleans make bool, bigints int64, numbers float32 — integers too, since JavaScript does not tell
 * 1 from 1.0 — and typed arrays what they hold.
 */
export function tensor(data: NestedNumbers | NumericArray, options: TensorOptions = {}): Tensor {
  if (ArrayBuffer.isView(data)) return fromTypedArray(data as NumericArray, undefined, options);
  const shape: number[] = [];
  for (let level: NestedNumbers = data; Array.isArray(level); level = level[0] as NestedNumbers) {
    shape.push(level.length);
    if (level.length === 0) break;
  }
  const flat: (number | boolean | bigint)[] = [];
  flatten(data, shape, 0, flat);
  const array = arrayFor(flat);
  return finish(fromMemory(array, dtypeOfArray(array), shape, true), {
    ...options,
    dtype: options.dtype ?? DEFAULT_DTYPE.get(array.constructor) ?? 'float32',
  });
}

function flatten(
  data: NestedNumbers,
  shape: number[],
  depth: number,
  into: (number | boolean | bigint)[],
): void {
  if (!Array.isArray(data)) {
    if (depth !== shape.length)
      throw new TypeError(`tensor: rows of different depth below [${shape.join(', ')}]`);
    const type = typeof data;
    if (type !== 'number' && type !== 'boolean' && type !== 'bigint') {
      throw new TypeError(`tensor: expected numbers, found ${data === null ? 'null' : type}`);
    }
    into.push(data as number);
    return;
  }
  if (depth >= shape.length || data.length !== shape[depth]) {
    throw new TypeError(
      `tensor: rows of different length: expected ${shape[depth] ?? 'a number'}, found ${data.length}`,
    );
  }
  for (const item of data) flatten(item, shape, depth + 1, into);
}

const DEFAULT_DTYPE = new Map<unknown, DType>([
  [BigInt64Array, 'int64'],
  [Uint8Array, 'bool'],
  [Float64Array, 'float32'],
]);

/** int64 if there is a bigint, bytes if all are booleans, else float64, which holds integers up to 2^53 unharmed. */
function arrayFor(flat: (number | boolean | bigint)[]): NumericArray {
  if (flat.some((x) => typeof x === 'bigint')) return BigInt64Array.from(flat, (x) => BigInt(x));
  if (flat.length > 0 && flat.every((x) => typeof x === 'boolean')) return Uint8Array.from(flat, Number);
  return Float64Array.from(flat as number[]);
}

export interface FromTypedArrayOptions extends TensorOptions {
  /**
   * `false`: the tensor works on the array's own memory (also a SharedArrayBuffer's) and holds a reference to it until
   * it is freed. Default: copy.
   */
  copy?: boolean;
}

/**
 * A tensor of the array's elements.
 * @param shape default: one dimension
 */
export function fromTypedArray(
  array: NumericArray,
  shape: readonly number[] = [array.length],
  options: FromTypedArrayOptions = {},
): Tensor {
  return finish(fromMemory(array, dtypeOfArray(array), shape, options.copy ?? true), options);
}

/** A tensor from raw little-endian bytes in row-major order, as a checkpoint stores them (copied). */
export function fromBytes(
  bytes: Uint8Array,
  dtype: DType,
  shape: readonly number[],
  options: TensorOptions = {},
): Tensor {
  return finish(fromMemory(bytes, dtype, shape, true), { dtype, ...options });
}

function fromMemory(view: ArrayBufferView, dtype: DType, shape: readonly number[], copy: boolean): Tensor {
  const tape = tapeOf(shape.length);
  shape.forEach((n, i) => {
    if (!Number.isSafeInteger(n) || n < 0) throw new RangeError(`a shape holds ${n}`);
    tape[i] = n;
  });
  return new Tensor(native.fromData(view, dtype, shape.length, copy));
}

/** Brings a fresh tensor to the wanted dtype and device; the intermediate is freed. */
function finish(made: Tensor, { dtype, device, requiresGrad }: TensorOptions): Tensor {
  const unchanged =
    (dtype === undefined || dtype === made.dtype) && (device === undefined || device === made.device);
  let result = made;
  if (!unchanged) {
    result = made.to({ ...(dtype && { dtype }), ...(device && { device }) });
    if (result !== made) made.dispose();
  }
  return requiresGrad ? result.requiresGrad_() : result;
}

/** Calls a factory operator; `requiresGrad` is not one of its arguments. */
function make(name: string, args: unknown[], { requiresGrad, ...options }: RandomOptions & object): Tensor {
  const made = op(name)(...args, options) as Tensor;
  return requiresGrad ? made.requiresGrad_() : made;
}

type Sizes = readonly number[];

export function zeros(size: Sizes, options: TensorOptions = {}): Tensor {
  return make('aten::zeros', [size], options);
}
export function ones(size: Sizes, options: TensorOptions = {}): Tensor {
  return make('aten::ones', [size], options);
}
/** Uninitialised memory. */
export function empty(size: Sizes, options: TensorOptions & { memoryFormat?: MemoryFormat } = {}): Tensor {
  return make('aten::empty.memory_format', [size], options);
}
/** Every element is `value`; float32 unless `dtype` says otherwise (bool for a boolean). */
export function full(size: Sizes, value: Scalar, options: TensorOptions = {}): Tensor {
  return make('aten::full', [size, value], {
    dtype: typeof value === 'boolean' ? 'bool' : 'float32',
    ...options,
  });
}
/** Uniform on [0, 1). */
export function rand(size: Sizes, options: RandomOptions = {}): Tensor {
  return make('aten::rand', [size], options);
}
/** Standard normal. */
export function randn(size: Sizes, options: RandomOptions = {}): Tensor {
  return make('aten::randn', [size], options);
}
/** Integers, uniform on [low, high). */
export function randint(low: number, high: number, size: Sizes, options: RandomOptions = {}): Tensor {
  return make('aten::randint', [low, high, size], { dtype: 'int64', ...options });
}
/** A random permutation of 0 … n − 1. */
export function randperm(n: number, options: RandomOptions = {}): Tensor {
  return make('aten::randperm', [n], { dtype: 'int64', ...options });
}
/** start, start + step, … below end. `arange(end)` starts at 0. int64 for integers, float32 otherwise. */
export function arange(start: number, end?: number, step = 1, options: TensorOptions = {}): Tensor {
  const [from, to] = end === undefined ? [0, start] : [start, end];
  return make('aten::arange', [from, to, step], options);
}
/** `steps` points evenly spaced from start to end, both included. */
export function linspace(start: number, end: number, steps: number, options: TensorOptions = {}): Tensor {
  return make('aten::linspace', [start, end, steps], options);
}
export function eye(n: number, m = n, options: TensorOptions = {}): Tensor {
  return make('aten::eye', [n, m], options);
}
export function zerosLike(input: Tensor, options: TensorOptions = {}): Tensor {
  return make('aten::zeros_like', [input], options);
}
export function onesLike(input: Tensor, options: TensorOptions = {}): Tensor {
  return make('aten::ones_like', [input], options);
}
export function fullLike(input: Tensor, value: Scalar, options: TensorOptions = {}): Tensor {
  return make('aten::full_like', [input, value], options);
}

/** Joins tensors along an existing dimension. */
export function cat(tensors: readonly Tensor[], dim = 0): Tensor {
  return op('aten::cat')(tensors, dim) as Tensor;
}
/** Joins tensors along a new dimension. */
export function stack(tensors: readonly Tensor[], dim = 0): Tensor {
  return op('aten::stack')(tensors, dim) as Tensor;
}

/** Whether every element is equal within |a − b| ≤ atol + rtol·|b|. */
export function allclose(
  a: Tensor,
  b: Tensor,
  { rtol = 1e-5, atol = 1e-8, equalNan = false }: { rtol?: number; atol?: number; equalNan?: boolean } = {},
): boolean {
  return tidy(() => op('aten::allclose')(a, b, rtol, atol, equalNan) as boolean);
}
