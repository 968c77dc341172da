import { promisify } from 'node:util';
import { crc32, inflateRaw } from 'node:zlib';
import { type Entry, fromRandomAccessReaderPromise, RandomAccessReader, type ZipFile } from 'yauzl';
import type { Budget } from './budget.js';
import type { CheckpointFile } from './checkpoint-file.js';
import { CheckpointError, type CheckpointErrorCode, messageOf, quote } from './error.js';

/** Enough for a state dict of 250,000 tensors, each of which has an entry. */
const MAX_ENTRIES = 250_000;

/** The end of the archive, with its directory, is read at once; for most checkpoints that is all of it. */
const TAIL_BYTES = 8 << 20;

/** DEFLATE cannot expand by more (zlib's technical notes). */
const MAX_DEFLATE_RATIO = 1032;

const STORED = 0;
const DEFLATED = 8;

/** A zip archive whose entries are read one by one, at random. */
export class ZipArchive {
  readonly #file: CheckpointFile;
  readonly #zip: ZipFile;
  readonly #entries: ReadonlyMap<string, Entry>;
  #storedBytes = 0;

  private constructor(file: CheckpointFile, zip: ZipFile, entries: ReadonlyMap<string, Entry>) {
    this.#file = file;
    this.#zip = zip;
    this.#entries = entries;
  }

  /**
   * Reads the directory. The archive needs no closing: `file` stays its owner's.
   *
   * @throws CheckpointError where the directory is damaged or an entry's name appears twice
   */
  static async open(file: CheckpointFile): Promise<ZipArchive> {
    const tailStart = Math.max(0, file.size - TAIL_BYTES);
    const tail = await file.read(tailStart, file.size - tailStart, 'the end of the zip archive');
    const entries = new Map<string, Entry>();
    try {
      const options = { lazyEntries: true, autoClose: false, strictFileNames: true };
      const zip = await fromRandomAccessReaderPromise(
        new FileReader(file, tail, tailStart),
        file.size,
        options,
      );
      zip.on('error', () => {}); // errors reach the loop below as well; without a listener they end the process
      for await (const entry of zip.eachEntry()) {
        if (entries.has(entry.fileName)) {
          fail(file, 'corrupt', `the zip archive has two entries named ${quote(entry.fileName)}`);
        }
        entries.set(entry.fileName, entry);
        if (entries.size > MAX_ENTRIES)
          fail(file, 'limit', `the zip archive has more than ${MAX_ENTRIES} entries`);
      }
      return new ZipArchive(file, zip, entries);
    } catch (error) {
      throw asCheckpointError(file, 'the zip archive is damaged', error);
    }
  }

  get names(): IterableIterator<string> {
    return this.#entries.keys();
  }

  /** Size of an entry's content in bytes, as the archive states it; undefined where there is no such entry. */
  size(name: string): number | undefined {
    return this.#entries.get(name)?.uncompressedSize;
  }

  /**
   * An entry's content, in memory of its own.
   *
   * @param budget is charged with what a compressed entry inflates to
   */
  async read(name: string, budget: Budget): Promise<Uint8Array> {
    const file = this.#file;
    const entry = this.#entries.get(name);
    if (entry === undefined) fail(file, 'corrupt', `the zip archive has no entry ${quote(name)}`);
    const what = `entry ${quote(name)}`;
    if (entry.isEncrypted()) fail(file, 'unsupported', `${what} is encrypted`);
    if (entry.compressionMethod !== STORED && entry.compressionMethod !== DEFLATED) {
      fail(file, 'unsupported', `${what} is compressed by method ${entry.compressionMethod}`);
    }
    // Entries that overlap would let a small archive fill the memory without any compression.
    this.#storedBytes += entry.compressedSize;
    if (this.#storedBytes > file.size) fail(file, 'corrupt', `${what} overlaps with other entries`);
    const start = await this.#dataStart(entry, what);
    const stored = await file.read(start, entry.compressedSize, what);
    const data =
      entry.compressionMethod === STORED ? stored : await this.#inflate(entry, stored, what, budget);
    // Writers that leave the checksum out write 0.
    if (entry.crc32 !== 0 && crc32(data) !== entry.crc32) {
      fail(file, 'corrupt', `${what} does not match its checksum (CRC-32)`, start);
    }
    return data;
  }

  async #dataStart(entry: Entry, what: string): Promise<number> {
    try {
      const header = await this.#zip.readLocalFileHeaderPromise(entry, {});
      if (!header.fileName.equals(entry.fileNameRaw)) throw new Error('its header names another entry');
      return header.fileDataStart;
    } catch (error) {
      throw asCheckpointError(this.#file, `${what} is damaged`, error);
    }
  }

  async #inflate(entry: Entry, stored: Uint8Array, what: string, budget: Budget): Promise<Uint8Array> {
    const size = entry.uncompressedSize;
    if (size > stored.length * MAX_DEFLATE_RATIO) {
      fail(this.#file, 'corrupt', `${what} claims to inflate from ${stored.length} to ${size} bytes`);
    }
    budget.takeDerived(size, what);
    let data: Uint8Array;
    try {
      data = new Uint8Array(await promisify(inflateRaw)(stored, { maxOutputLength: Math.max(1, size) }));
    } catch (error) {
      throw asCheckpointError(this.#file, `${what} cannot be inflated to its ${size} bytes`, error);
    }
    if (data.length !== size) {
      fail(this.#file, 'corrupt', `${what} inflates to ${data.length} bytes, where ${size} are stated`);
    }
    return data;
  }
}

/** Serves yauzl from the open file; it checks the range, because yauzl trusts the archive's offsets. */
class FileReader extends RandomAccessReader {
  readonly #file: CheckpointFile;
  readonly #tail: Uint8Array;
  readonly #tailStart: number;

  constructor(file: CheckpointFile, tail: Uint8Array, tailStart: number) {
    super();
    this.#file = file;
    this.#tail = tail;
    this.#tailStart = tailStart;
  }

  override read(
    target: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null, count?: number) => void,
  ): void {
    const end = position + length;
    if (!(position >= 0 && end <= this.#file.size)) {
      setImmediate(callback, new Error(`bytes ${position} to ${end} lie outside the file`));
    } else if (position >= this.#tailStart) {
      target.set(this.#tail.subarray(position - this.#tailStart, end - this.#tailStart), offset);
      process.nextTick(callback, null, length);
    } else {
      this.#file.read(position, length, 'the zip archive').then(
        (bytes) => {
          target.set(bytes, offset);
          callback(null, length);
        },
        (error: Error) => callback(error),
      );
    }
  }
}

function fail(file: CheckpointFile, code: CheckpointErrorCode, what: string, offset?: number): never {
  throw new CheckpointError(code, what, { file: file.path, offset });
}

function asCheckpointError(file: CheckpointFile, what: string, error: unknown): CheckpointError {
  if (error instanceof CheckpointError) return error;
  return new CheckpointError('corrupt', `${what}: ${messageOf(error)}`, { file: file.path, cause: error });
}
