// Growing columns of a table: 2.8 million faces must fit in memory beside a training run, so values lie in typed arrays
// and a missing value is told by a mask, never by a magic number.

export interface Column<T> {
  readonly length: number;
  /** undefined is missing. */
  push(value: T | undefined): void;
  get(row: number): T | undefined;
  /** Rows `start` to `end` as Parquet takes them: a typed array where nothing is missing, else an array with nulls. */
  toParquet(start: number, end: number): ArrayLike<unknown> & { slice(a: number, b: number): unknown };
}

export type ColumnType = 'STRING' | 'INT32' | 'DOUBLE';

export interface NamedColumn {
  name: string;
  type: ColumnType;
  column: Column<string> | Column<number>;
}

type Numbers = Uint8Array | Int32Array | Float64Array;

function grown<A extends Numbers>(array: A, length: number): A {
  const next = new (array.constructor as new (length: number) => A)(Math.max(1024, length * 2));
  next.set(array);
  return next;
}

export class NumberColumn implements Column<number> {
  #values: Numbers;
  #known = new Uint8Array(0);
  #length = 0;
  #missing = 0;

  constructor(kind: 'uint8' | 'int32' | 'float64') {
    this.#values = { uint8: new Uint8Array(0), int32: new Int32Array(0), float64: new Float64Array(0) }[kind];
  }

  get length(): number {
    return this.#length;
  }

  /** How many values are missing. */
  get missing(): number {
    return this.#missing;
  }

  push(value: number | undefined): void {
    if (this.#length === this.#known.length) {
      this.#values = grown(this.#values, this.#length);
      this.#known = grown(this.#known, this.#length);
    }
    if (value === undefined) this.#missing++;
    else {
      this.#values[this.#length] = value;
      this.#known[this.#length] = 1;
    }
    this.#length++;
  }

  get(row: number): number | undefined {
    return this.#known[row] === 1 ? this.#values[row] : undefined;
  }

  /** The values, a view [length]; where `known` is 0 they mean nothing. */
  get values(): Numbers {
    return this.#values.subarray(0, this.#length);
  }

  /** 1 where there is a value, 0 where it is missing; a view [length]. */
  get known(): Uint8Array {
    return this.#known.subarray(0, this.#length);
  }

  toParquet(start: number, end: number) {
    const values = this.#values.subarray(start, end);
    if (this.#missing === 0 && !(values instanceof Uint8Array)) return values;
    return Array.from(values, (value, i) => (this.#known[start + i] === 1 ? value : null));
  }
}

/** Few distinct texts, many rows: names of data sets, subjects, clips, expressions. */
export class CategoryColumn implements Column<string> {
  readonly #names: string[] = [];
  readonly #codeOf = new Map<string, number>();
  readonly #codes = new NumberColumn('int32');

  get length(): number {
    return this.#codes.length;
  }

  push(value: string | undefined): void {
    if (value === undefined) this.#codes.push(undefined);
    else {
      let code = this.#codeOf.get(value);
      if (code === undefined) {
        code = this.#names.push(value) - 1;
        this.#codeOf.set(value, code);
      }
      this.#codes.push(code);
    }
  }

  get(row: number): string | undefined {
    const code = this.#codes.get(row);
    return code === undefined ? undefined : this.#names[code];
  }

  /** Distinct values, in order of first appearance. */
  get names(): readonly string[] {
    return this.#names;
  }

  /** The index in `names`, or undefined. */
  code(row: number): number | undefined {
    return this.#codes.get(row);
  }

  toParquet(start: number, end: number) {
    return Array.from({ length: end - start }, (_, i) => this.get(start + i) ?? null);
  }
}

/**
 * A copy in one piece. A text that was put together (folder + name) otherwise stays a tree of its parts in memory, more
 * than twice as large.
 */
const inOnePiece = (text: string): string => Buffer.from(text).toString();

/** Texts that are mostly different: paths. */
export class TextColumn implements Column<string> {
  readonly #values: (string | undefined)[] = [];

  get length(): number {
    return this.#values.length;
  }

  push(value: string | undefined): void {
    this.#values.push(value === undefined ? undefined : inOnePiece(value));
  }

  get(row: number): string | undefined {
    return this.#values[row];
  }

  toParquet(start: number, end: number) {
    return this.#values.slice(start, end).map((value) => value ?? null);
  }
}
