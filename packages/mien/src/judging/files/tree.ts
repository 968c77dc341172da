// Which text files a path means: one file, a folder of videos, or a folder with a folder or file per task.

import { basename, join } from 'node:path';
import { SET_FOLDERS, SET_ORDER, SPLIT_FOLDERS, type Split, videoOf } from '../../datasets/index.js';
import { DataError, listFolder, statIfThere } from '../../files/index.js';
import { type LabelSchema, TASKS, type Task } from '../../labels/index.js';
import type { Kind } from './cells.js';
import { type FrameSet, FrameSetBuilder } from './frame-set.js';
import { hasImages, readImageFile, readVideoFile } from './text.js';

export interface TextTreeOptions {
  schema: LabelSchema;
  kind: Kind;
  /** Tasks that are wanted; one of them names that of files which do not tell theirs. Default: all that are there. */
  tasks?: readonly Task[] | undefined;
  /** Which of the folders by split. */
  split: Split;
}

/** The name of a video that has none: the files `AU.txt`, `EXPR.txt` and `VA.txt` of a folder. */
export const UNNAMED = '';

const isText = (name: string): boolean => name.toLowerCase().endsWith('.txt');

async function isFolder(path: string): Promise<boolean> {
  return (await statIfThere(path))?.isDirectory() === true;
}

async function firstFolder(parent: string, names: readonly string[]): Promise<string | undefined> {
  for (const name of names) if (await isFolder(join(parent, name))) return join(parent, name);
  return undefined;
}

/** The folder with the files of a task: the set's own, or the one of the split in it. */
async function videosFolder(set: string, split: Split): Promise<string> {
  const splits = Object.entries(SPLIT_FOLDERS);
  const there: string[] = [];
  for (const [name, folders] of splits) {
    const folder = await firstFolder(set, folders);
    if (folder !== undefined && name === split) return folder;
    if (folder !== undefined) there.push(name);
  }
  if (there.length === 0) return set;
  throw new DataError(
    { file: set },
    {
      found: `folders for ${there.join(' and ')}`,
      expected: `one for ${split}`,
      hint: 'Choose with --split',
    },
  );
}

async function readText(
  builder: FrameSetBuilder,
  file: string,
  task: Task | undefined,
  clip: string,
  kind: Kind,
): Promise<void> {
  if (await hasImages(file)) return readImageFile(builder, { file, kind });
  if (task === undefined)
    throw new DataError(
      { file },
      {
        found: 'a file of one video that does not tell its task',
        expected: 'a header that begins with "image", or a task',
        hint: 'Say which task it is, such as --tasks AU',
      },
    );
  return readVideoFile(builder, { file, task, clip, kind });
}

async function readTexts(
  builder: FrameSetBuilder,
  folder: string,
  task: Task | undefined,
  kind: Kind,
): Promise<number> {
  const names = (await listFolder(folder)).files.filter(isText);
  const seen = new Map<string, string>();
  for (const name of names) {
    const clip = videoOf(name);
    const before = seen.get(clip);
    if (before !== undefined)
      throw new DataError(
        { file: join(folder, name) },
        {
          found: `video ${clip} for the second time`,
          expected: `one file per video; the first is ${before}`,
        },
      );
    seen.set(clip, name);
    await readText(builder, join(folder, name), task, clip, kind);
  }
  return names.length;
}

/**
 * Reads a text file, or a folder of them.
 * @throws DataError when there are none, or one is malformed
 */
export async function readTextTree(path: string, options: TextTreeOptions): Promise<FrameSet> {
  const { schema, kind, tasks, split } = options;
  const builder = new FrameSetBuilder(path, schema);
  const only = tasks?.length === 1 ? tasks[0] : undefined;
  if (!(await isFolder(path))) {
    await readText(builder, path, only, videoOf(basename(path)), kind);
    return builder.build();
  }
  let sets = 0;
  for (const task of SET_ORDER) {
    if (tasks !== undefined && !tasks.includes(task)) continue;
    const set = await firstFolder(path, [...SET_FOLDERS[task], task]);
    const file = join(path, `${task}.txt`);
    if (set !== undefined) {
      const folder = await videosFolder(set, split);
      sets++;
      if ((await readTexts(builder, folder, task, kind)) === 0)
        throw new DataError(
          { file: folder },
          { found: 'no text files', expected: 'a file VIDEO.txt per video' },
        );
    } else if ((await statIfThere(file)) !== undefined) {
      sets++;
      await readText(builder, file, task, UNNAMED, kind);
    }
  }
  if (sets === 0 && (await readTexts(builder, path, only, kind)) === 0)
    throw new DataError(
      { file: path },
      {
        found: 'neither text files nor folders of a task',
        expected: `${TASKS.map((task) => `${SET_FOLDERS[task][0]}/VIDEO.txt or ${task}.txt`).join(', ')}, or a VIDEO.txt per video`,
      },
    );
  return builder.build();
}
