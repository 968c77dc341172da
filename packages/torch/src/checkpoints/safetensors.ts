import { isUtf8 } from 'node:buffer';
import { CheckpointFile } from './checkpoint-file.js';
import { CheckpointError, type CheckpointErrorCode, quote } from './error.js';
import { LoadedTensor, type RawStateDict, type RawTensor } from './raw-tensor.js';
import {
  LENGTH_BYTES,
  MAX_HEADER_BYTES,
  parseHeader,
  type SafetensorsHeader,
  type TensorInfo,
} from './safetensors-header.js';

/** A safetensors file whose header has been read; tensors are read when they are asked for. */
export class SafetensorsFile {
  readonly #file: CheckpointFile;
  readonly #infos: ReadonlyMap<string, TensorInfo>;
  readonly #dataStart: number;
  /** What the writer noted (`__metadata__`). */
  readonly metadata: ReadonlyMap<string, string>;

  /** Use {@link openSafetensors}. */
  constructor(file: CheckpointFile, header: SafetensorsHeader, dataStart: number) {
    this.#file = file;
    this.#infos = new Map(header.tensors.map((info) => [info.name, info]));
    this.#dataStart = dataStart;
    this.metadata = header.metadata;
  }

  /** As it was given. */
  get path(): string {
    return this.#file.path;
  }

  /** The tensors' names, in the order of their data. */
  get names(): string[] {
    return [...this.#infos.keys()];
  }

  /** Type and shape of a tensor, without reading it. */
  info(name: string): Pick<RawTensor, 'dtype' | 'shape'> {
    const { dtype, shape } = this.#find(name);
    return { dtype, shape };
  }

  /**
   * Reads one tensor, into memory of its own.
   *
   * @throws CheckpointError `invalid` where there is no such name
   */
  async tensor(name: string): Promise<RawTensor> {
    const { dtype, shape, begin, end } = this.#find(name);
    const tensor = new LoadedTensor(dtype, shape);
    tensor.data = await this.#file.read(this.#dataStart + begin, end - begin, `tensor ${quote(name)}`);
    return tensor;
  }

  /** Closes the file; what was read stays valid. */
  close(): Promise<void> {
    return this.#file.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #find(name: string): TensorInfo {
    const info = this.#infos.get(name);
    if (info !== undefined) return info;
    const count = this.#infos.size;
    const what = `has no tensor ${quote(name)} among its ${count}`;
    throw new CheckpointError('invalid', what, { file: this.#file.path });
  }
}

/**
 * Opens a safetensors file and checks its header by the format's rules, so that every tensor's place is known to be
 * sound. Close it when done, or declare it with `await using`.
 *
 * @throws CheckpointError naming the file and the rule that is broken
 */
export async function openSafetensors(path: string): Promise<SafetensorsFile> {
  const file = await CheckpointFile.open(path);
  try {
    const { header, dataStart } = await readHeader(file);
    return new SafetensorsFile(file, header, dataStart);
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** A whole safetensors file. */
export interface SafetensorsContent {
  /** In the order of their data. */
  readonly tensors: RawStateDict;
  /** What the writer noted (`__metadata__`). */
  readonly metadata: ReadonlyMap<string, string>;
}

/**
 * Reads all tensors of a safetensors file.
 *
 * @throws CheckpointError naming the file and the rule that is broken
 */
export async function readSafetensors(path: string): Promise<SafetensorsContent> {
  const file = await openSafetensors(path);
  try {
    const tensors: RawStateDict = new Map();
    for (const name of file.names) tensors.set(name, await file.tensor(name));
    return { tensors, metadata: file.metadata };
  } finally {
    await file.close();
  }
}

async function readHeader(file: CheckpointFile): Promise<{ header: SafetensorsHeader; dataStart: number }> {
  const fail = (code: CheckpointErrorCode, what: string, offset: number): never => {
    throw new CheckpointError(code, what, { file: file.path, offset });
  };
  const prefix = await file.read(0, LENGTH_BYTES, 'the length of the header');
  const stated = new DataView(prefix.buffer).getBigUint64(0, true);
  if (stated > BigInt(MAX_HEADER_BYTES)) {
    fail('corrupt', `the header claims ${stated} bytes, where at most ${MAX_HEADER_BYTES} are allowed`, 0);
  }
  const length = Number(stated);
  const bytes = await file.read(LENGTH_BYTES, length, 'the header');
  if (!isUtf8(bytes)) fail('corrupt', 'the header is not valid UTF-8', LENGTH_BYTES);
  const dataStart = LENGTH_BYTES + length;
  const text = Buffer.from(bytes.buffer).toString('utf8');
  return { header: parseHeader(text, file.size - dataStart, file.path), dataStart };
}
