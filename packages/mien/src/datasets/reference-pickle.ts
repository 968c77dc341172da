// The pickles that the reference's scripts write: `annotations.pkl` (task set → split → video), those of DISFA and
// AFEW-VA (split → video), the merged sets `mixed_*.pkl` (split), and ExpW's (nothing but label and path).

import { join } from 'node:path';
import { DataError, fileLookup, listFolder, show } from '../files/index.js';
import type { Task } from '../labels/index.js';
import type { FaceRow, Split } from './face-row.js';
import { dropOrThrow, type ReadContext } from './import.js';
import { MAX_FRAME, pathBelow, splitOf } from './labelling.js';
import {
  type Entry,
  entryColumn,
  entryPlace,
  labelReader,
  type ReferenceCodes,
} from './reference-pickle-labels.js';

export interface ReferencePickleOptions {
  pickle: string;
  /** Folder that the pictures lie in now. */
  root: string;
  /** Beginnings that are taken off the paths: the author's folders. */
  strip: readonly string[];
  /** Name of the data set in the manifest. */
  dataset: string;
  /** Only this task's set of `annotations.pkl`. */
  task?: Task | undefined;
  /** What the codes of expressions mean; not told by the file. */
  codes: ReferenceCodes;
}

const TASK_SETS = new Map<string, Task>([
  ['AU_Set', 'AU'],
  ['EXPR_Set', 'EXPR'],
  ['VA_Set', 'VA'],
]);

interface PlacedEntry extends Entry {
  task: Task | undefined;
  split: Split | undefined;
  clip: string | undefined;
}

/** The dictionaries that hold a list `path`, in the file's order. */
function* findEntries(
  node: unknown,
  found: Omit<PlacedEntry, 'columns' | 'name'> & { keys: readonly string[] },
): Generator<PlacedEntry> {
  const { file, keys, task, split, clip } = found;
  const name = keys.join('/');
  if (!(node instanceof Map))
    throw new DataError(
      { file },
      {
        found: `${name === '' ? 'a pickle' : name} that is no dictionary`,
        expected: 'dictionaries that hold lists "path"',
      },
    );
  if (node.has('path')) {
    yield { file, name, columns: node, task, split, clip };
    return;
  }
  for (const [key, value] of node) {
    const word = String(key);
    const next = { file, keys: [...keys, word], task, split, clip };
    if (task === undefined && TASK_SETS.has(word)) next.task = TASK_SETS.get(word);
    else if (split === undefined && splitOf(word) !== undefined) next.split = splitOf(word);
    else if (clip === undefined) next.clip = word;
    else
      throw new DataError(
        { file },
        { found: `${next.keys.join('/')}, too deep`, expected: 'task set → split → video → "path"' },
      );
    yield* findEntries(value, next);
  }
}

const isAbsolutePath = (path: string) => /^([/\\]|[a-zA-Z]:[/\\])/.test(path);

const isLabelled = ({ expression, valence, arousal, actionUnits = [] }: Partial<FaceRow>) =>
  [expression, valence, arousal, ...actionUnits].some((label) => label !== undefined);

/** The folder of a path, as a proposal for `strip`. */
const folderOf = (path: string) =>
  path.slice(0, Math.max(0, path.lastIndexOf('/', path.lastIndexOf('/') - 1)) + 1);

/**
 * Rows of one entry at a time. Labels of test sets, which are dummies, are not taken; pictures that are not there are
 * dropped.
 */
export async function* readReferencePickle(
  options: ReferencePickleOptions,
  context: ReadContext,
): AsyncGenerator<FaceRow[]> {
  const { pickle: file, root, strip, dataset, codes } = options;
  const { schema, tally } = context;
  await listFolder(root);
  const { loadReferencePickle } = await import('./reference-pickle-load.js'); // libtorch's package is slow to load
  const content = await loadReferencePickle(file);
  const entries = [
    ...findEntries(content, { file, keys: [], task: undefined, split: undefined, clip: undefined }),
  ].filter(({ task }) => options.task === undefined || task === undefined || task === options.task);
  const isThere = fileLookup(root);
  const seen = new Set<string>();

  const locate = (entry: Entry, item: number, path: unknown): string => {
    const place = entryPlace(entry, 'path', item);
    if (typeof path !== 'string') throw new DataError(place, { found: show(path), expected: 'a path' });
    const prefix = strip.find((one) => path.startsWith(one));
    const rest = prefix === undefined ? path : path.slice(prefix.length).replace(/^\/+/, '');
    const below = pathBelow(root, rest);
    if (below !== undefined) return below;
    throw new DataError(place, {
      found: show(path),
      expected: `a path below ${root}`,
      hint: isAbsolutePath(path)
        ? `Take off its beginning, for example with --strip ${folderOf(path)}`
        : undefined,
    });
  };

  const frameOf = (entry: Entry, item: number, frame: unknown): number | undefined => {
    if (frame === undefined) return undefined;
    if (typeof frame === 'number' && Number.isInteger(frame) && frame >= 0 && frame <= MAX_FRAME)
      return frame;
    throw new DataError(entryPlace(entry, 'frames_ids', item), {
      found: show(frame),
      expected: 'the number of a frame, from 0',
    });
  };

  for (const [done, entry] of entries.entries()) {
    const { task, split, clip, name } = entry;
    const paths = entryColumn(entry, 'path');
    if (paths === undefined) continue;
    const frames = entryColumn(entry, 'frames_ids', paths.length);
    const labelsOf = split === 'test' ? undefined : labelReader(entry, paths.length, { schema, codes, task });
    const faces: FaceRow[] = [];
    for (let item = 0; item < paths.length; item++) {
      const at = `${name}[${item}]`;
      const place = { file: `${file}: ${at}` };
      const image = locate(entry, item, paths.get(item));
      const frame = frameOf(entry, item, frames?.get(item));
      const { strange, ...labels } = labelsOf?.(item) ?? {};
      if (strange !== undefined)
        dropOrThrow(context, `expression ${strange}`, place, `one of ${schema.expressions.join(', ')}`);
      else if (labelsOf !== undefined && !isLabelled(labels)) tally.drop('no label', at);
      else if (!(await isThere(image)))
        dropOrThrow(context, 'no such file', { file: join(root, image) }, `a file, named in ${place.file}`);
      else {
        const key = `${task} ${image}`;
        if (seen.has(key)) tally.note('pictures named again (kept)', at);
        seen.add(key);
        faces.push({ dataset, image, split, clip, frame, ...labels });
      }
    }
    context.onProgress(done + 1, entries.length);
    yield faces;
  }
}
