// The reference's three merged training sets.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type MixPreset, mixManifests, presetRecipe, writeManifest } from '../datasets/index.js';
import type { Task } from '../labels/index.js';
import { CROPS, EXPECTED, goldenLabel, goldenPath, importGolden, RAW } from './aff-wild2.js';
import { compareLists, readGolden } from './compare.js';
import { type ExternalSet, externalSet, needsOf } from './external-sets.js';
import type { ParityCase, ParityPart } from './index.js';

const MIXED: readonly { preset: MixPreset; golden: string; task: Task; external: ExternalSet }[] = [
  { preset: 'mixed-au', golden: 'mixed_au', task: 'AU', external: 'disfa' },
  { preset: 'mixed-expr', golden: 'mixed_expr', task: 'EXPR', external: 'expw' },
  { preset: 'mixed-va', golden: 'mixed_va', task: 'VA', external: 'afew_va' },
];

interface GoldenMixed {
  external_rows: number;
  Training_Set: { path: string; label: unknown }[];
  Validation_Set: { path: string; label: unknown }[];
}

async function* compareMixed(
  folder: string,
  { preset, golden: name, task, external }: (typeof MIXED)[number],
  work: string,
): AsyncGenerator<ParityCase> {
  const golden = await readGolden<GoldenMixed>(folder, `${EXPECTED}/${name}.json`);
  const manifest = join(work, `${external}.parquet`);
  writeManifest(manifest, await externalSet(folder, external, work));
  const mixture = await mixManifests(presetRecipe(preset, join(work, 'aff-wild2.parquet'), manifest));
  const ours = { train: [] as unknown[][], validation: [] as unknown[][] };
  const own = golden.Training_Set.length - golden.external_rows;
  [...mixture.faces.rows()].forEach((row, i) => {
    const side = ours[row.split === 'train' ? 'train' : 'validation'];
    // Rows of the other data set are compared by position: its crops may have other names.
    const path = row.split === 'train' && side.length >= own ? undefined : goldenPath(mixture, i, folder);
    side.push([path, goldenLabel(row, task)]);
  });
  const expected = (rows: GoldenMixed['Training_Set'], from: number) =>
    rows.map(({ path, label }, i) => [i < from ? path : undefined, label]);
  yield compareLists(`${name} training`, ours.train, expected(golden.Training_Set, own));
  const whole = golden.Validation_Set.length;
  yield compareLists(`${name} validation`, ours.validation, expected(golden.Validation_Set, whole));
}

/** One part per merged set, so that a folder may lack some. */
export const MIXED_SETS: readonly ParityPart[] = MIXED.map((one) => ({
  name: `mixed sets: ${one.preset}`,
  needs: [`${RAW}/aff_wild2/annotations`, CROPS, `${EXPECTED}/${one.golden}.json`, ...needsOf(one.external)],
  async *check(folder) {
    const work = await mkdtemp(join(tmpdir(), 'mien-parity-'));
    try {
      writeManifest(join(work, 'aff-wild2.parquet'), await importGolden(folder, 'keep'));
      yield* compareMixed(folder, one, work);
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  },
}));
