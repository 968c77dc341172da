// NumPy arrays in pickles: those of numbers, which @mien/torch reads, and those of texts and of objects, read here.

import {
  NUMPY_GLOBALS,
  type PickleCall,
  type PickleGlobals,
  type PickleResolver,
  type RawTensor,
} from '@mien/torch';
import { NUMPY_TEXT_BYTES, type NumpyTextLetter, readNumpyText } from '../files/index.js';
import { PickledArray, type TextArray } from './reference-pickle-columns.js';

/** `U12`, `S12` (of so many characters) or `O8`, which are no numbers. */
class TextType {
  readonly letter: NumpyTextLetter | 'O';
  readonly length: number;

  constructor(letter: NumpyTextLetter | 'O', length: number) {
    this.letter = letter;
    this.length = length;
  }
}

const NUMBER_TYPE = NUMPY_GLOBALS.get('numpy.dtype');
const NUMBER_ARRAY = NUMPY_GLOBALS.get('numpy.core.multiarray._reconstruct');
const NUMBER_BUFFER = NUMPY_GLOBALS.get('numpy.core.numeric._frombuffer');

const TYPE: PickleResolver = {
  call: (args, call) => {
    const [, letter, size] = String(args[0]).match(/^([USO])(\d+)$/) ?? [];
    if (letter === undefined) return NUMBER_TYPE?.call?.(args, call);
    return new TextType(letter as TextType['letter'], Number(size));
  },
  build: (type, state, call) => {
    if (!(type instanceof TextType)) NUMBER_TYPE?.build?.(type, state, call);
    else if (Array.isArray(state) && state[1] === '>') call.fail('NumPy data that is not little endian');
  },
};

function textArray(type: TextType, shape: unknown, data: unknown, call: PickleCall): TextArray {
  const { letter, length } = type;
  if (!isTuple(shape) || !shape.every((size) => Number.isSafeInteger(size) && (size as number) >= 0))
    return call.fail('a NumPy array whose shape is not a tuple of sizes');
  const sizes = shape as readonly number[];
  const count = sizes.reduce((product, size) => product * size, 1);
  if (letter === 'O') {
    if (Array.isArray(data) && data.length === count) return { shape: sizes, values: data };
    return call.fail('a NumPy array of objects without their list');
  }
  const bytes = NUMPY_TEXT_BYTES[letter] * length;
  if (!(data instanceof Uint8Array) || data.length !== count * bytes)
    return call.fail(`a NumPy array of ${count} texts without ${count * bytes} bytes`);
  call.charge(count, count + data.length);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const values = Array.from({ length: count }, (_, i) => readNumpyText(view, i * bytes, letter, length));
  return { shape: sizes, values };
}

const isTuple = (value: unknown): value is readonly unknown[] =>
  Array.isArray(value) && Object.isFrozen(value);

/** An array arrives empty and gets shape, type and data as its state. */
const RECONSTRUCT: PickleResolver = {
  call: () => new PickledArray(),
  build: (array, state, call) => {
    if (!(array instanceof PickledArray) || !isTuple(state)) return call.fail('a NumPy array without state');
    const [, shape, type, , data] = state;
    if (type instanceof TextType) array.texts = textArray(type, shape, data, call);
    else {
      array.numbers = NUMBER_ARRAY?.call?.([], call) as RawTensor;
      NUMBER_ARRAY?.build?.(array.numbers, state, call);
    }
  },
};

/** Protocol 5's way: (buffer, type, shape, order). */
const FROM_BUFFER: PickleResolver = {
  call: (args, call) => {
    const [data, type, shape] = args;
    const array = new PickledArray();
    if (type instanceof TextType) array.texts = textArray(type, shape, data, call);
    else array.numbers = NUMBER_BUFFER?.call?.(args, call) as RawTensor;
    return array;
  },
};

/** NumPy's names, with arrays of texts and objects. */
export const ARRAY_GLOBALS: PickleGlobals = new Map([
  ...NUMPY_GLOBALS,
  ['numpy.dtype', TYPE],
  ...['numpy.core', 'numpy._core'].flatMap((module): [string, PickleResolver][] => [
    [`${module}.multiarray._reconstruct`, RECONSTRUCT],
    [`${module}.numeric._frombuffer`, FROM_BUFFER],
  ]),
]);
