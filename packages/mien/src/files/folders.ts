// Folders, listed in one order on every machine: by code unit, as JavaScript sorts strings.

import type { Stats } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError, systemProblem } from './errors.js';

export interface FolderEntries {
  /** Names of files (links followed), sorted. */
  files: string[];
  /** Names of folders (links followed), sorted. */
  folders: string[];
  /** Names that cannot be opened: dangling links, and names that are no UTF-8 (shown with �). */
  unusable: string[];
}

/** What is there, links followed; undefined when nothing is. */
export async function statIfThere(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch {
    return undefined;
  }
}

/** @throws DataError when there is no such folder or it cannot be read */
export async function listFolder(folder: string): Promise<FolderEntries> {
  let entries: import('node:fs').Dirent[];
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    const found = { ENOENT: 'no such folder', ENOTDIR: 'a file' }[code] ?? systemProblem(cause);
    throw new DataError({ file: folder }, { found, expected: 'a folder', cause });
  }
  const result: FolderEntries = { files: [], folders: [], unusable: [] };
  for (const entry of entries) {
    const target = entry.isSymbolicLink() ? await statIfThere(join(folder, entry.name)) : entry;
    if (entry.name.includes('\ufffd') || target === undefined) result.unusable.push(entry.name);
    else if (target.isDirectory()) result.folders.push(entry.name);
    else if (target.isFile()) result.files.push(entry.name);
    else result.unusable.push(entry.name);
  }
  result.files.sort();
  result.folders.sort();
  result.unusable.sort();
  return result;
}

/**
 * Every file below a folder, as paths relative to it with `/`, folder by folder in sorted order. Links are followed; a
 * link back to a folder on the way to it is passed to `onUnusable` and not entered, as are names that cannot be opened.
 */
export async function* walkFiles(
  folder: string,
  onUnusable: (path: string, reason: string) => void = () => {},
): AsyncGenerator<string> {
  async function* walk(relative: string, above: readonly string[]): AsyncGenerator<string> {
    const here = join(folder, relative);
    const real = await realpath(here).catch(() => here);
    if (above.includes(real)) {
      onUnusable(relative, 'a link to a folder that holds it');
      return;
    }
    const { files, folders, unusable } = await listFolder(here);
    const path = (name: string) => (relative === '' ? name : `${relative}/${name}`);
    for (const name of unusable) onUnusable(path(name), 'a name that cannot be opened');
    for (const name of files) yield path(name);
    for (const name of folders) yield* walk(path(name), [...above, real]);
  }
  yield* walk('', []);
}
