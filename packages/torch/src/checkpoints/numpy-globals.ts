// NumPy's scalars and arrays, which training checkpoints carry as scores and histories.
import { DTYPE_BYTES, type DType } from '../dtypes.js';
import { Complex } from '../values.js';
import { quote } from './error.js';
import { narrow } from './pickle-cursor.js';
import {
  describe,
  isTuple,
  type PickleCall,
  type PickleGlobals,
  type PickleResolver,
} from './pickle-types.js';
import { byteCount, isCount, LoadedTensor } from './raw-tensor.js';
import { fortranStride, gather } from './strided.js';

/** NumPy 2's own bound. */
const MAX_RANK = 64;

interface Kind {
  readonly bytes: number;
  /** The tensor type that arrays of it become; unsigned integers of more than a byte have none. */
  readonly dtype?: DType;
  readonly read: (view: DataView) => number | bigint | boolean | Complex;
}

const KINDS: Readonly<Record<string, Kind>> = {
  b1: { bytes: 1, dtype: 'bool', read: (v) => v.getUint8(0) !== 0 },
  i1: { bytes: 1, dtype: 'int8', read: (v) => v.getInt8(0) },
  u1: { bytes: 1, dtype: 'uint8', read: (v) => v.getUint8(0) },
  i2: { bytes: 2, dtype: 'int16', read: (v) => v.getInt16(0, true) },
  u2: { bytes: 2, read: (v) => v.getUint16(0, true) },
  i4: { bytes: 4, dtype: 'int32', read: (v) => v.getInt32(0, true) },
  u4: { bytes: 4, read: (v) => v.getUint32(0, true) },
  i8: { bytes: 8, dtype: 'int64', read: (v) => narrow(v.getBigInt64(0, true)) },
  u8: { bytes: 8, read: (v) => narrow(v.getBigUint64(0, true)) },
  f2: { bytes: 2, dtype: 'float16', read: (v) => halfToNumber(v.getUint16(0, true)) },
  f4: { bytes: 4, dtype: 'float32', read: (v) => v.getFloat32(0, true) },
  f8: { bytes: 8, dtype: 'float64', read: (v) => v.getFloat64(0, true) },
  c8: {
    bytes: 8,
    dtype: 'complex64',
    read: (v) => new Complex(v.getFloat32(0, true), v.getFloat32(4, true)),
  },
  c16: {
    bytes: 16,
    dtype: 'complex128',
    read: (v) => new Complex(v.getFloat64(0, true), v.getFloat64(8, true)),
  },
};

/** A `numpy.dtype`, as a value: type letter and bytes, such as `f8`. */
export class NumpyDType {
  readonly code: string;

  constructor(code: string) {
    this.code = code;
  }
}

const DTYPE: PickleResolver = {
  call: ([code], call: PickleCall) => {
    if (typeof code !== 'string' || !Object.hasOwn(KINDS, code)) {
      call.fail(`NumPy type ${typeof code === 'string' ? quote(code) : describe(code)} is not supported`);
    }
    return new NumpyDType(code);
  },
  // (version, byte order, subtype, field names, fields, itemsize, alignment, flags)
  build: (_, state, call: PickleCall) => {
    const order = isTuple(state) ? state[1] : undefined;
    if (order !== '<' && order !== '|' && order !== '=') call.fail('NumPy data that is not little endian');
  },
};

const SCALAR: PickleResolver = {
  call: ([type, data], call: PickleCall) => {
    const kind = kindOf(type, call);
    const bytes = bytesOf(data, call);
    if (bytes.length !== kind.bytes)
      call.fail(`a NumPy scalar of ${bytes.length} bytes, where ${kind.bytes} are due`);
    return kind.read(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  },
};

/** An array arrives empty and gets shape, type and data as its state. */
const RECONSTRUCT: PickleResolver = {
  call: () => new LoadedTensor('uint8', [0]),
  build: (array, state, call: PickleCall) => {
    if (!(array instanceof LoadedTensor) || !isTuple(state) || state.length !== 5) {
      call.fail('a NumPy array whose state is not (version, shape, type, order, data)');
    }
    const [, shape, type, fortran, data] = state;
    setArray(array, bytesOf(data, call), type, shape, fortran === true, call);
  },
};

/** Protocol 5's way: (buffer, type, shape, order). */
const FROM_BUFFER: PickleResolver = {
  call: ([data, type, shape, order], call: PickleCall) => {
    const array = new LoadedTensor('uint8', [0]);
    setArray(array, bytesOf(data, call), type, shape, order === 'F', call);
    return array;
  },
};

/** NumPy's names that only make numbers and arrays (the latter as tensors). */
export const NUMPY_GLOBALS: PickleGlobals = new Map([
  ['numpy.dtype', DTYPE],
  ['numpy.ndarray', {}],
  // NumPy 2 renamed `core`.
  ...['numpy.core', 'numpy._core'].flatMap((module): [string, PickleResolver][] => [
    [`${module}.multiarray.scalar`, SCALAR],
    [`${module}.multiarray._reconstruct`, RECONSTRUCT],
    [`${module}.numeric._frombuffer`, FROM_BUFFER],
  ]),
]);

function setArray(
  array: LoadedTensor,
  bytes: Uint8Array,
  type: unknown,
  shape: unknown,
  fortran: boolean,
  call: PickleCall,
): void {
  const { dtype } = kindOf(type, call);
  if (dtype === undefined) call.fail(`a NumPy array of type ${(type as NumpyDType).code} has no tensor type`);
  if (!isTuple(shape) || shape.length > MAX_RANK || !shape.every(isCount)) {
    call.fail('a NumPy array whose shape is not a tuple of sizes');
  }
  const expected = byteCount(dtype, shape);
  if (bytes.length !== expected) {
    call.fail(`a NumPy array of shape [${shape.join(', ')}] with ${bytes.length} bytes of ${dtype}`);
  }
  // A copy: the bytes may be shared with another value, and need not be aligned.
  call.charge(0, bytes.length);
  array.dtype = dtype;
  array.shape = shape;
  array.data = new Uint8Array(bytes.length);
  if (fortran && shape.length > 1 && bytes.length > 0) {
    const aligned = bytes.byteOffset % DTYPE_BYTES[dtype] === 0 ? bytes : bytes.slice();
    gather(aligned, dtype, { offset: 0, shape, stride: fortranStride(shape) }, array.data);
  } else {
    array.data.set(bytes);
  }
}

function kindOf(type: unknown, call: PickleCall): Kind {
  if (!(type instanceof NumpyDType)) call.fail(`a NumPy value whose type is ${describe(type)}`);
  return KINDS[type.code] as Kind;
}

/** Python 2 kept bytes as strings. */
function bytesOf(data: unknown, call: PickleCall): Uint8Array {
  if (data instanceof Uint8Array) return data;
  if (typeof data !== 'string') call.fail(`NumPy data that is ${describe(data)}`);
  call.charge(0, data.length);
  return new Uint8Array(Buffer.from(data, 'utf8'));
}

function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
