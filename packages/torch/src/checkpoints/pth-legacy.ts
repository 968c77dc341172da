// The format of torch.save before PyTorch 1.6: pickles in a row (magic number, protocol version, system info, the
// object, the list of storage keys), then for each key in that order an 8-byte number of elements and the raw data.
// Source: torch/serialization.py (_legacy_save, _legacy_load).
import { Budget } from './budget.js';
import type { CheckpointFile } from './checkpoint-file.js';
import { CheckpointError, type CheckpointErrorCode, quote } from './error.js';
import type { UnpickleOptions } from './pickle-machine.js';
import { describe } from './pickle-types.js';
import { MAX_PICKLE_BYTES, type PthContent, type PthOptions } from './pth-types.js';
import { StorageTable } from './storages.js';
import { torchGlobals, torchRefusalHint } from './torch-globals.js';
import { unpickle } from './unpickle.js';

const MAGIC = 0x1950a86a20f9469cfc6cn;
const PROTOCOL_VERSION = 1001;

/** The pickles of most files fit; where they do not, more is read. */
const FIRST_WINDOW = 1 << 20;
const WINDOW_GROWTH = 4;

interface Header {
  readonly value: unknown;
  readonly keys: readonly string[];
  readonly storages: StorageTable;
  readonly budget: Budget;
  /** Where the storages begin. */
  readonly end: number;
}

export async function readLegacyPth(
  file: CheckpointFile,
  options: Required<PthOptions>,
): Promise<PthContent> {
  const { value, keys, storages, budget, end } = await readHeader(file, options);
  let position = end;
  for (const key of keys) {
    const record = storages.records.get(key);
    if (record === undefined)
      fail(file, 'corrupt', `storage ${quote(key)} is listed but no tensor uses it`, end);
    const what = `storage ${quote(key)}`;
    const count = await file.read(position, 8, `the number of elements of ${what}`);
    const elements = new DataView(count.buffer).getBigInt64(0, true);
    if (elements !== BigInt(record.elements)) {
      const found = `${what} has ${elements} elements, where the pickle states ${record.elements}`;
      fail(file, 'corrupt', found, position);
    }
    storages.fill(record, await file.read(position + 8, record.bytes, what));
    position += 8 + record.bytes;
  }
  storages.finish();
  return { value, decodedBytes: budget.bytes, trailingBytes: file.size - position };
}

/** The length of the pickles is not known beforehand: read some, and more where they turn out to be cut. */
async function readHeader(file: CheckpointFile, options: Required<PthOptions>): Promise<Header> {
  for (let size = FIRST_WINDOW; ; size *= WINDOW_GROWTH) {
    const length = Math.min(size, file.size, MAX_PICKLE_BYTES);
    const window = await file.read(0, length, 'the pickles');
    try {
      return parseHeader(file, window, options);
    } catch (error) {
      const cut = error instanceof CheckpointError && error.code === 'truncated' && length < file.size;
      if (!cut) throw error;
      if (length >= MAX_PICKLE_BYTES) {
        fail(file, 'limit', `the object's structure takes more than ${MAX_PICKLE_BYTES} bytes`);
      }
    }
  }
}

function parseHeader(file: CheckpointFile, window: Uint8Array, options: Required<PthOptions>): Header {
  const budget = new Budget(file.path, file.size, options.maxBytes);
  const storages = new StorageTable(file.path, budget);
  let position = 0;
  const next = (more: Partial<UnpickleOptions> = {}): unknown => {
    const { value, end } = unpickle(window, position, { file: file.path, limits: options.limits, ...more });
    position = end;
    return value;
  };

  const magic = next();
  if (magic !== MAGIC) {
    fail(file, 'unsupported', 'is a pickle, but not one of torch.save: its magic number is missing', 0);
  }
  const version = next();
  if (version !== PROTOCOL_VERSION) {
    fail(
      file,
      'unsupported',
      `protocol version ${describe(version)}, where ${PROTOCOL_VERSION} is expected`,
      position,
    );
  }
  const system = next();
  const little = system instanceof Map ? system.get('little_endian') : undefined;
  if (little === false) {
    fail(file, 'unsupported', 'the tensors are big endian, where little endian is expected', position);
  }
  if (little !== true) fail(file, 'corrupt', 'the system info does not say "little_endian"', position);

  const value = next({
    globals: torchGlobals(storages, options.globals),
    persistentLoad: (id, call) => storages.persistentLoad(id, call),
    refusalHint: torchRefusalHint,
  });
  const keys = next();
  if (!Array.isArray(keys) || !keys.every((key) => typeof key === 'string')) {
    fail(file, 'corrupt', 'the list of storage keys is not a list of strings', position);
  }
  const listed = new Set<string>(keys);
  if (listed.size !== keys.length)
    fail(file, 'corrupt', 'the list of storage keys names one twice', position);
  for (const key of storages.records.keys()) {
    if (!listed.has(key))
      fail(file, 'corrupt', `storage ${quote(key)} is used but its data is not listed`, position);
  }
  return { value, keys, storages, budget, end: position };
}

function fail(file: CheckpointFile, code: CheckpointErrorCode, what: string, offset?: number): never {
  throw new CheckpointError(code, what, { file: file.path, offset });
}
