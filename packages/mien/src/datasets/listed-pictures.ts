// Pictures that a list names: usable when they are there, each once.

import { join } from 'node:path';
import { fileLookup } from '../files/index.js';
import { dropOrThrow, type ReadContext } from './import.js';

/**
 * @param root where paths start
 * @returns tells whether a picture can be used; one that is missing or was listed before is dropped and counted. Of
 *   pictures with several faces, `key` tells the faces apart.
 */
export function listedPictures(root: string, context: ReadContext) {
  const isThere = fileLookup(root);
  const seen = new Set<string>();
  return async (path: string, place: { file: string; row: number }, key = path): Promise<boolean> => {
    if (!(await isThere(path))) {
      const named = `a file, named in ${place.file}:${place.row}`;
      dropOrThrow(context, 'no such file', { file: join(root, path) }, named);
      return false;
    }
    if (seen.has(key)) {
      dropOrThrow(context, 'a face listed before', place, 'each face once');
      return false;
    }
    seen.add(key);
    return true;
  };
}
