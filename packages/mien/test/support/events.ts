// A reader of TensorBoard's event files that shares nothing with their writer.

import { readFileSync } from 'node:fs';
import { expect } from 'vitest';

/** CRC-32C a bit at a time, as a division of polynomials: no table, and the mask as TFRecord's text has it. */
export function bitwiseCrc(bytes: Uint8Array): number {
  let crc = 0xffffffffn;
  for (const byte of bytes)
    for (let bit = 0n; bit < 8n; bit++) {
      const out = (crc ^ (BigInt(byte) >> bit)) & 1n;
      crc >>= 1n;
      if (out === 1n) crc ^= 0x82f63b78n;
    }
  return Number(crc ^ 0xffffffffn);
}
const bitwiseMask = (crc: number) => {
  const wide = BigInt(crc);
  return Number((((wide >> 15n) | (wide << 17n)) + 0xa282ead8n) & 0xffffffffn);
};

type Fields = { field: number; value: number | Buffer }[];

/** Any message of protocol buffers: numbers, doubles and floats as numbers, what has a length as its bytes. */
function decodeMessage(bytes: Buffer): Fields {
  const fields: Fields = [];
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = BigInt(bytes[at++] as number);
      value |= (byte & 127n) << shift;
      if (byte < 128n) return Number(value);
    }
  };
  while (at < bytes.length) {
    const key = varint();
    const [field, wire] = [key >> 3, key & 7];
    if (wire === 0) fields.push({ field, value: varint() });
    else if (wire === 1) {
      fields.push({ field, value: bytes.readDoubleLE(at) });
      at += 8;
    } else if (wire === 5) {
      fields.push({ field, value: bytes.readFloatLE(at) });
      at += 4;
    } else {
      const length = varint();
      fields.push({ field, value: bytes.subarray(at, at + length) });
      at += length;
    }
  }
  return fields;
}

/** The value at a path of field numbers. */
export function at(bytes: Buffer, ...path: number[]): number | Buffer | undefined {
  return path.reduce<number | Buffer | undefined>(
    (inside, field) => decodeMessage(inside as Buffer).find((one) => one.field === field)?.value,
    bytes,
  );
}

/** The contents of the records, their checksums checked. */
export function records(file: string): Buffer[] {
  const bytes = readFileSync(file);
  const contents: Buffer[] = [];
  for (let start = 0; start < bytes.length; ) {
    const length = Number(bytes.readBigUInt64LE(start));
    const content = bytes.subarray(start + 12, start + 12 + length);
    expect(bytes.readUInt32LE(start + 8)).toBe(bitwiseMask(bitwiseCrc(bytes.subarray(start, start + 8))));
    expect(bytes.readUInt32LE(start + 12 + length)).toBe(bitwiseMask(bitwiseCrc(content)));
    contents.push(content);
    start += length + 16;
  }
  return contents;
}

/** Scalars as `tag@step = value`. */
export const scalars = (file: string) =>
  records(file)
    .slice(1)
    .map((event) => `${at(event, 5, 1, 1)}@${at(event, 2)} = ${at(event, 5, 1, 2)}`);
