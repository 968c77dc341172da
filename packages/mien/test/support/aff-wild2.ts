// Small trees laid out like Aff-Wild2.

import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  type AffWild2Options,
  type FaceRow,
  importFaces,
  readAffWild2,
  type TallyRecord,
} from 'mien/datasets';
import { ABAW1, type LabelSchema } from 'mien/labels';
import { folderWith } from '../../../../test/folders.js';
import { GOLDEN } from './golden.js';

export const AU_HEADER = 'AU1,AU2,AU4,AU6,AU12,AU15,AU20,AU25';
export const EXPR_HEADER = 'Neutral,Anger,Disgust,Fear,Happiness,Sadness,Surprise';
export const VA_HEADER = 'valence,arousal';

/** The golden folder with its crops, which are empty files here: only their names matter. */
export function goldenTree(): string {
  const folder = folderWith({});
  cpSync(GOLDEN, folder, { recursive: true });
  const raw = join(folder, 'datasets/raw/aff_wild2');
  for (const name of readFileSync(join(raw, 'cropped_aligned.txt'), 'utf8').trim().split('\n')) {
    const file = join(raw, 'cropped_aligned', name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, '');
  }
  return folder;
}

/** @param labels `AU_Set/Training_Set/v.txt` → text; @param crops video → numbers or names */
export function tree(
  labels: Record<string, string>,
  crops: Record<string, readonly (number | string)[]>,
): { folder: string; annotations: string; crops: string } {
  const files: Record<string, string> = {};
  for (const [path, text] of Object.entries(labels)) files[`annotations/${path}`] = text;
  for (const [video, numbers] of Object.entries(crops))
    for (const one of numbers)
      files[`crops/${video}/${typeof one === 'string' ? one : `${String(one).padStart(5, '0')}.jpg`}`] = '';
  const folder = folderWith(files);
  for (const part of ['annotations', 'crops']) mkdirSync(join(folder, part), { recursive: true });
  return { folder, annotations: join(folder, 'annotations'), crops: join(folder, 'crops') };
}

/** Imports a tree. */
export async function importTree(
  { annotations, crops }: { annotations: string; crops: string },
  {
    strict = false,
    schema = ABAW1,
    ...options
  }: Partial<AffWild2Options> & { strict?: boolean; schema?: LabelSchema } = {},
): Promise<{ rows: FaceRow[]; tally: TallyRecord }> {
  const { faces, history } = await importFaces({
    command: 'import aff-wild2',
    read: readAffWild2,
    options: { annotations, crops, partial: 'keep' as const, join: false, ...options },
    schema,
    roots: { 'aff-wild2': crops },
    strict,
  });
  return { rows: [...faces.rows()], tally: (history[0] as { tally: TallyRecord }).tally };
}
