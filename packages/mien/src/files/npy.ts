// NumPy's .npy files of numbers and texts, versions 1 to 3 (numpy.lib.format). Not those of Python objects, which are
// pickles.

import { readFile } from 'node:fs/promises';
import { DataError, show } from './errors.js';
import { readingError } from './lines.js';

export interface NpyArray {
  /** `[]` of a single value. */
  shape: readonly number[];
  /** In C order. */
  values: readonly (number | string)[];
}

const MAGIC = '\x93NUMPY';

interface Kind {
  bytes: number;
  read(view: DataView, at: number): number | string;
}

const NUMBERS: Readonly<Record<string, Kind>> = {
  b1: { bytes: 1, read: (view, at) => view.getUint8(at) },
  u1: { bytes: 1, read: (view, at) => view.getUint8(at) },
  i1: { bytes: 1, read: (view, at) => view.getInt8(at) },
  i2: { bytes: 2, read: (view, at) => view.getInt16(at, true) },
  i4: { bytes: 4, read: (view, at) => view.getInt32(at, true) },
  i8: { bytes: 8, read: (view, at) => Number(view.getBigInt64(at, true)) },
  f4: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  f8: { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
};

export type NumpyTextLetter = 'U' | 'S';

/** Bytes of a character. */
export const NUMPY_TEXT_BYTES: Readonly<Record<NumpyTextLetter, number>> = { U: 4, S: 1 };

/**
 * One of NumPy's texts, which are padded with zeros.
 * @param length characters
 * @throws RangeError for a character beyond Unicode
 */
export function readNumpyText(view: DataView, at: number, letter: NumpyTextLetter, length: number): string {
  let text = '';
  for (let i = 0; i < length; i++)
    text += String.fromCodePoint(letter === 'U' ? view.getUint32(at + 4 * i, true) : view.getUint8(at + i));
  return text.replace(/\0+$/, '');
}

/** @param descr such as `<f8` or `<U11` */
function kindOf(descr: string): Kind | undefined {
  const [, order, letter = '', digits = ''] = descr.match(/^([<|=>])([a-zA-Z])([1-9]\d*)$/) ?? [];
  if (order === undefined || order === '>') return undefined;
  if (letter === 'U' || letter === 'S') {
    const length = Number(digits);
    return {
      bytes: NUMPY_TEXT_BYTES[letter] * length,
      read: (view, at) => readNumpyText(view, at, letter, length),
    };
  }
  return NUMBERS[letter + digits];
}

/** The header is a Python dictionary as text: `{'descr': '<f8', 'fortran_order': False, 'shape': (136,), }`. */
function parseHeader(header: string) {
  const descr = header.match(/'descr':\s*'([^']*)'/)?.[1];
  const fortran = header.match(/'fortran_order':\s*(True|False)/)?.[1];
  const sizes = header.match(/'shape':\s*\(([\d,\s]*)\)/)?.[1];
  if (descr === undefined || fortran === undefined || sizes === undefined) return undefined;
  const shape = sizes
    .split(',')
    .map((size) => size.trim())
    .filter((size) => size !== '')
    .map(Number);
  return { descr, fortran: fortran === 'True', shape };
}

/** @throws DataError when the bytes are no such array: something else, cut off, of another type */
export function parseNpy(file: string, bytes: Uint8Array): NpyArray {
  const fail = (found: string, expected: string): never => {
    throw new DataError({ file }, { found, expected });
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length === 0) fail('an empty file', 'a NumPy array');
  if (bytes.length < 12 || Buffer.from(bytes.subarray(0, 6)).toString('latin1') !== MAGIC)
    fail('something else', 'a NumPy array (.npy)');
  const version = bytes[6] ?? 0;
  if (version < 1 || version > 3) fail(`.npy version ${version}`, 'version 1, 2 or 3');
  const start = version === 1 ? 10 : 12;
  const end = start + (version === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (end > bytes.length) fail('an array cut off in its header', `at least ${end} bytes`);
  const text = Buffer.from(bytes.subarray(start, end)).toString('latin1');
  const header =
    parseHeader(text) ?? fail(`header ${show(text)}`, "'descr', 'fortran_order' and 'shape' in it");
  const { descr, fortran, shape } = header;
  const kind = kindOf(descr) ?? fail(`NumPy type ${descr}`, 'little-endian numbers (such as <f8) or texts');
  if (fortran && shape.length > 1) fail('an array in Fortran order', 'C order');
  const count = shape.reduce((product, size) => product * size, 1);
  if (bytes.length - end !== count * kind.bytes)
    fail(
      `${bytes.length - end} bytes of data`,
      `${count * kind.bytes} for shape (${shape.join(', ')}) of ${descr}`,
    );
  try {
    return { shape, values: Array.from({ length: count }, (_, i) => kind.read(view, end + i * kind.bytes)) };
  } catch (cause) {
    throw new DataError({ file }, { found: 'a character beyond Unicode', expected: 'text', cause });
  }
}

/** Reads one array. @throws DataError when the file cannot be read or is none */
export async function readNpy(file: string): Promise<NpyArray> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw readingError(file, error);
  }
  return parseNpy(file, bytes);
}
