// Outputs appear whole or not at all: they are written under a temporary name beside their own, then renamed.

import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { DataError, isDataError } from './errors.js';
import { makeFolder } from './make-folder.js';

const temporaryName = (file: string) => `${file}.${process.pid}.part`;

/** What an error about writing a file means to a user; a DataError comes back as it is. */
export function writingError(file: string, cause: unknown): DataError {
  if (isDataError(cause)) return cause;
  const { code = '', message } = cause as NodeJS.ErrnoException;
  const reasons: Record<string, string> = {
    EACCES: 'no permission to write there',
    EROFS: 'a read-only file system',
    ENOENT: 'a place where nothing can be made',
    ENOSPC: 'a full disk',
    EISDIR: 'a folder of that name',
    ENOTDIR: 'a file where a folder should be',
    EEXIST: 'a file where a folder should be',
  };
  return new DataError(
    { file },
    { found: reasons[code] ?? message, expected: 'a file that can be written', cause },
  );
}

/** A file that is being written. Make it its own with `commit`, or leave no trace with `discard`. */
export class OutputFile {
  readonly file: string;
  /** Where it lies until then; another program may write it there. */
  readonly temporary: string;
  #descriptor: number | undefined;

  /** Folders on the way are made. @throws DataError when the file cannot be written */
  constructor(file: string) {
    this.file = file;
    this.temporary = temporaryName(file);
    try {
      makeFolder(dirname(file));
      this.#descriptor = openSync(this.temporary, 'w');
    } catch (error) {
      throw writingError(file, error);
    }
  }

  write(bytes: Uint8Array): void {
    try {
      let done = 0;
      while (done < bytes.length) done += writeSync(this.#open(), bytes, done);
    } catch (error) {
      this.discard();
      throw writingError(this.file, error);
    }
  }

  /** Gives the file its name, over an older one. */
  commit(): void {
    try {
      fsyncSync(this.#open()); // a power cut must not leave an empty file under the final name
      closeSync(this.#open());
      this.#descriptor = undefined;
      renameSync(this.temporary, this.file);
    } catch (error) {
      this.discard();
      throw writingError(this.file, error);
    }
  }

  discard(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
    rmSync(this.temporary, { force: true });
  }

  #open(): number {
    if (this.#descriptor === undefined) throw new Error(`${this.file} is written and closed`);
    return this.#descriptor;
  }
}

/** Writes a whole file. @throws DataError when it cannot be written; nothing half-written is left */
export function writeWhole(file: string, content: string | Uint8Array): void {
  const output = new OutputFile(file);
  output.write(typeof content === 'string' ? new TextEncoder().encode(content) : content);
  output.commit();
}

/** Rows that are written at once. */
const PORTION = 5_000;

/**
 * Writes a text of many rows without holding it in memory; the file is whole or not there.
 * @param line of row 0 … length − 1, with its line end
 * @throws DataError when it cannot be written
 */
export function writeRows(file: string, length: number, head: string, line: (row: number) => string): void {
  const output = new OutputFile(file);
  const encoder = new TextEncoder();
  try {
    output.write(encoder.encode(head));
    for (let start = 0; start < length; start += PORTION) {
      const rows = Array.from({ length: Math.min(PORTION, length - start) }, (_, i) => line(start + i));
      output.write(encoder.encode(rows.join('')));
    }
    output.commit();
  } catch (error) {
    output.discard();
    throw error;
  }
}
