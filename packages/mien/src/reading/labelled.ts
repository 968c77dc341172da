// Labelled faces read by models: what is judged, and what is tuned on.

import {
  type FaceTable,
  type Manifest,
  pathOf,
  readTogether,
  rowsOf,
  SPLITS,
  type Split,
} from '../datasets/index.js';
import { DataError } from '../files/index.js';
import { type ModelOutput, type Truth, truthOf } from '../judging/index.js';
import { TASKS, type Task } from '../labels/index.js';
import type { BrokenImage } from '../loading/index.js';
import type { ModelInfo } from '../models/index.js';
import type { RunnerOptions } from '../models/runners/index.js';
import { type ReadFacesOptions, readFaces } from './crops.js';
import { type Member, type MemberOptions, openMembers } from './members.js';

export interface LabelledOptions
  extends MemberOptions,
    Pick<RunnerOptions, 'length' | 'backend' | 'checkpoint' | 'cache' | 'onNotice'>,
    Pick<ReadFacesOptions, 'batch' | 'threads' | 'strict' | 'signal' | 'onProgress' | 'onBroken'> {
  /** Models' files, runs' folders, members' folders. */
  models: readonly string[];
  /** Manifests, read as one. */
  data: readonly string[];
  /** Data set → folder, where the data lie elsewhere than the manifests say. */
  roots?: Readonly<Record<string, string>>;
  /** Default: `validation`. `all` takes rows without a split too. */
  split?: Split | 'all';
  /** Default: all that the models have. */
  tasks?: readonly Task[];
}

/** A model that has read. */
export interface Read extends Member {
  info: ModelInfo;
  /** Of its weights. */
  hash: string;
  output: ModelOutput;
}

export interface LabelledReadings {
  manifest: Manifest;
  /** Of the manifest, ascending [n]: those that have labels of a task that was read, and a picture that opens. */
  rows: Int32Array;
  truth: Truth;
  members: Read[];
  broken: readonly BrokenImage[];
  /** Where the picture of the i-th row lies. */
  imageOf(i: number): string;
}

/** Rows that have labels of one of the tasks, ascending. */
function labelledRows(faces: FaceTable, tasks: readonly Task[], split: Split | 'all'): Int32Array {
  const splits = split === 'all' ? [...SPLITS, undefined] : [split];
  const rows = new Set<number>();
  for (const task of tasks) for (const row of rowsOf(faces, task, splits)) rows.add(row);
  return Int32Array.from(rows).sort();
}

/** The output without tasks that are not wanted. */
export function withTasks(output: ModelOutput, tasks: readonly Task[]): ModelOutput {
  const kept = { ...output };
  for (const task of TASKS) if (!tasks.includes(task)) delete kept[task];
  return kept;
}

/**
 * Reads the faces of manifests that have labels which the models speak of.
 * @throws DataError as `openMembers`, `readTogether` and `readFaces`, and when no face has such labels
 */
export async function readLabelled(options: LabelledOptions): Promise<LabelledReadings> {
  const { models, data, roots, split = 'validation', tasks: wanted = TASKS } = options;
  const manifest = await readTogether(data, roots && { roots });
  const { members, runners, close } = await openMembers(models, options);
  try {
    const { network } = (runners[0] as (typeof runners)[number]).info;
    const tasks = network.tasks.filter((task) => wanted.includes(task));
    const labelled = labelledRows(manifest.faces, tasks, split);
    if (labelled.length === 0)
      throw new DataError(
        { file: manifest.file },
        {
          found: `no face of ${split === 'all' ? 'any split' : `split ${split}`} with labels of ${tasks.join(', ') || wanted.join(', ')}`,
          expected: `faces with labels of what the models read: ${network.tasks.join(', ')}`,
        },
      );
    const { rows, outputs, broken } = await readFaces({ ...options, manifest, rows: labelled, runners });
    return {
      manifest,
      rows,
      truth: truthOf(manifest.faces, rows, network.schema),
      members: members.map((member, i) => {
        const { info, hash } = runners[i] as (typeof runners)[number];
        return { ...member, info, hash, output: withTasks(outputs[i] as ModelOutput, tasks) };
      }),
      broken,
      imageOf: (i) => pathOf(manifest, rows[i] as number),
    };
  } finally {
    await close();
  }
}
