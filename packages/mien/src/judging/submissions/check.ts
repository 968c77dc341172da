// Whether a submission is what an edition wants, before it is sent: every problem with its file and line.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Manifest } from '../../datasets/index.js';
import { DataError, isDataError, parseNumber, readTextLines, show, walkFiles } from '../../files/index.js';
import type { LabelSchema, Task } from '../../labels/index.js';
import { SUBMISSION_EDITIONS, type SubmissionEdition, type SubmissionEditionName } from './editions.js';
import { imageName, type PlannedFile, planSubmission } from './plan.js';

export interface SubmissionProblem {
  /** Below the submission's folder. */
  file: string;
  /** Line from 1; left out where the whole file is meant. */
  row?: number | undefined;
  found: string;
  expected: string;
}

export interface SubmissionCheck {
  /** Of a file no more than `PROBLEMS_PER_FILE`, and a last one that counts the others. */
  problems: SubmissionProblem[];
  /** Tasks that are there, with how many files and lines were looked at. */
  tasks: { task: Task; files: number; lines: number }[];
}

export interface CheckOptions {
  /** Tasks that must be there; others are not looked at. Default: those of which any file is there. */
  tasks?: readonly Task[] | undefined;
}

export const PROBLEMS_PER_FILE = 20;

/** Problems of one file, capped. */
class Problems {
  readonly #file: string;
  readonly #all: SubmissionProblem[] = [];
  #more = 0;

  constructor(file: string) {
    this.#file = file;
  }

  add(row: number | undefined, found: string, expected: string): void {
    if (this.#all.length === PROBLEMS_PER_FILE) this.#more++;
    else this.#all.push({ file: this.#file, row, found, expected });
  }

  list(): SubmissionProblem[] {
    if (this.#more === 0) return this.#all;
    return [...this.#all, { file: this.#file, found: `${this.#more} more problems`, expected: 'none' }];
  }
}

const widthOf = (task: Task, { actionUnits }: LabelSchema): number =>
  task === 'AU' ? actionUnits.length : task === 'VA' ? 2 : 1;

function checkCells(
  problems: Problems,
  row: number,
  cells: readonly string[],
  task: Task,
  { actionUnits, expressions }: LabelSchema,
): void {
  const names = task === 'AU' ? actionUnits : task === 'VA' ? ['valence', 'arousal'] : ['expression'];
  const range = {
    min: task === 'VA' ? -1 : 0,
    max: task === 'EXPR' ? expressions.length - 1 : 1,
    integer: task !== 'VA',
  };
  cells.forEach((cell, k) => {
    try {
      parseNumber(cell, { file: '' }, range);
      const plain = range.integer ? /^\d+$/ : /^-?\d/;
      if (!plain.test(cell))
        problems.add(row, `${names[k]} ${show(cell)}`, `plain ${range.integer ? 'digits' : 'decimals'}`);
    } catch (error) {
      if (!isDataError(error)) throw error;
      problems.add(row, `${names[k]} ${error.found}`, error.expected ?? 'a number');
    }
  });
}

/** Lines whose images are not those of the plan, in its order. */
class ImageOrder {
  readonly #expected: Map<string, number>;
  readonly #lineOf = new Map<string, number>();
  #furthest = -1;

  constructor(images: readonly string[]) {
    this.#expected = new Map(images.map((image, i) => [image, i]));
  }

  check(problems: Problems, row: number, image: string): void {
    const place = this.#expected.get(image);
    const before = this.#lineOf.get(image);
    if (place === undefined) problems.add(row, `image ${show(image)}`, 'only images of the test set');
    else if (before !== undefined)
      problems.add(row, `image ${show(image)} for the second time`, `once; the first is line ${before}`);
    else {
      if (place < this.#furthest)
        problems.add(row, `image ${show(image)} after a later one`, "the order of the test set's images");
      this.#furthest = Math.max(this.#furthest, place);
      this.#lineOf.set(image, row);
    }
  }

  finish(problems: Problems): void {
    for (const image of this.#expected.keys())
      if (!this.#lineOf.has(image)) problems.add(undefined, `no line for ${image}`, 'one for every image');
  }
}

async function checkFile(
  folder: string,
  planned: PlannedFile,
  manifest: Manifest,
  schema: LabelSchema,
): Promise<{ problems: SubmissionProblem[]; lines: number }> {
  const problems = new Problems(planned.path);
  const file = join(folder, planned.path);
  let lines: readonly string[];
  try {
    lines = (await readTextLines(file)).lines;
  } catch (error) {
    if (!isDataError(error)) throw error;
    problems.add(error.row, error.found, error.expected ?? 'text');
    return { problems: problems.list(), lines: 0 };
  }
  const bytes = await readFile(file);
  if (bytes[0] === 0xef && bytes[1] === 0xbb) problems.add(1, 'a byte order mark', 'plain UTF-8');
  if (bytes.includes(13)) problems.add(undefined, 'line ends CR LF', 'LF');
  const [header = ''] = lines;
  if (lines.length === 0) problems.add(undefined, 'an empty file', planned.header);
  else if (header !== planned.header) problems.add(1, `header ${show(header)}`, planned.header);

  const count = Math.max(0, lines.length - 1);
  if (count !== planned.rows.length)
    problems.add(
      planned.images ? undefined : Math.min(count, planned.rows.length) + 2,
      `${count} lines after the header`,
      `${planned.rows.length}: one per frame`,
    );
  const images = planned.images
    ? new ImageOrder(Array.from(planned.rows, (row) => imageName(manifest, row)))
    : undefined;
  const offset = planned.images ? 1 : 0;
  const width = planned.tasks.reduce((sum, task) => sum + widthOf(task, schema), offset);
  for (let i = 1; i < lines.length; i++) {
    const line = lines[i] as string;
    const cells = line.split(',');
    if (line.trim() === '') problems.add(i + 1, 'an empty line', `${width} values`);
    else if (cells.length !== width) problems.add(i + 1, `${cells.length} values, ${show(line)}`, `${width}`);
    if (line.trim() === '' || cells.length !== width) continue;
    images?.check(problems, i + 1, cells[0] as string);
    let at = offset;
    for (const task of planned.tasks) {
      checkCells(problems, i + 1, cells.slice(at, at + widthOf(task, schema)), task, schema);
      at += widthOf(task, schema);
    }
  }
  images?.finish(problems);
  return { problems: problems.list(), lines: count };
}

/**
 * Compares a folder with what an edition wants for the test videos of a manifest.
 * @throws DataError when there is no such folder, or the manifest has no test videos
 */
export async function checkSubmission(
  folder: string,
  name: SubmissionEditionName,
  manifest: Manifest,
  { tasks }: CheckOptions = {},
): Promise<SubmissionCheck> {
  const edition: SubmissionEdition = SUBMISSION_EDITIONS[name];
  const there = new Set<string>();
  for await (const path of walkFiles(folder)) there.add(path);
  const plan = planSubmission(name, manifest);
  if (tasks !== undefined) planSubmission(name, manifest, tasks); // refuses tasks that have no test videos
  const begun = new Set(plan.filter(({ path }) => there.has(path)).flatMap((one) => one.tasks));
  if (begun.size === 0)
    throw new DataError(
      { file: folder },
      { found: 'none of the files of a submission', expected: `such as ${plan[0]?.path} (${edition.title})` },
    );
  const problems: SubmissionProblem[] = [];
  const totals = new Map<Task, { task: Task; files: number; lines: number }>();
  for (const planned of plan) {
    const found = there.delete(planned.path);
    if (!planned.tasks.some((task) => tasks?.includes(task) ?? begun.has(task))) continue;
    if (!found) {
      problems.push({
        file: planned.path,
        found: 'no such file',
        expected: `one with ${planned.rows.length} lines`,
      });
      continue;
    }
    const checked = await checkFile(folder, planned, manifest, edition.schema);
    problems.push(...checked.problems);
    for (const task of planned.tasks) {
      const total = totals.get(task) ?? { task, files: 0, lines: 0 };
      totals.set(task, { task, files: total.files + 1, lines: total.lines + checked.lines });
    }
  }
  for (const path of there)
    problems.push({
      file: path,
      found: 'a file that no submission has',
      expected: 'only those of the test set',
    });
  return { problems, tasks: [...totals.values()] };
}

/** A line per problem, as errors are written. */
export const describeProblem = ({ file, row, found, expected }: SubmissionProblem): string =>
  `${row === undefined ? file : `${file}:${row}`}: found ${found}; expected ${expected}`;
