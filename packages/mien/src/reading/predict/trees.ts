// Folders of face crops as the reference's script reads them: a tree of text files for each.

import { dirname, join } from 'node:path';
import { DataError, statIfThere, writeWhole } from '../../files/index.js';
import type { ModelRunner } from '../../models/runners/index.js';
import type { ReadingProblem } from '../frames.js';
import { type OpenMembers, openReadingModels, type ReadingModelOptions } from '../members.js';
import { FILE_TASKS, type ReferenceFile, readReferenceTree } from '../reference-tree.js';
import { provenanceOf } from '../tables/index.js';
import type { Shard } from './jobs.js';
import { checkNote, writeNote } from './note.js';
import { PredictUsageError } from './outputs.js';
import { findSources } from './sources.js';

export interface PredictTreesOptions extends ReadingModelOptions {
  /** Folders of crops; folders in them too. */
  sources: readonly string[];
  /** Students, or a run that has some. */
  models: readonly string[];
  teacher?: string | undefined;
  /** A folder. */
  out: string;
  batch?: number | undefined;
  /** Only this part of the folders. */
  shard?: Shard | undefined;
  /** Leaves out folders whose tree is there. */
  resume?: boolean | undefined;
  strict?: boolean | undefined;
  command?: string | undefined;
  signal?: AbortSignal | undefined;
  onProblem?: ((problem: ReadingProblem) => void) | undefined;
  onProgress?: ((done: number, total: number) => void) | undefined;
}

interface Tree {
  folder: string;
  /** Where its tree goes. */
  out: string;
}

/** Folders that hold pictures, each with a place below `out`: `out` itself where it is the only one named. */
async function findTrees({ sources: given, out }: PredictTreesOptions) {
  const { sources, passedOver } = await findSources(given, { outputs: [out] });
  const trees = new Map<string, Tree>();
  for (const { file, kind, path, folder } of sources) {
    if (kind === 'video' || folder === '')
      throw new PredictUsageError(`--format abaw-txt with --crops reads folders of crops; found ${file}`);
    const below = dirname(path) === '.' ? '' : dirname(path);
    const place = join(out, given.length > 1 ? folder : '', below);
    const own = dirname(file);
    const other = [...trees.values()].find((tree) => tree.out === place && tree.folder !== own);
    if (other !== undefined)
      throw new DataError(
        { file: own },
        {
          found: `a folder called as ${other.folder}`,
          expected: 'different names: their trees would be one',
        },
      );
    trees.set(own, { folder: own, out: place });
  }
  return { trees: [...trees.values()], passedOver };
}

/** Everything of a tree is known before its first file is written, and the last file tells that it is all there. */
function writeTree(out: string, files: readonly ReferenceFile[]): string[] {
  for (const { folder, task, text } of files) writeWhole(join(out, folder, `${task}.txt`), text);
  return [...new Set(files.map(({ folder }) => join(out, folder)))];
}

/**
 * Reads folders of face crops as the reference does, and writes `teacher`, `student_0`, …, `merged` and `merged_raw` for each.
 * @returns the folders that were written, and how many trees were there already
 * @throws PredictUsageError, and DataError as `readReferenceTree`
 */
export async function predictReferenceTrees(
  options: PredictTreesOptions,
): Promise<{ written: string[]; trees: number; skipped: number }> {
  const { models, teacher, out, batch, shard, resume = false, strict, command, signal } = options;
  const { trees: all, passedOver } = await findTrees(options);
  const [first] = passedOver;
  if (strict && first !== undefined)
    throw new DataError({ file: first.source }, { found: first.message, expected: 'face crops alone' });
  for (const problem of passedOver) options.onProblem?.(problem);
  const trees = all.filter((_, i) => shard === undefined || i % shard.count === shard.index);
  const { runners: students, close } = await openReadingModels(models, options);
  let opened: OpenMembers | undefined;
  try {
    if (teacher !== undefined) opened = await openReadingModels([teacher], options);
    const teacherRunner = opened?.runners[0];
    const { schema, tasks } = (students[0] as ModelRunner).info.network;
    const lastFile = join('merged_raw', `${FILE_TASKS.filter((task) => tasks.includes(task)).at(-1)}.txt`);
    const provenance = provenanceOf({
      ...(command !== undefined && { command }),
      schema,
      tasks,
      models: [...(opened?.runners ?? []), ...students].map(({ name, file, hash }) => ({ name, file, hash })),
      settings: { crops: true, format: 'abaw-txt' },
    });
    if (resume) await checkNote(out, provenance);
    const written: string[] = [];
    let skipped = 0;
    for (const [i, { folder, out: place }] of trees.entries()) {
      options.onProgress?.(i, trees.length);
      if (resume && (await statIfThere(join(place, lastFile))) !== undefined) {
        skipped++;
        continue;
      }
      const files = await readReferenceTree({
        folder,
        students,
        ...(teacherRunner && { teacher: teacherRunner }),
        ...(batch !== undefined && { batch }),
        ...(signal && { signal }),
      });
      signal?.throwIfAborted();
      if (written.length === 0) writeNote(out, provenance);
      written.push(...writeTree(place, files));
    }
    return { written, trees: trees.length, skipped };
  } finally {
    await close();
    await opened?.close();
  }
}
