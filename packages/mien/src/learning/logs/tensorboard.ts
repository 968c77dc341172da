// Event files as TensorBoard reads them: TFRecords (a length, its checksum, the bytes, their checksum), each holding one
// `Event` in protocol buffers. Written by hand: of the format's messages a training log needs six.
// Sources: tensorflow/core/lib/io/record_writer.h; tensorflow/core/util/event.proto, framework/summary.proto, tensor.proto.

import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import { AppendedFile } from '../../files/index.js';

/** CRC-32C (Castagnoli, reflected 0x1EDC6F41) of each byte. */
const CRC_TABLE = new Uint32Array(256).map((_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? 0x82f63b78 ^ (crc >>> 1) : crc >>> 1;
  return crc;
});

/** CRC-32C, as RFC 3720 appendix B.4 defines it: `crc32c('123456789') = 0xe3069283`. */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (CRC_TABLE[(crc ^ byte) & 255] as number) ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** TFRecord stores checksums turned by 15 bits and shifted, so that a record within a record has another one. */
export const maskedCrc32c = (bytes: Uint8Array): number => {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
};

/** Protocol buffers: a number in groups of seven bits, the lowest first. */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  bytes.push(rest);
  return Buffer.from(bytes);
}

const numberField = (field: number, value: number) => Buffer.concat([varint(field << 3), varint(value)]);

const bytesField = (field: number, bytes: Uint8Array | string) => {
  const content = Buffer.from(bytes);
  return Buffer.concat([varint((field << 3) | 2), varint(content.length), content]);
};

const doubleField = (field: number, value: number) => {
  const bytes = Buffer.alloc(9);
  bytes[0] = (field << 3) | 1;
  bytes.writeDoubleLE(value, 1);
  return bytes;
};

const floatField = (field: number, value: number) => {
  const bytes = Buffer.alloc(5);
  bytes[0] = (field << 3) | 5;
  bytes.writeFloatLE(value, 1);
  return bytes;
};

/** Event { wall_time = 1, step = 2, file_version = 3, summary = 5 }; Summary { value = 1 }. */
const event = (time: number, step: number, content: Buffer) =>
  Buffer.concat([doubleField(1, time), numberField(2, step), content]);
const summary = (value: Buffer) => bytesField(5, bytesField(1, value));

const FILE_VERSION = bytesField(3, 'brain.Event:2');

/** Summary.Value { tag = 1, simple_value = 2 } */
const scalarValue = (tag: string, value: number) => Buffer.concat([bytesField(1, tag), floatField(2, value)]);

/** TensorProto { dtype = 1, tensor_shape = 2, string_val = 8 }: one string, DT_STRING = 7, of shape [1]. */
const stringTensor = (text: string) =>
  Buffer.concat([numberField(1, 7), bytesField(2, bytesField(2, numberField(1, 1))), bytesField(8, text)]);

/** Summary.Value { tag = 1, tensor = 8, metadata = 9 }; SummaryMetadata { plugin_data = 1 { plugin_name = 1 } } */
const textValue = (tag: string, text: string) =>
  Buffer.concat([
    bytesField(1, tag),
    bytesField(8, stringTensor(text)),
    bytesField(9, bytesField(1, bytesField(1, 'text'))),
  ]);

/** Bytes of a record beside its content: length (8), checksum of the length (4), checksum of the content (4). */
const FRAME = 16;

function record(content: Buffer): Buffer {
  const bytes = Buffer.alloc(content.length + FRAME);
  bytes.writeBigUInt64LE(BigInt(content.length));
  bytes.writeUInt32LE(maskedCrc32c(bytes.subarray(0, 8)), 8);
  bytes.set(content, 12);
  bytes.writeUInt32LE(maskedCrc32c(content), 12 + content.length);
  return bytes;
}

/** Whether a record ends where the bytes do. */
function endsWithRecord(bytes: Buffer): boolean {
  let end = 0;
  while (end + FRAME <= bytes.length) {
    if (bytes.readUInt32LE(end + 8) !== maskedCrc32c(bytes.subarray(end, end + 8))) return false;
    end += FRAME + Number(bytes.readBigUInt64LE(end));
  }
  return end === bytes.length;
}

export interface EventLogOptions {
  /** Seconds since 1970. */
  clock: () => number;
  /** Goes on with a file of this name after so many bytes; a new file without it. */
  resume?: { name: string; byteLength: number } | undefined;
}

/** One event file. Every call writes at once; TensorBoard may read along. */
export class EventLog {
  readonly #output: AppendedFile;
  readonly #clock: () => number;

  /**
   * @param folder whose event files make one run in TensorBoard
   * @throws DataError when the file cannot be written, or no record of it ends at `resume.byteLength`
   */
  constructor(folder: string, { clock, resume }: EventLogOptions) {
    this.#clock = clock;
    if (resume === undefined) {
      // TensorBoard finds event files by the word "tfevents" and reads them in the order of their names.
      const seconds = String(Math.floor(clock())).padStart(10, '0');
      this.#output = new AppendedFile(join(folder, `events.out.tfevents.${seconds}.${hostname()}`));
      this.#write(event(clock(), 0, FILE_VERSION));
      return;
    }
    this.#output = new AppendedFile(join(folder, resume.name), {
      at: resume.byteLength,
      isWhole: endsWithRecord,
    });
  }

  /** Without its folder; with `byteLength` what a checkpoint stores to `resume` from. */
  get name(): string {
    return basename(this.#output.file);
  }

  /** Call `flush` before a checkpoint stores it. */
  get byteLength(): number {
    return this.#output.byteLength;
  }

  /** @param tag such as `loss/EXPR`: charts are grouped by what stands before the slash @param value kept as float32 */
  scalar(tag: string, value: number, step: number): void {
    this.#write(event(this.#clock(), step, summary(scalarValue(tag, value))));
  }

  /** @param text Markdown, as TensorBoard shows it: indent by four blanks what is to stay as it is */
  text(tag: string, text: string, step: number): void {
    this.#write(event(this.#clock(), step, summary(textValue(tag, text))));
  }

  /** Waits until the disk has everything. */
  flush(): void {
    this.#output.flush();
  }

  close(): void {
    this.#output.close();
  }

  #write(content: Buffer): void {
    this.#output.append(record(content));
  }
}
