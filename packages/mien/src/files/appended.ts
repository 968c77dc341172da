// Logs: files that grow while a program runs. A program that was killed cuts its log back to where its last checkpoint
// knew it, and goes on from there.

import { closeSync, existsSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { DataError, NO_SUCH_FILE } from './errors.js';
import { makeFolder } from './make-folder.js';
import { writingError } from './output.js';

export interface Resume {
  /** Byte length to go on from; what lies behind it is cut off. */
  at: number;
  /** Whether the bytes before that end where a record does: else the file is another than the one that was left. */
  isWhole: (bytes: Buffer) => boolean;
}

/** A file to which bytes are appended. What `append` was given has reached the operating system: a kill loses none of it. */
export class AppendedFile {
  readonly file: string;
  #descriptor: number | undefined;
  #length: number;

  /**
   * Begins the file anew, or goes on with it; folders on the way are made.
   * @throws DataError when the file cannot be written, is shorter than `at`, or is not whole there
   */
  constructor(file: string, resume?: Resume) {
    this.file = file;
    this.#length = resume?.at ?? 0;
    try {
      makeFolder(dirname(file));
      if (resume !== undefined) checkResume(file, resume);
      this.#descriptor = openSync(file, resume === undefined ? 'w' : 'r+');
      ftruncateSync(this.#descriptor, this.#length);
    } catch (error) {
      throw writingError(file, error);
    }
  }

  /** Of the file. A checkpoint that stores it calls `flush` first, so that a power cut leaves no shorter file. */
  get byteLength(): number {
    return this.#length;
  }

  /** @throws DataError when it cannot be written, such as to a full disk */
  append(bytes: Uint8Array): void {
    const descriptor = this.#open();
    try {
      let done = 0;
      while (done < bytes.length)
        done += writeSync(descriptor, bytes, done, bytes.length - done, this.#length + done);
    } catch (error) {
      throw writingError(this.file, error);
    }
    this.#length += bytes.length;
  }

  /** Waits until the disk has everything. */
  flush(): void {
    const descriptor = this.#open();
    try {
      fsyncSync(descriptor);
    } catch (error) {
      throw writingError(this.file, error);
    }
  }

  /** A second call does nothing. */
  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #open(): number {
    if (this.#descriptor === undefined) throw new Error(`${this.file} is closed`);
    return this.#descriptor;
  }
}

function checkResume(file: string, { at, isWhole }: Resume): void {
  const bytes = existsSync(file) ? readFileSync(file) : undefined;
  if (bytes !== undefined && bytes.length >= at && isWhole(bytes.subarray(0, at))) return;
  const found =
    bytes === undefined
      ? NO_SUCH_FILE
      : bytes.length < at
        ? `${bytes.length} bytes`
        : `byte ${at} in the middle of a record`;
  throw new DataError(
    { file },
    { found, expected: `the file that had ${at} bytes when the checkpoint was written` },
  );
}
