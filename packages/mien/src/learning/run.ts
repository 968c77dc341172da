// A run from beginning to end, or from where it stopped: teacher, best teacher, students, summary; for each phase.

import { join } from 'node:path';
import { DataError, makeFolder, statIfThere } from '../files/index.js';
import { loadModel, type Network, openModel, saveModel } from '../models/index.js';
import { Random } from '../random/index.js';
import { checkTeacher } from './check-teacher.js';
import { describeData } from './describe-data.js';
import { trainMember } from './member.js';
import type { MemberJob, Workplace } from './member-job.js';
import { openPhaseData, type PhaseData } from './phase-data.js';
import type { PhaseRecipe } from './recipe.js';
import type { Recipe } from './recipe-files.js';
import {
  BEST,
  DATA_FILE,
  DONE,
  LAST,
  memberFolder,
  phaseName,
  RECIPE_FILE,
  studentName,
  TEACHER,
  writeJson,
} from './run-folder.js';
import { networkOf, type Start } from './start-network.js';
import { summarise } from './summary.js';

/** What of a run is to be done here; the rest may be done elsewhere or later. */
export interface Selection {
  /** Default: all. */
  phases?: readonly string[] | undefined;
  stage?: 'teacher' | 'students' | undefined;
  /** Numbers of students. Default: all. */
  students?: readonly number[] | undefined;
  /** A model that is the first phase's teacher, instead of training one. */
  teacher?: string | undefined;
}

const isDone = async (folder: string): Promise<boolean> =>
  (await statIfThere(join(folder, DONE))) !== undefined;

/** Trains what is selected and not done. @param folder of a run that has its recipe @throws as `trainMember` */
export async function runTraining(
  folder: string,
  recipe: Recipe,
  selection: Selection,
  place: Workplace,
): Promise<void> {
  const selected = (phase: PhaseRecipe) => selection.phases?.includes(phaseName(phase)) ?? true;
  for (const phase of recipe.phases) if (selected(phase)) refuseStudents(selection, phase);
  for (const [index, phase] of recipe.phases.entries()) {
    const name = phaseName(phase);
    if (!selected(phase)) continue;
    await runPhase(
      { folder, recipe: phase, name, index, before: recipe.phases[index - 1] },
      selection,
      place,
    );
  }
}

/** @throws DataError for a student that the recipe does not have */
function refuseStudents({ students = [] }: Selection, { students: { count } }: PhaseRecipe): void {
  const beyond = students.find((student) => student >= count);
  if (beyond !== undefined)
    throw new DataError(
      { file: RECIPE_FILE },
      { found: `no student ${beyond}`, expected: `numbers below students.count, which is ${count}` },
    );
}

interface Phase {
  folder: string;
  recipe: PhaseRecipe;
  name: string;
  index: number;
  before: PhaseRecipe | undefined;
}

async function runPhase(phase: Phase, selection: Selection, place: Workplace): Promise<void> {
  const { folder, recipe, name, index, before } = phase;
  const { stage, students = Array.from({ length: recipe.students.count }, (_, i) => i) } = selection;
  const teacherFolder = memberFolder(folder, name, TEACHER);
  let data: PhaseData | undefined;
  /** Read when something is to be done with them. */
  const dataOf = async () => {
    if (data !== undefined) return data;
    data = await openPhaseData(recipe, join(folder, RECIPE_FILE));
    if (place.team.rank === 0) {
      for (const { notes } of data.tasks)
        for (const note of notes) place.emit({ kind: 'message', text: note });
      if (index === 0) writeJson(join(folder, DATA_FILE), describeData(data));
    }
    return data;
  };
  const job = async (
    member: string,
    number: number,
    epochs: number,
    epochsAfter: number,
  ): Promise<MemberJob> => {
    const opened = await dataOf();
    const seed = Random.keyed(recipe.seed, index, number).uint32();
    const start: Start = { recipe, data: opened, phase: name, member, seed };
    const from = before && { folder, phase: phaseName(before) };
    return {
      phase: name,
      member,
      seed,
      recipe,
      data: opened,
      epochs,
      epochsAfter,
      folder: memberFolder(folder, name, member),
      build: () => networkOf(start, from),
    };
  };

  if (selection.teacher !== undefined && index === 0)
    await adoptTeacher(selection.teacher, teacherFolder, recipe, await dataOf(), place);
  else if (stage !== 'students' && !(await isDone(teacherFolder)))
    await trainMember(
      await job(
        TEACHER,
        0,
        recipe.teacher.epochs,
        stage === 'teacher' ? 0 : students.length * recipe.students.epochs,
      ),
      place,
    );
  if (stage === 'teacher') return;

  let teacher: Network | undefined;
  for (const [i, student] of students.entries()) {
    const member = studentName(student);
    if (await isDone(memberFolder(folder, name, member))) continue;
    teacher ??= await teacherOf(teacherFolder, recipe, place);
    const { epochs } = recipe.students;
    const after = (students.length - i - 1) * epochs;
    await trainMember({ ...(await job(member, student + 1, epochs, after)), teacher }, place);
  }
  teacher?.dispose();
  await place.team.first(async () => {
    await summarise({ folder, phase: name, recipe, dataOf }, place);
    return null;
  });
}

/**
 * A model from elsewhere becomes the phase's teacher: its file is copied, so that the run stands alone.
 * @throws DataError when it is no model, or does not suit the students
 */
async function adoptTeacher(
  file: string,
  folder: string,
  recipe: PhaseRecipe,
  data: PhaseData,
  { team }: Workplace,
): Promise<void> {
  if (await isDone(folder)) return;
  await team.first(async () => {
    const { network, info } = await openModel(file);
    checkTeacher(file, info, recipe, data);
    makeFolder(folder);
    await saveModel(join(folder, BEST), network, info);
    await saveModel(join(folder, LAST), network, info);
    network.dispose();
    writeJson(join(folder, DONE), { from: file });
    return null;
  });
}

/** The teacher that students learn from. @throws DataError when there is none yet */
async function teacherOf(folder: string, recipe: PhaseRecipe, { device }: Workplace): Promise<Network> {
  const file = join(folder, recipe.quirks.lastTeacher ? LAST : BEST);
  if ((await statIfThere(file)) === undefined)
    throw new DataError(
      { file: folder },
      {
        found: 'no teacher',
        expected: 'a trained one',
        hint: 'Train it first, or give a model with --teacher',
      },
    );
  const { network } = await loadModel(file);
  network.requiresGrad_(false).to({ device, memoryFormat: 'channels_last' });
  return network.eval();
}
