// Numbers of rows that come in any order: what never came is not known.

type Numbers = Float32Array | Int32Array;

const LEAST = 1024;

/** A table [n, width] in typed arrays that grow. */
export class SparseRows<A extends Numbers> {
  readonly width: number;
  #values: A;
  #known: Uint8Array;
  #capacity = 0;
  #some = false;

  /** @param empty such as `new Float32Array(0)`: the kind of the numbers */
  constructor(empty: A, width: number) {
    this.width = width;
    this.#values = empty;
    this.#known = new Uint8Array(0);
  }

  #resize(rows: number): void {
    const kind = this.#values.constructor as new (length: number) => A;
    const values = new kind(rows * this.width);
    const known = new Uint8Array(rows * this.width);
    values.set(this.#values.subarray(0, values.length));
    known.set(this.#known.subarray(0, known.length));
    [this.#values, this.#known, this.#capacity] = [values, known, rows];
  }

  set(row: number, column: number, value: number): void {
    if (row >= this.#capacity) this.#resize(Math.max(LEAST, this.#capacity * 2, row + 1));
    this.#values[row * this.width + column] = value;
    this.#known[row * this.width + column] = 1;
    this.#some = true;
  }

  /** @param values [width]; NaN leaves a value as it is */
  setRow(row: number, values: readonly number[]): void {
    for (let k = 0; k < values.length; k++) {
      const value = values[k] as number;
      if (!Number.isNaN(value)) this.set(row, k, value);
    }
  }

  /** The value, or undefined where none came. */
  get(row: number, column: number): number | undefined {
    return this.knows(row, column) ? this.#values[row * this.width + column] : undefined;
  }

  knows(row: number, column: number): boolean {
    return this.#known[row * this.width + column] === 1;
  }

  /** Any value came. */
  get some(): boolean {
    return this.#some;
  }

  /** Cuts the table to `rows` rows and gives its arrays [rows, width]. */
  take(rows: number): { values: A; known: Uint8Array } {
    if (rows !== this.#capacity) this.#resize(rows);
    return { values: this.#values, known: this.#known };
  }
}
