// Work cut into pieces that are read, written and repeated each for itself: a video, or the pictures of a folder.

import { dirname, extname } from 'node:path';
import { DataError } from '../../files/index.js';
import type { Source } from './sources.js';

export interface Job {
  /** What its outputs are called, below their folder, without ending. */
  name: string;
  kind: 'pictures' | 'video';
  /** Of a video one. */
  sources: readonly Source[];
}

/** Part `index`, from 0, of `count` that share the work. */
export interface Shard {
  index: number;
  count: number;
}

/** What a folder's pictures together are called. */
const PICTURES = 'pictures';

const withoutExtension = (path: string) => path.slice(0, path.length - extname(path).length);

/** Ways to call a source's outputs, the plainest first. */
const NAMINGS: readonly ((source: Source) => string)[] = [
  ({ path }) => withoutExtension(path),
  ({ path }) => path,
  ({ folder, path }) => (folder === '' ? withoutExtension(path) : `${folder}/${withoutExtension(path)}`),
  ({ folder, path }) => (folder === '' ? path : `${folder}/${path}`),
];

/** Names by source: the plainest that are different from each other. @throws DataError where none are */
function namesOf(sources: readonly Source[]): Map<Source, string> {
  for (const naming of NAMINGS) {
    const names = sources.map(naming);
    if (new Set(names.map((name) => name.toLowerCase())).size === names.length)
      return new Map(sources.map((source, i) => [source, names[i] as string]));
  }
  const paths = sources.map(({ folder, path }) => `${folder}/${path}`.toLowerCase());
  const twice = sources.find((_, i) => paths.indexOf(paths[i] as string) < i) as Source;
  throw new DataError(
    { file: twice.file },
    {
      found: `another source called ${twice.path}`,
      expected: 'different names: outputs are called by them',
      hint: 'Read them in two runs',
    },
  );
}

/**
 * A video is a job, and so are the pictures of each folder. Of the sources a shard takes every `count`-th: all shards together take
 * each once, and their outputs have different names.
 */
export function jobsOf(sources: readonly Source[], shard: Shard = { index: 0, count: 1 }): Job[] {
  const names = namesOf(sources);
  const own = sources.filter((_, i) => i % shard.count === shard.index);
  const part = shard.count === 1 ? '' : `-${shard.index}-of-${shard.count}`;
  const jobs = new Map<string, Job & { sources: Source[] }>();
  for (const source of own) {
    const name = names.get(source) as string;
    const isVideo = source.kind === 'video';
    const folder = dirname(name);
    const key = isVideo ? `v${name}` : `p${folder}`;
    const job = jobs.get(key);
    const together = `${folder === '.' ? '' : `${folder}/`}${PICTURES}${part}`;
    if (job === undefined) jobs.set(key, { name, kind: isVideo ? 'video' : 'pictures', sources: [source] });
    else {
      job.sources.push(source);
      job.name = together;
    }
  }
  return [...jobs.values()];
}
