// Which of many named files are there? Asking for each would be slow on network drives: each folder is listed once.

import { dirname, join } from 'node:path';
import { listFolder, statIfThere } from './folders.js';

/**
 * @param root where paths start
 * @returns tells whether there is a file (links followed) at a path relative to `root`, with `/`; throws DataError where
 *   a folder cannot be listed
 */
export function fileLookup(root: string): (path: string) => Promise<boolean> {
  const folders = new Map<string, Promise<ReadonlySet<string>>>();
  const list = async (folder: string): Promise<ReadonlySet<string>> => {
    const isFolder = (await statIfThere(folder))?.isDirectory() === true;
    return new Set(isFolder ? (await listFolder(folder)).files : []);
  };
  return async (path) => {
    const folder = dirname(path);
    let names = folders.get(folder);
    if (names === undefined) {
      names = list(join(root, folder));
      folders.set(folder, names);
    }
    return (await names).has(path.slice(path.lastIndexOf('/') + 1));
  };
}
