// Submissions to the challenges, from estimates of the test videos' frames.

import { join } from 'node:path';
import type { Manifest } from '../../datasets/index.js';
import { DataError, formatFixed4, writeFolder, writeRows } from '../../files/index.js';
import type { LabelSchema, Task } from '../../labels/index.js';
import type { Estimates } from '../estimates.js';
import { SUBMISSION_EDITIONS, type SubmissionEdition, type SubmissionEditionName } from './editions.js';
import { imageName, type PlannedFile, planSubmission } from './plan.js';

export interface SubmissionSource {
  /** Of n faces. */
  estimates: Estimates;
  manifest: Manifest;
  /** [n] their rows in the manifest. Default: all its rows */
  rows?: ArrayLike<number> | undefined;
  /** Default: those that the estimates have and the manifest has test videos for. */
  tasks?: readonly Task[] | undefined;
}

export interface WrittenFile {
  path: string;
  tasks: readonly Task[];
  /** After the header. */
  lines: number;
}

const NO_ESTIMATE = -1;

function cellsOf({ AU, EXPR, VA, schema }: Estimates, task: Task, i: number): string {
  if (task === 'EXPR') return String(EXPR?.classes[i]);
  if (task === 'VA')
    return `${formatFixed4(VA?.values[2 * i] as number)},${formatFixed4(VA?.values[2 * i + 1] as number)}`;
  const units = schema.actionUnits.length;
  return (AU?.decisions.subarray(i * units, (i + 1) * units) ?? []).join();
}

/** @throws DataError where the order of outputs is not the edition's */
function checkSchema(estimates: Estimates, task: Task, wanted: LabelSchema, name: string): void {
  const list = ({ actionUnits, expressions }: LabelSchema): readonly string[] =>
    task === 'AU' ? actionUnits : task === 'EXPR' ? expressions : [];
  const [found, expected] = [list(estimates.schema).join(), list(wanted).join()];
  if (found !== expected)
    throw new DataError(
      { file: estimates.name },
      {
        found: `${task} of schema ${estimates.schema.name} (${found})`,
        expected: `that of schema ${wanted.name}, as ${name} has it (${expected})`,
      },
    );
}

/**
 * Writes the files of an edition into a new folder, whole or not at all.
 * @returns what was written
 * @throws DataError when the estimates are of another schema than the edition, lack a task that is asked for or a frame
 *   of a test video, or the folder is not empty
 */
export async function writeSubmission(
  folder: string,
  name: SubmissionEditionName,
  { estimates, manifest, rows, tasks }: SubmissionSource,
): Promise<WrittenFile[]> {
  const edition: SubmissionEdition = SUBMISSION_EDITIONS[name];
  const { faces, file } = manifest;
  const plan = planSubmission(name, manifest, tasks).filter(
    (one) =>
      tasks !== undefined || edition.layout === 'together' || one.tasks.every((task) => estimates[task]),
  );
  const written = new Set(plan.flatMap((one) => one.tasks));
  for (const task of written) {
    if (estimates[task] === undefined)
      throw new DataError(
        { file: estimates.name },
        { found: `no ${task}`, expected: `${task}, as ${name} has it` },
      );
    checkSchema(estimates, task, edition.schema, name);
  }
  if (written.size === 0)
    throw new DataError({ file }, { found: 'no test videos of a task that is estimated', expected: 'some' });

  const indexOf = new Int32Array(faces.length).fill(NO_ESTIMATE);
  for (let i = 0; i < estimates.length; i++) indexOf[rows === undefined ? i : (rows[i] as number)] = i;
  const indexAt = (row: number): number => {
    const index = indexOf[row] as number;
    if (index !== NO_ESTIMATE) return index;
    throw new DataError(
      { file, row: row + 1 },
      {
        found: `no estimate for ${imageName(manifest, row)}`,
        expected: 'one for every frame of a test video',
      },
    );
  };
  const lineOf = (one: PlannedFile, i: number): string => {
    const row = one.rows[i] as number;
    const index = indexAt(row);
    const cells = one.tasks.map((task) => cellsOf(estimates, task, index)).join();
    const end = i < one.rows.length - 1 || edition.lastLineEnds ? '\n' : '';
    return `${one.images ? `${imageName(manifest, row)},` : ''}${cells}${end}`;
  };
  return writeFolder(folder, (part) =>
    plan.map((one) => {
      const lines = one.rows.length;
      writeRows(join(part, one.path), lines, `${one.header}\n`, (i) => lineOf(one, i));
      return { path: one.path, tasks: one.tasks, lines };
    }),
  );
}
