// Lists and NumPy arrays out of a pickle, seen as columns.

import type { RawTensor } from '@mien/torch';

/** A NumPy array of texts or of Python objects. */
export interface TextArray {
  shape: readonly number[];
  values: readonly unknown[];
}

/** A NumPy array; its content comes after it was made. */
export class PickledArray {
  numbers: RawTensor | undefined;
  texts: TextArray | undefined;
}

/** A list or array of one or two dimensions. */
export interface PickledColumn {
  length: number;
  /** Values in each of its items: 1 of a plain list. */
  width: number;
  /** @param item 0 … length − 1; @param part 0 … width − 1 */
  get(item: number, part?: number): unknown;
}

const READERS: Readonly<Record<string, (view: DataView, at: number) => number>> = {
  bool: (view, at) => view.getUint8(at),
  uint8: (view, at) => view.getUint8(at),
  int8: (view, at) => view.getInt8(at),
  int16: (view, at) => view.getInt16(at, true),
  int32: (view, at) => view.getInt32(at, true),
  int64: (view, at) => Number(view.getBigInt64(at, true)),
  float32: (view, at) => view.getFloat32(at, true),
  float64: (view, at) => view.getFloat64(at, true),
};

function arrayColumn({ numbers, texts }: PickledArray): PickledColumn | undefined {
  const { shape } = numbers ?? texts ?? { shape: [] };
  const [length = 0, width = 1] = shape;
  if (texts !== undefined && shape.length === 1) return columnOf([...texts.values]); // objects may be rows
  if (shape.length < 1 || shape.length > 2) return undefined;
  if (texts !== undefined)
    return { length, width, get: (item, part = 0) => texts.values[item * width + part] };
  const read = numbers && READERS[numbers.dtype];
  if (numbers === undefined || read === undefined) return undefined;
  const { data } = numbers;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const size = length * width === 0 ? 1 : data.length / (length * width);
  return { length, width, get: (item, part = 0) => read(view, (item * width + part) * size) };
}

/** @returns undefined for what is neither a list nor an array of numbers, texts or rows of them */
export function columnOf(value: unknown): PickledColumn | undefined {
  if (value instanceof PickledArray) return arrayColumn(value);
  if (!Array.isArray(value)) return undefined;
  const rows = value.map((item) => (typeof item === 'object' && item !== null ? columnOf(item) : undefined));
  if (rows.every((row) => row === undefined))
    return { length: value.length, width: 1, get: (item) => value[item] };
  const width = rows[0]?.length ?? 0;
  if (rows.some((row) => row?.length !== width || row.width !== 1)) return undefined;
  return { length: value.length, width, get: (item, part = 0) => rows[item]?.get(part) };
}
