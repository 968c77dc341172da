// A folder of outputs that appears whole or not at all, as single files do.

import { existsSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { DataError } from './errors.js';
import { makeFolder } from './make-folder.js';
import { writingError } from './output.js';

/** @throws DataError when there is something already */
function refuseOccupied(out: string): void {
  if (existsSync(out) && readdirSync(out).length > 0)
    throw new DataError({ file: out }, { found: 'a folder that is not empty', expected: 'a new folder' });
}

/**
 * Lets `fill` write into a folder beside `out`, which then gets that name; where `fill` fails nothing is left.
 * @throws DataError when there is something in `out` already, or it cannot be written
 */
export async function writeFolder<T>(out: string, fill: (folder: string) => T | Promise<T>): Promise<T> {
  const part = `${out.replace(/\/+$/, '')}.${process.pid}.part`;
  try {
    refuseOccupied(out);
    makeFolder(part);
    const result = await fill(part);
    if (existsSync(out)) rmdirSync(out);
    renameSync(part, out);
    return result;
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === undefined ? error : writingError(out, error);
  } finally {
    rmSync(part, { recursive: true, force: true });
  }
}
