import { randomBytes } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { MAX_TRANSFER } from './checkpoint-file.js';
import { CheckpointError, messageOf, quote } from './error.js';
import { byteCount, isCount, type RawTensor } from './raw-tensor.js';
import {
  DTYPE_ORDER,
  formatHeader,
  LENGTH_BYTES,
  MAX_HEADER_BYTES,
  METADATA_KEY,
  type TensorInfo,
} from './safetensors-header.js';

export interface WriteSafetensorsOptions {
  /** Text to keep with the tensors, such as `{ format: 'pt' }`. */
  readonly metadata?: ReadonlyMap<string, string> | Readonly<Record<string, string>>;
}

/**
 * Writes tensors to a safetensors file, laid out as the reference implementation does it (widest types first, then
 * by name), so that equal tensors give equal files.
 *
 * The file appears whole or not at all: it is written under another name in the same folder, flushed to the disk and
 * renamed. What was there before stays until then.
 *
 * @throws CheckpointError `invalid` for a tensor whose bytes do not fit its shape, or of type `complex128`, which
 *   the format lacks; `io` where the file cannot be written
 */
export async function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, RawTensor> | Readonly<Record<string, RawTensor>>,
  options: WriteSafetensorsOptions = {},
): Promise<void> {
  const sorted = sortAndCheck(tensors instanceof Map ? [...tensors] : Object.entries(tensors), path);
  const metadata = checkedMetadata(options.metadata ?? {}, path);
  const infos: TensorInfo[] = [];
  let position = 0;
  for (const { name, tensor } of sorted) {
    const end = position + tensor.data.length;
    infos.push({ name, dtype: tensor.dtype, shape: tensor.shape, begin: position, end });
    position = end;
  }
  const header = formatHeader({ tensors: infos, metadata });
  if (header.length > MAX_HEADER_BYTES) {
    invalid(
      path,
      `the header would take ${header.length} bytes, where at most ${MAX_HEADER_BYTES} are allowed`,
    );
  }
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeBigUInt64LE(BigInt(header.length));
  await writeAtomically(path, [length, header, ...sorted.map(({ tensor }) => tensor.data)]);
}

interface NamedTensor {
  readonly name: string;
  readonly tensor: RawTensor;
}

function sortAndCheck(entries: readonly (readonly [string, RawTensor])[], path: string): NamedTensor[] {
  const keyed = entries.map(([name, tensor]) => {
    const what = `tensor ${quote(name)}`;
    if (name === METADATA_KEY) invalid(path, `${what} has the name that the format keeps for its metadata`);
    if (!isWellFormed(name)) invalid(path, `${what} has half of a surrogate pair in its name`);
    const rank = DTYPE_ORDER.findIndex(([, dtype]) => dtype === tensor.dtype);
    if (rank < 0) invalid(path, `${what} has type ${tensor.dtype}, which safetensors files cannot hold`);
    if (!tensor.shape.every((size) => isCount(size)))
      invalid(path, `${what} has shape [${tensor.shape.join(', ')}]`);
    const expected = byteCount(tensor.dtype, tensor.shape);
    if (tensor.data.length !== expected) {
      const found = `${what} has ${tensor.data.length} bytes`;
      invalid(
        path,
        `${found}, where ${tensor.dtype} of shape [${tensor.shape.join(', ')}] takes ${expected}`,
      );
    }
    return { name, tensor, rank, bytes: Buffer.from(name, 'utf8') };
  });
  return keyed.sort((a, b) => b.rank - a.rank || Buffer.compare(a.bytes, b.bytes));
}

function checkedMetadata(
  metadata: NonNullable<WriteSafetensorsOptions['metadata']>,
  path: string,
): ReadonlyMap<string, string> {
  const entries: [string, unknown][] = metadata instanceof Map ? [...metadata] : Object.entries(metadata);
  for (const [key, value] of entries) {
    const what = `metadata ${quote(key)}`;
    if (typeof value !== 'string')
      invalid(path, `${what} is ${typeof value}, where only strings are allowed`);
    if (!isWellFormed(key) || !isWellFormed(value)) invalid(path, `${what} has half of a surrogate pair`);
  }
  return new Map(entries as [string, string][]);
}

function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

async function writeAtomically(path: string, parts: readonly Uint8Array[]): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  let handle: FileHandle | undefined;
  try {
    handle = await open(temporary, 'wx');
    for (const part of parts) await writeAll(handle, part);
    await handle.sync();
    await handle.close();
    handle = undefined;
    await rename(temporary, path);
  } catch (error) {
    await handle?.close().catch(() => {});
    await rm(temporary, { force: true }).catch(() => {});
    throw new CheckpointError('io', `cannot be written: ${messageOf(error)}`, { file: path, cause: error });
  }
  await syncFolder(folder);
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const step = Math.min(bytes.length - done, MAX_TRANSFER);
    done += (await handle.write(bytes, done, step)).bytesWritten;
  }
}

/** Makes the new name last through a power failure; not every system can, and the file itself is safe by now. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch {
    return;
  }
}

function invalid(path: string, what: string): never {
  throw new CheckpointError('invalid', what, { file: path });
}
