// Writes pickles and checkpoint files for tests: its own few lines, so that the reader is not tested against itself.
import { crc32, deflateRawSync } from 'node:zlib';

/** Values that JavaScript has no literal for. */
export class Tuple {
  constructor(readonly items: readonly unknown[]) {}
}
export class Global {
  constructor(
    readonly module: string,
    readonly name: string,
  ) {}
}
export class Call {
  constructor(
    readonly callee: Global,
    readonly args: readonly unknown[],
    readonly state?: unknown,
  ) {}
}
export class PersistentId {
  constructor(readonly id: unknown) {}
}
/** Opcodes as they are, for hostile pickles. */
export class Raw {
  constructor(readonly bytes: Uint8Array) {}
}

export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

export function int64(value: number | bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(value));
  return bytes;
}

/** Opcodes and operands: strings are taken as Latin-1, numbers as single bytes. */
export function ops(...parts: (string | number | Uint8Array)[]): Buffer {
  return Buffer.concat(
    parts.map((part) => {
      if (typeof part === 'string') return Buffer.from(part, 'latin1');
      return typeof part === 'number' ? Buffer.from([part]) : Buffer.from(part);
    }),
  );
}

/** One pickle of protocol 2. Arrays become lists; Maps and plain objects, dictionaries. */
export function pickle(value: unknown): Buffer {
  return ops(0x80, 2, encode(value), '.');
}

function encode(value: unknown): Buffer {
  if (value === null) return ops('N');
  if (value === true) return ops(0x88);
  if (value === false) return ops(0x89);
  if (typeof value === 'bigint') return encodeLong(value);
  if (typeof value === 'number') {
    if (Number.isInteger(value) && Math.abs(value) < 2 ** 31) return ops('J', int32(value));
    if (Number.isInteger(value)) return encodeLong(BigInt(value));
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleBE(value);
    return ops('G', bytes);
  }
  if (typeof value === 'string') {
    const bytes = Buffer.from(value, 'utf8');
    return ops('X', int32(bytes.length), bytes);
  }
  if (value instanceof Uint8Array) return ops('B', int32(value.length), value);
  if (value instanceof Raw) return Buffer.from(value.bytes);
  if (value instanceof Tuple) return ops('(', ...value.items.map(encode), 't');
  if (Array.isArray(value)) return ops('](', ...value.map(encode), 'e');
  if (value instanceof Global) return ops('c', `${value.module}\n${value.name}\n`);
  if (value instanceof PersistentId) return ops(encode(value.id), 'Q');
  if (value instanceof Call) {
    const state = value.state === undefined ? ops() : ops(encode(value.state), 'b');
    return ops(encode(value.callee), encode(new Tuple(value.args)), 'R', state);
  }
  const entries = value instanceof Map ? [...value] : Object.entries(value as object);
  return ops('}(', ...entries.flatMap(([key, item]) => [encode(key), encode(item)]), 'u');
}

function encodeLong(value: bigint): Buffer {
  let length = 1;
  while (BigInt.asIntN(length * 8, value) !== value) length++;
  const bytes = Array.from({ length }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));
  return ops(0x8a, length, Uint8Array.from(bytes));
}

/** The persistent id of a storage; `view` is (key, offset, size) of the legacy format. */
export function storage(type: string, key: string, elements: unknown, view?: Tuple | null): PersistentId {
  const id = ['storage', new Global('torch', type), key, 'cpu', elements];
  return new PersistentId(new Tuple(view === undefined ? id : [...id, view]));
}

/** A tensor that views a storage. */
export function tensor(
  from: PersistentId,
  offset: unknown,
  size: readonly unknown[],
  stride: readonly unknown[],
): Call {
  const rebuild = new Global('torch._utils', '_rebuild_tensor_v2');
  return new Call(rebuild, [from, offset, new Tuple(size), new Tuple(stride), false, orderedDict([])]);
}

/** A whole contiguous tensor of float32. */
export function floats(key: string, elements: number, legacy = false): Call {
  return tensor(storage('FloatStorage', key, elements, legacy ? null : undefined), 0, [elements], [1]);
}

export function orderedDict(entries: readonly [string, unknown][]): Raw {
  const made = encode(new Call(new Global('collections', 'OrderedDict'), []));
  return new Raw(ops(made, '(', ...entries.flatMap(([key, item]) => [encode(key), encode(item)]), 'u'));
}

export interface ZipEntry {
  readonly name: string;
  readonly data: Uint8Array;
  readonly compress?: boolean;
  /** What the directory says instead of the truth. */
  readonly statedSize?: number;
  readonly statedStoredSize?: number;
  readonly statedCrc?: number;
  readonly statedOffset?: number;
  readonly flags?: number;
  readonly method?: number;
  readonly headerName?: string;
}

/** A zip archive, entries stored unless `compress`. */
export function zip(entries: readonly ZipEntry[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let position = 0;
  for (const entry of entries) {
    const stored = entry.compress ? deflateRawSync(entry.data) : Buffer.from(entry.data);
    const method = entry.method ?? (entry.compress ? 8 : 0);
    const name = Buffer.from(entry.name);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(entry.flags ?? 0x800, 2);
    common.writeUInt16LE(method, 4);
    common.writeUInt32LE(entry.statedCrc ?? crc32(entry.data), 10);
    common.writeUInt32LE(entry.statedStoredSize ?? stored.length, 14);
    common.writeUInt32LE(entry.statedSize ?? entry.data.length, 18);
    common.writeUInt16LE(name.length, 22);
    const headerName = Buffer.from(entry.headerName ?? entry.name);
    directory.push(
      ops('PK\x01\x02', 20, 0, common, Buffer.alloc(10), int32(entry.statedOffset ?? position), name),
    );
    parts.push(ops('PK\x03\x04', common, headerName, stored));
    position += 30 + headerName.length + stored.length;
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  const end = Buffer.alloc(12);
  end.writeUInt16LE(entries.length, 0);
  end.writeUInt16LE(entries.length, 2);
  end.writeUInt32LE(size, 4);
  end.writeUInt32LE(position, 8);
  return ops(...parts, ...directory, 'PK\x05\x06', int32(0), end, 0, 0);
}

/** The entries of a checkpoint in the zip format. */
export function zipEntries(object: Uint8Array, storages: Readonly<Record<string, Uint8Array>>): ZipEntry[] {
  return [
    { name: 'net/data.pkl', data: object },
    { name: 'net/byteorder', data: ops('little') },
    ...Object.entries(storages).map(([key, data]) => ({ name: `net/data/${key}`, data })),
    { name: 'net/version', data: ops('3\n') },
  ];
}

export function zipPth(value: unknown, storages: Readonly<Record<string, Uint8Array>>): Buffer {
  return zip(zipEntries(pickle(value), storages));
}

export const LEGACY_MAGIC = 0x1950a86a20f9469cfc6cn;

export const SYSTEM_INFO = {
  protocol_version: 1001,
  little_endian: true,
  type_sizes: { short: 2, int: 4, long: 4 },
};

/** A checkpoint in the legacy format; storages are [key, elements, bytes]. */
export function legacyPth(
  value: unknown,
  storages: readonly (readonly [string, number, Uint8Array])[],
  { magic = LEGACY_MAGIC as unknown, version = 1001 as unknown, system = SYSTEM_INFO as unknown } = {},
): Buffer {
  return ops(
    pickle(magic),
    pickle(version),
    pickle(system),
    value instanceof Raw ? value.bytes : pickle(value),
    pickle(storages.map(([key]) => key)),
    ...storages.flatMap(([, elements, bytes]) => [int64(elements), bytes]),
  );
}

export function float32s(...values: number[]): Uint8Array {
  return new Uint8Array(new Float32Array(values).buffer);
}
