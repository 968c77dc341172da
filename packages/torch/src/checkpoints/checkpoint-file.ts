import { type FileHandle, open, stat } from 'node:fs/promises';
import { CheckpointError, messageOf } from './error.js';

/** The most that one read or write system call takes. */
export const MAX_TRANSFER = 1 << 30;

/** A file that is read at random places, each part once. */
export class CheckpointFile {
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  readonly #handle: FileHandle;

  private constructor(path: string, size: number, handle: FileHandle) {
    this.path = path;
    this.size = size;
    this.#handle = handle;
  }

  /** @throws CheckpointError `io` where there is no such file or it is not a regular file */
  static async open(path: string): Promise<CheckpointFile> {
    let handle: FileHandle;
    let info: Awaited<ReturnType<typeof stat>>;
    try {
      // Before opening: opening a pipe would wait for its other end.
      info = await stat(path);
      if (!info.isFile()) {
        const kind = info.isDirectory() ? 'a folder' : 'not a regular file';
        throw new CheckpointError('io', `is ${kind}, where a checkpoint file is expected`, { file: path });
      }
      handle = await open(path, 'r');
    } catch (error) {
      if (error instanceof CheckpointError) throw error;
      throw new CheckpointError('io', `cannot be opened: ${messageOf(error)}`, { file: path, cause: error });
    }
    return new CheckpointFile(path, info.size, handle);
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  /** Exactly `length` bytes from `position`, in memory of their own. */
  async read(position: number, length: number, what: string): Promise<Uint8Array<ArrayBuffer>> {
    if (!(position + length <= this.size)) {
      const room = Math.max(0, this.size - position);
      this.#fail(
        'truncated',
        `the file ends early: ${what} needs ${length} bytes, ${room} are left`,
        position,
      );
    }
    const bytes = allocate(length, what, this.path);
    for (let done = 0; done < length; ) {
      const step = Math.min(length - done, MAX_TRANSFER);
      const count = await this.#readSome(bytes, done, step, position + done);
      if (count === 0)
        this.#fail('truncated', `the file became shorter while ${what} was read`, position + done);
      done += count;
    }
    return bytes;
  }

  async #readSome(bytes: Uint8Array, at: number, length: number, position: number): Promise<number> {
    try {
      return (await this.#handle.read(bytes, at, length, position)).bytesRead;
    } catch (error) {
      throw new CheckpointError('io', `cannot be read: ${messageOf(error)}`, {
        file: this.path,
        offset: position,
        cause: error,
      });
    }
  }

  #fail(code: 'truncated', what: string, offset: number): never {
    throw new CheckpointError(code, what, { file: this.path, offset });
  }
}

/** Zeroed memory of its own, or an error that says for what it was. */
export function allocate(length: number, what: string, file: string): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(length);
  } catch (error) {
    throw new CheckpointError('limit', `no memory for the ${length} bytes of ${what}`, {
      file,
      cause: error,
    });
  }
}
