// Where Aff-Wild2 keeps its labels: a folder per task and split, a text file per video. The folders have had other
// names since the third challenge; the files have not changed.

import { basename, dirname, join } from 'node:path';
import { DataError, listFolder, statIfThere } from '../../files/index.js';
import type { Task } from '../../labels/index.js';
import { dropOrThrow, type ReadContext } from '../import.js';

/** In the reference's order, which is the order of the rows. */
export const SET_ORDER: readonly Task[] = ['AU', 'EXPR', 'VA'];

/** The first name is that of FG-2020, the others are those of later challenges. */
export const SET_FOLDERS: Readonly<Record<Task, readonly [string, ...string[]]>> = {
  AU: ['AU_Set', 'AU_Detection_Challenge'],
  EXPR: ['EXPR_Set', 'EXPR_Classification_Challenge', 'EXPR_Recognition_Challenge'],
  VA: ['VA_Set', 'VA_Estimation_Challenge'],
};

export const SPLIT_FOLDERS = {
  train: ['Training_Set', 'Train_Set'],
  validation: ['Validation_Set'],
} as const;

export type LabelledSplit = keyof typeof SPLIT_FOLDERS;

const LABELLED_SPLITS: readonly LabelledSplit[] = ['train', 'validation'];

export interface LabelFile {
  task: Task;
  split: LabelledSplit;
  video: string;
  file: string;
  /** The end of `file` from the set's folder on, for tallies. */
  name: string;
}

/** The video that a label file belongs to: its name up to the first dot. */
export const videoOf = (fileName: string): string => fileName.split('.', 1)[0] as string;

/** The one folder of several possible names that is there. @throws DataError when there are two */
async function oneOf(parent: string, names: readonly string[]): Promise<string | undefined> {
  const there: string[] = [];
  for (const name of names) if ((await statIfThere(join(parent, name)))?.isDirectory()) there.push(name);
  if (there.length > 1)
    throw new DataError(
      { file: parent },
      { found: `both ${there.join(' and ')}`, expected: 'labels of one challenge only' },
    );
  return there[0] === undefined ? undefined : join(parent, there[0]);
}

async function filesIn(
  folder: string,
  task: Task,
  split: LabelledSplit,
  context: ReadContext,
): Promise<LabelFile[]> {
  const { files, unusable } = await listFolder(folder);
  for (const name of unusable)
    dropOrThrow(context, 'a name that cannot be opened', { file: join(folder, name) }, 'a label file');
  const result = new Map<string, LabelFile>();
  for (const name of files) {
    const file = join(folder, name);
    const video = videoOf(name);
    if (video === '' || !name.endsWith('.txt')) {
      context.tally.note('files that are no label files', file);
      continue;
    }
    const other = result.get(video);
    if (other !== undefined)
      throw new DataError(
        { file },
        {
          found: `labels of video ${video} for the second time; the first are in ${other.file}`,
          expected: 'one file per video (a video is called what stands before the first dot)',
        },
      );
    const place = `${basename(dirname(folder))}/${basename(folder)}/${name}`;
    result.set(video, { task, split, video, file, name: place });
  }
  return [...result.values()];
}

/**
 * All label files, in the order AU, EXPR, VA; training, validation; file name.
 * @param asked tasks that must be there; undefined: those that are there
 * @throws DataError when a folder is missing, or there is none at all
 */
export async function findLabelFiles(
  annotations: string,
  asked: readonly Task[] | undefined,
  context: ReadContext,
): Promise<LabelFile[]> {
  await listFolder(annotations);
  const result: LabelFile[] = [];
  let sets = 0;
  for (const task of SET_ORDER) {
    if (asked !== undefined && !asked.includes(task)) continue;
    const set = await oneOf(annotations, SET_FOLDERS[task]);
    if (set === undefined) {
      if (asked === undefined) continue;
      throw new DataError(
        { file: annotations },
        { found: `no labels for ${task}`, expected: `a folder ${SET_FOLDERS[task].join(' or ')}` },
      );
    }
    sets++;
    for (const split of LABELLED_SPLITS) {
      const folder = await oneOf(set, SPLIT_FOLDERS[split]);
      if (folder === undefined) context.tally.note(`no ${split} folder`, set);
      else result.push(...(await filesIn(folder, task, split, context)));
    }
  }
  const names = Object.values(SET_FOLDERS).map(([first]) => first);
  if (sets === 0)
    throw new DataError(
      { file: annotations },
      { found: 'none of the folders with labels', expected: `${names.join(', ')} or their later names` },
    );
  if (result.length === 0)
    throw new DataError(
      { file: annotations },
      { found: 'no label files', expected: 'Training_Set/VIDEO.txt and Validation_Set/VIDEO.txt in each' },
    );
  return result;
}
