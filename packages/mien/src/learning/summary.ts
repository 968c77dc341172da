// After a phase: how good each of its members is, and how good the students are together.

import { join } from 'node:path';
import { statIfThere } from '../files/index.js';
import type { LabelSchema } from '../labels/index.js';
import { loadModel } from '../models/index.js';
import { ensembleOf, type ReadingOptions, type Readings, readValidation } from './evaluate.js';
import type { MemberScores } from './events.js';
import { numericsOf, type Workplace } from './member-job.js';
import type { PhaseData } from './phase-data.js';
import type { PhaseRecipe } from './recipe.js';
import { BEST, memberFolder, readJson, SUMMARY_FILE, studentName, TEACHER, writeJson } from './run-folder.js';
import { describeSamples, readSamples } from './samples.js';
import { scoreReadings } from './score.js';
import { EVALUATION_PICTURES } from './session.js';

export interface Summary {
  /** What the numbers of a score's lists stand for. */
  schema: LabelSchema;
  phases: { name: string; members: MemberScores[] }[];
}

interface PhasePlace {
  /** Of the run. */
  folder: string;
  phase: string;
  recipe: PhaseRecipe;
  dataOf(): Promise<PhaseData>;
}

/** Reads the validation sides with every member's best network; writes the summary and a few readings to look at. */
export async function summarise(
  { folder, phase, recipe, dataOf }: PhasePlace,
  place: Workplace,
): Promise<void> {
  const names = [TEACHER, ...Array.from({ length: recipe.students.count }, (_, i) => studentName(i))];
  const data = await dataOf();
  if (data.tasks.every(({ validation }) => validation.units.length === 0)) return;
  const { pool } = place;
  const numerics = numericsOf(recipe, place);
  const read = new Map<string, { validation: Readings[]; samples: Readings[] }>();
  const members: MemberScores[] = [];
  for (const member of names) {
    const file = join(memberFolder(folder, phase, member), BEST);
    if ((await statIfThere(file)) === undefined) continue;
    const { network, info } = await loadModel(file);
    network.to({ device: numerics.device, memoryFormat: 'channels_last' });
    const options: ReadingOptions = {
      numerics,
      pool,
      transform: {
        kind: 'evaluation',
        size: info.network.inputSize,
        normalization: info.input.normalization,
        edge: info.input.edge,
      },
      decoding: info.decoding,
      pictures: EVALUATION_PICTURES,
      onBroken: () => {}, // were named in training
    };
    const validation = await readValidation(network, data.tasks, options);
    read.set(member, { validation, samples: await readSamples(network, data, options) });
    network.dispose();
    const bestEpoch = info.training?.epoch;
    members.push({ member, scores: scoreReadings(validation, data), ...(bestEpoch && { bestEpoch }) });
  }
  const students = [...read].filter(([member]) => member !== TEACHER).map(([, one]) => one);
  const together = (key: 'validation' | 'samples') => ensembleOf(students.map((one) => one[key]));
  if (students.length > 1)
    members.push({ member: 'ensemble', scores: scoreReadings(together('validation'), data) });
  const file = join(folder, SUMMARY_FILE);
  const before = (await readJson<Summary>(file))?.phases ?? [];
  writeJson(file, {
    schema: data.schema,
    phases: [...before.filter(({ name }) => name !== phase), { name: phase, members }],
  });
  const samples = students.length > 0 ? together('samples') : read.get(TEACHER)?.samples;
  if (samples !== undefined) writeJson(join(folder, phase, 'samples.json'), describeSamples(samples, data));
  place.emit({ kind: 'summary', phase, members });
}
