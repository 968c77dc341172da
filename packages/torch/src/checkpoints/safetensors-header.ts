// The header of a safetensors file: a JSON object, names to { dtype, shape, data_offsets }, and `__metadata__`, a
// map of text to text. Rules: the format's README and its reference implementation (huggingface/safetensors,
// safetensors/src/tensor.rs). JSON.parse would hide duplicate keys and round large integers, so the header is read
// by its own grammar.
import type { DType } from '../dtypes.js';
import { CheckpointError, type CheckpointErrorCode, clip, quote } from './error.js';
import { byteCount } from './raw-tensor.js';

/** The length of the header, in front of it. */
export const LENGTH_BYTES = 8;

/** The reference implementation's bound on the header. */
export const MAX_HEADER_BYTES = 100_000_000;

/** The key that is not a tensor. */
export const METADATA_KEY = '__metadata__';

/** One tensor's place. */
export interface TensorInfo {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Of its first byte, counted from the end of the header. */
  readonly begin: number;
  /** Of the byte after its last one. */
  readonly end: number;
}

export interface SafetensorsHeader {
  /** In the order of their data. */
  readonly tensors: readonly TensorInfo[];
  readonly metadata: ReadonlyMap<string, string>;
}

/** safetensors' names of the types, in ascending order of alignment as the reference implementation sorts them. */
export const DTYPE_ORDER: readonly (readonly [string, DType])[] = [
  ['BOOL', 'bool'],
  ['U8', 'uint8'],
  ['I8', 'int8'],
  ['I16', 'int16'],
  ['F16', 'float16'],
  ['BF16', 'bfloat16'],
  ['I32', 'int32'],
  ['F32', 'float32'],
  ['C64', 'complex64'],
  ['F64', 'float64'],
  ['I64', 'int64'],
];

const DTYPES: ReadonlyMap<string, DType> = new Map(DTYPE_ORDER);

/** Types that the format has and this package does not. */
const FOREIGN_DTYPES = new Set([
  ...['U16', 'U32', 'U64', 'F4', 'F6_E2M3', 'F6_E3M2'],
  ...['F8_E5M2', 'F8_E4M3', 'F8_E8M0', 'F8_E4M3FNUZ', 'F8_E5M2FNUZ'],
]);

/**
 * Reads and checks the header.
 *
 * @param text the header's bytes as text, without the length in front
 * @param dataBytes how many bytes follow the header
 */
export function parseHeader(text: string, dataBytes: number, file: string): SafetensorsHeader {
  const parser = new HeaderParser(text, file);
  const { tensors, metadata } = parser.parse();
  // Any order of the names is allowed; their data must fill the file without a hole, so it is checked in order.
  tensors.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let position = 0;
  for (const { name, dtype, shape, begin, end } of tensors) {
    const what = `tensor ${quote(name)}`;
    if (begin !== position) {
      const kind = begin > position ? 'leaves a hole' : 'overlaps';
      parser.fail(`${what} ${kind}: its data begins at ${begin}, where ${position} is expected`);
    }
    if (end < begin) parser.fail(`${what} ends at ${end}, before it begins at ${begin}`);
    const bytes = byteCount(dtype, shape);
    if (bytes === undefined)
      parser.fail(`${what} has shape [${clip(shape.join(', '))}], more than can be counted`);
    if (bytes !== end - begin) {
      const expected = `${dtype} of shape [${clip(shape.join(', '))}] takes ${bytes}`;
      parser.fail(`${what} has ${end - begin} bytes of data, where ${expected}`);
    }
    position = end;
  }
  if (position !== dataBytes) {
    const code = position > dataBytes ? 'truncated' : 'corrupt';
    parser.fail(`the tensors take ${position} bytes, but ${dataBytes} follow the header`, { code });
  }
  return { tensors, metadata };
}

/** Writes a header, padded by spaces to a multiple of 8 bytes so that the data after it is aligned. */
export function formatHeader(header: SafetensorsHeader): Buffer {
  const parts: string[] = [];
  if (header.metadata.size > 0) {
    parts.push(`"${METADATA_KEY}":${JSON.stringify(Object.fromEntries(header.metadata))}`);
  }
  for (const { name, dtype, shape, begin, end } of header.tensors) {
    const type = DTYPE_ORDER.find(([, known]) => known === dtype)?.[0];
    const info = JSON.stringify({ dtype: type, shape, data_offsets: [begin, end] });
    parts.push(`${JSON.stringify(name)}:${info}`);
  }
  const json = Buffer.from(`{${parts.join(',')}}`, 'utf8');
  const padding = (8 - (json.length % 8)) % 8;
  return Buffer.concat([json, Buffer.alloc(padding, ' ')]);
}

class HeaderParser {
  readonly #text: string;
  readonly #file: string;
  #at = 0;

  constructor(text: string, file: string) {
    this.#text = text;
    this.#file = file;
  }

  fail(what: string, { code = 'corrupt', at }: { code?: CheckpointErrorCode; at?: number } = {}): never {
    const offset = at === undefined ? undefined : LENGTH_BYTES + Buffer.byteLength(this.#text.slice(0, at));
    throw new CheckpointError(code, what, { file: this.#file, offset });
  }

  parse(): { tensors: TensorInfo[]; metadata: Map<string, string> } {
    if (this.#text[0] !== '{') this.#unexpected('the header does not begin with "{"');
    const tensors: TensorInfo[] = [];
    let metadata = new Map<string, string>();
    this.#object('the header', (name) => {
      if (name === METADATA_KEY) metadata = this.#metadata();
      else tensors.push(this.#tensor(name));
    });
    this.#space();
    if (this.#at < this.#text.length) this.#unexpected('the header goes on after its object');
    return { tensors, metadata };
  }

  #metadata(): Map<string, string> {
    const metadata = new Map<string, string>();
    this.#object(METADATA_KEY, (key) => {
      this.#space();
      if (this.#text[this.#at] !== '"') this.#unexpected(`${METADATA_KEY} has a value that is not a string`);
      metadata.set(key, this.#string());
    });
    return metadata;
  }

  #tensor(name: string): TensorInfo {
    const what = `tensor ${quote(name)}`;
    const start = this.#at;
    let dtype: DType | undefined;
    let shape: number[] | undefined;
    let offsets: number[] | undefined;
    this.#object(what, (field) => {
      if (field === 'dtype') dtype = this.#dtype(what);
      else if (field === 'shape') shape = this.#naturals(`the shape of ${what}`);
      else if (field === 'data_offsets') offsets = this.#naturals(`the data_offsets of ${what}`);
      else this.#unexpected(`${what} has a field ${quote(field)}, which the format does not know`);
    });
    if (dtype === undefined) this.fail(`${what} has no dtype`, { at: start });
    if (shape === undefined) this.fail(`${what} has no shape`, { at: start });
    if (offsets === undefined) this.fail(`${what} has no data_offsets`, { at: start });
    const [begin, end] = offsets as number[];
    if (begin === undefined || end === undefined || (offsets as number[]).length !== 2) {
      this.fail(`the data_offsets of ${what} are not two numbers`, { at: start });
    }
    return { name, dtype, shape, begin, end };
  }

  #dtype(what: string): DType {
    this.#space();
    const at = this.#at;
    const text = this.#string();
    const dtype = DTYPES.get(text);
    if (dtype !== undefined) return dtype;
    const shown = quote(text);
    if (FOREIGN_DTYPES.has(text)) {
      this.fail(`${what} has dtype ${shown}, which is not supported here`, { code: 'unsupported', at });
    }
    return this.fail(`${what} has the unknown dtype ${shown}`, { at });
  }

  /** An array of natural numbers, written as JSON integers. */
  #naturals(what: string): number[] {
    const values: number[] = [];
    this.#sequence('[', ']', what, () => {
      this.#space();
      const at = this.#at;
      this.#skip('0123456789+-.eE');
      const digits = this.#text.slice(at, this.#at);
      if (digits === '') this.#unexpected(`${what}: a number is missing`);
      const value = Number(digits);
      if (!/^(0|[1-9]\d{0,15})$/.test(digits) || !Number.isSafeInteger(value)) {
        this.fail(`${what} has ${clip(digits)}, where a natural number below 2^53 is expected`, { at });
      }
      values.push(value);
    });
    return values;
  }

  /** An object whose keys are handed to `value`, which reads what follows. */
  #object(what: string, value: (key: string) => void): void {
    const seen = new Set<string>();
    this.#sequence('{', '}', what, () => {
      this.#space();
      const at = this.#at;
      const key = this.#string();
      if (seen.has(key)) this.fail(`${what} has the key ${quote(key)} twice`, { at });
      seen.add(key);
      this.#space();
      if (this.#text[this.#at] !== ':') this.#unexpected(`${what}: ":" is missing after ${quote(key)}`);
      this.#at++;
      value(key);
    });
  }

  #sequence(open: string, close: string, what: string, item: () => void): void {
    this.#space();
    if (this.#text[this.#at] !== open) this.#unexpected(`${what} does not begin with "${open}"`);
    this.#at++;
    this.#space();
    if (this.#text[this.#at] === close) {
      this.#at++;
      return;
    }
    for (;;) {
      item();
      this.#space();
      const next = this.#text[this.#at++];
      if (next === close) return;
      if (next !== ',') {
        this.#at--;
        this.#unexpected(`${what}: "," or "${close}" is missing`);
      }
    }
  }

  #string(): string {
    const at = this.#at;
    if (this.#text[at] !== '"') this.#unexpected('a string is missing');
    let end = at;
    do {
      end = this.#text.indexOf('"', end + 1);
      if (end < 0) this.fail('a string has no end', { at });
    } while (this.#isEscaped(end));
    this.#at = end + 1;
    let text: string;
    try {
      text = JSON.parse(this.#text.slice(at, this.#at));
    } catch {
      this.fail('a string is not valid JSON', { at });
    }
    if (/\p{Surrogate}/u.test(text)) this.fail('a string holds half of a surrogate pair', { at });
    return text;
  }

  /** Whether an odd number of backslashes stands before. */
  #isEscaped(at: number): boolean {
    let start = at;
    while (this.#text[start - 1] === '\\') start--;
    return (at - start) % 2 === 1;
  }

  #space(): void {
    this.#skip(' \t\r\n');
  }

  /** Moves past any of `characters`. A loop, because a regular expression fails on a run of many megabytes. */
  #skip(characters: string): void {
    while (this.#at < this.#text.length && characters.includes(this.#text[this.#at] as string)) this.#at++;
  }

  #unexpected(what: string): never {
    const found =
      this.#at < this.#text.length ? JSON.stringify(this.#text.slice(this.#at, this.#at + 16)) : 'its end';
    this.fail(`${what} (found ${found})`, { at: this.#at });
  }
}
