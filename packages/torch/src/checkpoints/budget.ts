import { CheckpointError } from './error.js';

/** Memory that one file's tensors may take where the caller sets no bound: 16 GiB. */
export const DEFAULT_MAX_BYTES = 16 * 2 ** 30;

/** However small a file is, this much may be inflated or copied from it. */
const DERIVED_FLOOR = 256 << 20;

/** Inflating and copying may make this many times the file's size (a bias expanded to a matrix, say). */
const DERIVED_FACTOR = 4;

/**
 * How much memory one file may ask for. Bytes that lie in the file as they are bounded by its size anyway; bytes
 * that are made from it (compressed entries inflated, strided views gathered) could grow without end, so they
 * have a bound of their own: the larger of 256 MiB and four times the file.
 */
export class Budget {
  readonly #file: string;
  readonly #maxBytes: number;
  readonly #maxDerived: number;
  #bytes = 0;
  #derived = 0;

  constructor(file: string, fileSize: number, maxBytes: number) {
    this.#file = file;
    this.#maxBytes = maxBytes;
    this.#maxDerived = Math.max(DERIVED_FLOOR, DERIVED_FACTOR * fileSize);
  }

  /** Bytes asked for so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** To be called before allocating `bytes` for `what`. */
  take(bytes: number, what: string): void {
    this.#bytes += bytes;
    if (!(this.#bytes <= this.#maxBytes)) {
      const asked = `${what} brings the file's tensors to ${this.#bytes} bytes`;
      this.#fail(`${asked}, where at most ${this.#maxBytes} are allowed (option maxBytes)`);
    }
  }

  /** The same for bytes that the file does not hold as they are. */
  takeDerived(bytes: number, what: string): void {
    this.#derived += bytes;
    if (!(this.#derived <= this.#maxDerived)) {
      const asked = `${what} brings what is inflated or copied from the file to ${this.#derived} bytes`;
      this.#fail(`${asked}, where at most ${this.#maxDerived} are allowed for its size`);
    }
    this.take(bytes, what);
  }

  #fail(what: string): never {
    throw new CheckpointError('limit', what, { file: this.#file });
  }
}
