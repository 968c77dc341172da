// Protocol buffers' wire format, as far as ONNX files need it: tagged fields, variable-length integers, nested messages.

const encoder = new TextEncoder();

/** Wire types. */
const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

/** Seven bits a byte, lowest first; negative numbers as 64-bit two's complement. */
function varint(value: number | bigint): number[] {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  return bytes;
}

/** A message that is being written. Large fields are kept as they are until everything is put together. */
export class Message {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  /** Bytes so far. */
  get length(): number {
    return this.#length;
  }

  int(field: number, value: number | bigint): this {
    return this.#push(Uint8Array.from([...varint((field << 3) | VARINT), ...varint(value)]));
  }

  float(field: number, value: number): this {
    const bytes = new Uint8Array(new Float32Array([value]).buffer);
    return this.#push(Uint8Array.from([...varint((field << 3) | FIXED32), ...bytes]));
  }

  bytes(field: number, bytes: Uint8Array): this {
    return this.#header(field, bytes.length).#push(bytes);
  }

  text(field: number, text: string): this {
    return this.bytes(field, encoder.encode(text));
  }

  message(field: number, message: Message): this {
    this.#header(field, message.length);
    for (const part of message.#parts) this.#push(part);
    return this;
  }

  toBytes(): Uint8Array {
    const whole = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  #header(field: number, length: number): this {
    return this.#push(Uint8Array.from([...varint((field << 3) | BYTES), ...varint(length)]));
  }

  #push(part: Uint8Array): this {
    this.#parts.push(part);
    this.#length += part.length;
    return this;
  }
}

/** Bytes that can be read anywhere: a file's, or those in memory. */
export interface ByteSource {
  readonly length: number;
  /** @param length at most what there is from `at` on */
  read(at: number, length: number): Uint8Array;
}

export function bytesIn(memory: Uint8Array): ByteSource {
  return { length: memory.length, read: (at, length) => memory.subarray(at, at + length) };
}

/** A field of a message: where its content lies; of an integer field its value too. */
export interface Field {
  field: number;
  start: number;
  end: number;
  /** Of integers up to 2^53. */
  value: number | undefined;
}

/** What is wrong with bytes that are no message, in words that follow "found". */
export class ProtobufError extends Error {
  override readonly name = 'ProtobufError';
}

/** The longest that two varints take: a tag and a length. */
const HEADER_BYTES = 20;

/**
 * The fields of the message from `start` to `end`; contents are not read.
 * @throws ProtobufError when the bytes are no message
 */
export function* fieldsOf(source: ByteSource, start = 0, end = source.length): Generator<Field> {
  for (let at = start; at < end; ) {
    const header = source.read(at, Math.min(HEADER_BYTES, end - at));
    let used = 0;
    const integer = (): number => {
      let value = 0;
      for (let factor = 1; ; factor *= 128) {
        const byte = header[used++];
        if (byte === undefined || used > HEADER_BYTES)
          throw new ProtobufError(`no end of a number at byte ${at}`);
        value += (byte & 0x7f) * factor;
        if (byte < 0x80) return value;
      }
    };
    const tag = integer();
    const [field, wire] = [Math.floor(tag / 8), tag % 8];
    let value: number | undefined;
    let length: number | undefined;
    if (wire === VARINT) {
      value = integer();
      length = 0;
    } else if (wire === BYTES) length = integer();
    else if (wire === FIXED32) length = 4;
    else if (wire === FIXED64) length = 8;
    if (length === undefined || field === 0) throw new ProtobufError(`a field of unknown kind at byte ${at}`);
    const content = at + used;
    if (!(content + length <= end))
      throw new ProtobufError(`a field of ${length} bytes at byte ${at}, where ${end - content} are left`);
    yield { field, start: content, end: content + length, value };
    at = content + length;
  }
}
