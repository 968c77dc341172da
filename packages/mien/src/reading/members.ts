// What people mean when they name models: those that ship, files, members of a run, or a whole run.

import { basename, dirname, join, resolve } from 'node:path';
import { DataError, NO_SUCH_FILE, statIfThere } from '../files/index.js';
import {
  type CheckpointOptions,
  defaultModel,
  type ModelRunner,
  modelNameOf,
  openRunner,
  type RunnerOptions,
  shippedFiles,
  shippedModels,
} from '../models/runners/index.js';

/** Of a run's and a member's folder, what they are known by; `learning` is loaded for runs alone. */
const RECIPE_FILE = 'recipe.yaml';
const BEST = 'best.safetensors';

export interface Member {
  /** Different for each: `teacher`, `student_0`, a file's name; with its folder where two would be called the same. */
  name: string;
  file: string;
  /** Joins ensembles. A run's teacher does not, unless its file is named. */
  joins: boolean;
}

export interface MemberOptions {
  /** Of runs: this phase, such as `cnn`. Default: the last one with a member that is finished. */
  phase?: string;
  /** Of runs: the teacher too, for itself. It is taken anyway where there is no student. Default: false. */
  teacher?: boolean;
}

const memberOfFile = (file: string): Member => ({ name: modelNameOf(file), file, joins: true });

const LAYOUT = `a model's file, a run's folder (with ${RECIPE_FILE}), or a member's folder in it (with ${BEST})`;

/** The members of a run that are meant. */
async function membersOfRun(run: string, { phase, teacher = false }: MemberOptions): Promise<Member[]> {
  const { finishedMembers, TEACHER } = await import('../learning/index.js');
  const finished = await finishedMembers(run);
  const wanted = phase ?? finished.at(-1)?.phase;
  const members = finished.filter((one) => one.phase === wanted);
  const missing = (found: string, expected: string) =>
    new DataError({ file: run }, { found, expected, hint: `Go on with it: mien train --resume ${run}` });
  if (members.length === 0)
    throw missing(
      `no finished member${phase === undefined ? '' : ` of phase ${phase}`}`,
      phase !== undefined && finished.length > 0
        ? `one of ${[...new Set(finished.map((one) => one.phase))].join(', ')}`
        : 'a run that has trained one',
    );
  const students = members.filter(({ member }) => member !== TEACHER);
  if (teacher && students.length === members.length) throw missing('no finished teacher', 'one');
  const taken = teacher || students.length === 0 ? members : students;
  return taken.map(({ member, file }) => ({
    name: member,
    file,
    joins: member !== TEACHER || students.length === 0,
  }));
}

/** @throws DataError when no model of this name ships */
function shippedMembers(name: string): Member[] {
  const files = shippedFiles(name);
  if (files !== undefined) return files.map(memberOfFile);
  const names = shippedModels().map((one) => one.name);
  throw new DataError(
    { file: name },
    { found: NO_SUCH_FILE, expected: `${LAYOUT}; or the name of a model that ships: ${names.join(', ')}` },
  );
}

async function membersAt(given: string, options: MemberOptions): Promise<Member[]> {
  const found = await statIfThere(given);
  if (found === undefined) return shippedMembers(given);
  if (!found.isDirectory()) return [memberOfFile(given)];
  if ((await statIfThere(join(given, RECIPE_FILE))) !== undefined) return membersOfRun(given, options);
  const file = join(given, BEST);
  if ((await statIfThere(file)) !== undefined) return [memberOfFile(file)];
  throw new DataError({ file: given }, { found: 'neither', expected: LAYOUT });
}

/** What several models together are called. */
export const ENSEMBLE = 'ensemble';

/** Names that occur several times get their folder's before them, and a number where that is not enough. */
function withNames(members: readonly (Member & { place: string })[]): Member[] {
  const count = (names: readonly string[], name: string) => names.filter((one) => one === name).length;
  const plain = [ENSEMBLE, ...members.map(({ name }) => name)];
  const longer = members.map(({ name, place }) => (count(plain, name) > 1 ? `${place}/${name}` : name));
  return members.map(({ place, ...member }, i) => {
    const name = longer[i] as string;
    const before = count(longer.slice(0, i), name);
    return { ...member, name: before === 0 ? name : `${name} #${before + 1}` };
  });
}

/**
 * Which models are meant.
 * @param given names of models that ship, models' files, runs' folders, members' folders; a file or folder that has the name of a
 * model that ships is taken before it
 * @throws DataError when one is nothing of these, a run has no finished member, or a model is named twice
 */
export async function findMembers(given: readonly string[], options: MemberOptions = {}): Promise<Member[]> {
  const members: (Member & { place: string })[] = [];
  for (const path of given) {
    const found = await membersAt(path, options);
    const place = found.length > 1 ? basename(resolve(path)) : '';
    for (const one of found) {
      const folder = dirname(resolve(one.file));
      const ownPlace = basename(one.file) === BEST ? dirname(folder) : folder;
      if (members.some(({ file }) => resolve(file) === resolve(one.file)))
        throw new DataError(
          { file: one.file },
          { found: 'the same model twice', expected: 'different ones' },
        );
      members.push({ ...one, place: place || basename(ownPlace) });
    }
  }
  return withNames(members);
}

export interface OpenMembers {
  members: readonly Member[];
  /** Of the members, in their order. */
  runners: readonly ModelRunner[];
  close(): Promise<void>;
}

/** @throws DataError when two cannot be compared, since they speak of different labels */
function checkTogether([first, ...others]: readonly ModelRunner[]): void {
  const labels = ({ info }: ModelRunner) => {
    const { actionUnits, expressions } = info.network.schema;
    return [...expressions, ...actionUnits].join(', ');
  };
  const aspects: ((runner: ModelRunner) => string)[] = [
    (runner) => `tasks ${runner.info.network.tasks.join(', ')}`,
    (runner) => `labels ${labels(runner)}`,
  ];
  for (const other of others)
    for (const aspect of aspects)
      if (first !== undefined && aspect(other) !== aspect(first))
        throw new DataError(
          { file: other.file },
          { found: aspect(other), expected: `${aspect(first)}, as ${first.file} has` },
        );
}

/**
 * Opens the models that are meant.
 * @throws as `findMembers` and `openRunner`, and DataError when their tasks or labels differ; none stays open then
 */
export async function openMembers(
  given: readonly string[],
  { phase, teacher, ...options }: MemberOptions & Omit<RunnerOptions, 'name'> = {},
): Promise<OpenMembers> {
  const members = await findMembers(given, {
    ...(phase !== undefined && { phase }),
    ...(teacher !== undefined && { teacher }),
  });
  const runners: ModelRunner[] = [];
  const close = async () => {
    for (const runner of runners.splice(0)) await runner.close();
  };
  try {
    for (const { file, name } of members) runners.push(await openRunner(file, { ...options, name }));
    checkTogether(runners);
  } catch (error) {
    await close();
    throw error;
  }
  return { members, runners: [...runners], close };
}

/** As `MemberOptions` and `RunnerOptions` say. */
export interface ReadingModelOptions {
  /** Of runs: this phase. Default: the last that is finished. */
  phase?: string | undefined;
  /** Frames of a window, for models of clips. Default: what the model's file says. */
  length?: number | undefined;
  /** Threads of each model. Default: one for each core. */
  threads?: number | undefined;
  /** What a checkpoint of the reference does not say about itself. */
  checkpoint?: CheckpointOptions | undefined;
  /** Folder that keeps models which were exported to be read; false: nothing is kept. Default: in the user's cache. */
  cache?: string | false | undefined;
  /** Told in a line that a model is exported, which takes a while. */
  onNotice?: ((message: string) => void) | undefined;
}

/**
 * Opens the models that faces are read with: in ONNX Runtime, whatever their files are. Weights that need libtorch are exported
 * once and kept, so that the next time needs none.
 * @param given as `findMembers`; empty: the best of those that ship. Of a run, the teacher is taken only where there is no student
 * @throws as `openMembers`
 */
export async function openReadingModels(
  given: readonly string[] = [],
  { phase, length, threads, checkpoint, cache, onNotice }: ReadingModelOptions = {},
): Promise<OpenMembers> {
  return openMembers(given.length > 0 ? given : [defaultModel()], {
    backend: 'onnx',
    ...(phase !== undefined && { phase }),
    ...(length !== undefined && { length }),
    ...(threads !== undefined && { threads }),
    ...(checkpoint && { checkpoint }),
    ...(cache !== undefined && { cache }),
    ...(onNotice && { onNotice }),
  });
}
