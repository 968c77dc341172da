// Manifests made of rows.

import { join } from 'node:path';
import {
  type FaceRow,
  FaceTable,
  type ManifestStep,
  MIX_RECIPE,
  type MixRecipe,
  writeManifest,
} from 'mien/datasets';
import { parseSettings } from 'mien/files';
import { ABAW1, type LabelSchema } from 'mien/labels';

export const STEP: ManifestStep = {
  command: 'import test',
  options: {},
  tally: { kept: 1, dropped: {}, noted: {} },
};

/** Writes `folder/name`. @param roots data set → folder; the rows' data sets lie in `/data/NAME` otherwise */
export function manifestOf(
  folder: string,
  name: string,
  rows: readonly FaceRow[],
  { schema = ABAW1, roots = {} }: { schema?: LabelSchema; roots?: Record<string, string> } = {},
): string {
  const faces = new FaceTable(schema);
  for (const row of rows) faces.push(row);
  const datasets = new Set(rows.map(({ dataset }) => dataset));
  const file = join(folder, name);
  writeManifest(file, {
    faces,
    roots: new Map([...datasets].map((one) => [one, roots[one] ?? `/data/${one}`])),
    history: [STEP],
  });
  return file;
}

/** A mixing recipe with its defaults. */
export const recipe = (value: object): MixRecipe => parseSettings(value, MIX_RECIPE, 'test');

/** n training faces of a data set, labelled by turns with these expressions. */
export const faces = (n: number, expressions: readonly string[], more: Partial<FaceRow> = {}): FaceRow[] =>
  Array.from({ length: n }, (_, i) => ({
    dataset: 'a',
    image: `${i}.jpg`,
    split: 'train',
    expression: expressions[i % expressions.length],
    ...more,
  }));
