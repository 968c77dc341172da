// After a phase: how good each of its members is, and how good the students are together.

import { join } from 'node:path';
import { statIfThere } from '../files/index.js';
import type { LabelSchema } from '../labels/index.js';
import { paperEdge } from '../loading/index.js';
import { backboneOf, loadModel } from '../models/index.js';
import { ensembleOf, type Readings, readValidation } from './evaluate.js';
import type { MemberScores } from './events.js';
import { BEST } from './member.js';
import { numericsOf, type Workplace } from './member-job.js';
import type { PhaseData } from './phase-data.js';
import type { PhaseRecipe } from './recipe.js';
import { memberFolder, readJson, SUMMARY_FILE, studentName, TEACHER, writeJson } from './run-folder.js';
import { sampleReadings } from './samples.js';
import { scoreReadings } from './score.js';

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

/** Pictures a forward pass. */
const PICTURES = 128;

/** Reads the validation sides with every member's best network; writes the summary and a few readings to look at. */
export async function summarise(
  { folder, phase, recipe, dataOf }: PhasePlace,
  place: Workplace,
): Promise<void> {
  const names = [TEACHER, ...Array.from({ length: recipe.students.count }, (_, i) => studentName(i))];
  const data = await dataOf();
  if (data.tasks.every(({ validation }) => validation.count === 0)) return;
  const { pool } = place;
  const numerics = numericsOf(recipe, place);
  const read = new Map<string, Readings[]>();
  const members: MemberScores[] = [];
  for (const member of names) {
    const file = join(memberFolder(folder, phase, member), BEST);
    if ((await statIfThere(file)) === undefined) continue;
    const { network, info } = await loadModel(file);
    network.to({ device: numerics.device, memoryFormat: 'channels_last' });
    const readings = await readValidation(network, data.tasks, {
      numerics,
      pool,
      transform: {
        kind: 'evaluation',
        size: info.network.inputSize,
        normalization: backboneOf(info.network.backbone).normalization,
        edge: paperEdge(info.network.inputSize),
      },
      decoding: info.decoding,
      pictures: PICTURES,
      onBroken: () => {}, // were named in training
    });
    network.dispose();
    read.set(member, readings);
    const bestEpoch = info.training?.epoch;
    members.push({ member, scores: scoreReadings(readings, data), ...(bestEpoch && { bestEpoch }) });
  }
  const students = [...read].filter(([member]) => member !== TEACHER).map(([, readings]) => readings);
  const together = students.length > 1 ? ensembleOf(students) : undefined;
  if (together !== undefined) members.push({ member: 'ensemble', scores: scoreReadings(together, data) });
  const file = join(folder, SUMMARY_FILE);
  const before = (await readJson<Summary>(file))?.phases ?? [];
  writeJson(file, {
    phases: [...before.filter(({ name }) => name !== phase), { name: phase, members }],
  });
  const shown = together ?? [...read.values()].at(-1);
  if (shown !== undefined) writeJson(join(folder, phase, 'samples.json'), sampleReadings(shown, data));
  place.emit({ kind: 'summary', phase, members });
}
