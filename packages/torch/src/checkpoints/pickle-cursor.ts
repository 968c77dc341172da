import { isUtf8 } from 'node:buffer';
import { CheckpointError, type CheckpointErrorCode } from './error.js';

/** Longest line of the text opcodes (numbers, names, memo keys of protocol 0) that ends without a newline. */
const MAX_LINE_BYTES = 1 << 20;

/** Where a pickle's bytes come from, for errors. */
export interface PicklePlace {
  /** The file's path. */
  readonly file: string;
  /** The entry, where the file is a zip archive. */
  readonly entry?: string;
  /** Where the first of the bytes lies in the file or entry; 0 by default. */
  readonly base?: number;
}

/**
 * Reads a pickle's bytes front to back. Every length is compared with what is left before anything is
 * allocated, so a length field that lies costs nothing.
 */
export class PickleCursor {
  readonly #bytes: Buffer;
  readonly #place: PicklePlace;
  position: number;

  constructor(bytes: Uint8Array, position: number, place: PicklePlace) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#place = place;
    this.position = position;
  }

  get length(): number {
    return this.#bytes.length;
  }

  fail(code: CheckpointErrorCode, what: string, position: number = this.position): never {
    const { file, entry, base = 0 } = this.#place;
    throw new CheckpointError(code, what, { file, entry, offset: base + position });
  }

  /** Moves past `count` bytes and returns where they begin. */
  take(count: number, what: string): number {
    const start = this.position;
    const left = this.#bytes.length - start;
    if (count > left) {
      this.fail('truncated', `the pickle ends early: ${what} needs ${count} bytes, ${left} are left`);
    }
    this.position = start + count;
    return start;
  }

  uint8(what: string): number {
    return this.#bytes[this.take(1, what)] as number;
  }

  uint16(what: string): number {
    return this.#bytes.readUInt16LE(this.take(2, what));
  }

  int32(what: string): number {
    return this.#bytes.readInt32LE(this.take(4, what));
  }

  uint32(what: string): number {
    return this.#bytes.readUInt32LE(this.take(4, what));
  }

  /** An 8-byte length; one beyond the safe integers cannot be served, so it ends as "needs more bytes". */
  uint64(what: string): number {
    return Number(this.#bytes.readBigUInt64LE(this.take(8, what)));
  }

  /** Pickle's BINFLOAT is big endian. */
  float64(what: string): number {
    return this.#bytes.readDoubleBE(this.take(8, what));
  }

  /** A copy, so that a value never keeps the whole file alive. */
  bytes(count: number, what: string): Uint8Array {
    const start = this.take(count, what);
    return new Uint8Array(this.#bytes.subarray(start, start + count));
  }

  utf8(count: number, what: string): string {
    const start = this.take(count, what);
    const view = this.#bytes.subarray(start, start + count);
    if (!isUtf8(view)) this.fail('corrupt', `${what} is not valid UTF-8`, start);
    return view.toString('utf8');
  }

  /**
   * An 8-bit string as Python 2 wrote it: text where it is valid UTF-8 (what torch.load assumes), else its bytes.
   */
  text8(count: number, what: string): string | Uint8Array {
    const start = this.take(count, what);
    const view = this.#bytes.subarray(start, start + count);
    return isUtf8(view) ? view.toString('utf8') : new Uint8Array(view);
  }

  /** A little-endian two's complement integer of `count` bytes; bigint only where a number would round. */
  long(count: number, what: string): number | bigint {
    const start = this.take(count, what);
    let value = 0n;
    for (let i = start + count - 1; i >= start; i--) value = (value << 8n) | BigInt(this.#bytes[i] as number);
    return narrow(count === 0 ? 0n : BigInt.asIntN(count * 8, value));
  }

  /** The rest of the line, without its newline, as Latin-1. */
  line(what: string): string {
    const start = this.position;
    const end = this.#bytes.indexOf(0x0a, start);
    if (end < 0 || end - start > MAX_LINE_BYTES) {
      if (this.#bytes.length - start > MAX_LINE_BYTES) {
        this.fail('limit', `${what} is a line of more than ${MAX_LINE_BYTES} bytes`, start);
      }
      this.fail('truncated', `the pickle ends early: ${what} is a line without an end`, start);
    }
    this.position = end + 1;
    return this.#bytes.toString('latin1', start, end);
  }
}

/** A bigint as a number where that is exact. */
export function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** Decodes the quoted string of protocol 0 (Python's repr of an 8-bit string); undefined where it is malformed. */
export function unquote(line: string): string | undefined {
  const quote = line[0];
  if (line.length < 2 || (quote !== "'" && quote !== '"') || line.at(-1) !== quote) return undefined;
  const simple: Record<string, string> = {
    '\\': '\\',
    "'": "'",
    '"': '"',
    n: '\n',
    r: '\r',
    t: '\t',
    a: '\x07',
    b: '\b',
    f: '\f',
    v: '\v',
  };
  let bad = false;
  const text = line.slice(1, -1).replace(/\\(?:x([0-9a-fA-F]{2})|([\s\S])|$)/g, (_, hex, char) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    const plain = simple[char ?? ''];
    if (plain === undefined) bad = true;
    return plain ?? '';
  });
  return bad ? undefined : text;
}

/** Decodes protocol 0's raw-unicode-escape: only `\uXXXX` and `\UXXXXXXXX` are escapes. */
export function unescapeUnicode(line: string): string | undefined {
  let bad = false;
  const text = line.replace(/\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})/g, (_, short, long) => {
    const point = Number.parseInt(short ?? long, 16);
    if (point > 0x10ffff) bad = true;
    return bad ? '' : String.fromCodePoint(point);
  });
  return bad ? undefined : text;
}
