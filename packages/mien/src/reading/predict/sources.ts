// What is to be read: files and folders as they were named, found and put in order.

import { realpath } from 'node:fs/promises';
import { basename, extname, join, resolve, sep } from 'node:path';
import { isPicture, isVideo } from '../../datasets/index.js';
import { DataError, NO_SUCH_FILE, statIfThere, walkFiles } from '../../files/index.js';
import type { ReadingProblem } from '../frames.js';

export interface Source {
  /** As it was named, or below the folder that was. */
  file: string;
  /** By the file's ending; of a file that was named itself and has another ending, `video` too: readers tell by content. */
  kind: 'picture' | 'video';
  /** Below the folder that was named, with `/`; else the file's name. */
  path: string;
  /** The folder's own name; `''` for files that were named themselves. */
  folder: string;
}

export interface FoundSources {
  /** In the order in which they were named, folders sorted within; each file once. */
  sources: Source[];
  /** Files of folders that are neither picture nor video. */
  passedOver: ReadingProblem[];
}

const EXPECTED = 'a picture, a video, or a folder of them';

/** Moving pictures with an ending that pictures share. */
const isMoving = (path: string) => isVideo(path) || extname(path).toLowerCase() === '.gif';

/** Files that systems and editors leave behind. */
const isHidden = (path: string) =>
  path.split('/').some((name) => name.startsWith('.')) || /(^|\/)Thumbs\.db$/i.test(path);

/**
 * Finds pictures and videos.
 * @param given files and folders
 * @param options.outputs files and folders that are written: what lies there is nothing to read
 * @throws DataError for what is not there, and when there is nothing to read
 */
export async function findSources(
  given: readonly string[],
  { outputs = [] }: { outputs?: readonly string[] } = {},
): Promise<FoundSources> {
  const sources: Source[] = [];
  const passedOver: ReadingProblem[] = [];
  const seen = new Set<string>();
  const written = outputs.map((path) => resolve(path));
  const isOutput = (file: string) =>
    written.some((path) => resolve(file) === path || resolve(file).startsWith(`${path}${sep}`));
  const add = async (source: Source) => {
    const real = await realpath(source.file);
    if (!seen.has(real)) sources.push(source);
    seen.add(real);
  };
  for (const path of given) {
    const found = await statIfThere(path);
    if (found === undefined) throw new DataError({ file: path }, { found: NO_SUCH_FILE, expected: EXPECTED });
    if (!found.isDirectory()) {
      const kind = isPicture(path) ? 'picture' : 'video';
      await add({ file: path, kind, path: basename(path), folder: '' });
      continue;
    }
    const paths: string[] = [];
    for await (const below of walkFiles(path, (one, message) => {
      passedOver.push({ source: join(path, one), message });
    }))
      if (!isHidden(below) && !isOutput(join(path, below))) paths.push(below);
    for (const below of paths.sort()) {
      const file = join(path, below);
      if (isPicture(below) || isMoving(below))
        await add({
          file,
          kind: isMoving(below) ? 'video' : 'picture',
          path: below,
          folder: basename(resolve(path)),
        });
      else passedOver.push({ source: file, message: 'neither a picture nor a video' });
    }
  }
  if (sources.length === 0)
    throw new DataError(
      { file: given.join(', ') },
      {
        found:
          passedOver.length === 0
            ? 'nothing'
            : `only others (${passedOver.length}), such as ${passedOver[0]?.source}`,
        expected: EXPECTED,
      },
    );
  return { sources, passedOver };
}
