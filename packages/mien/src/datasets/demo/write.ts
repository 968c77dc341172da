// Writes the demo set: pictures first, manifests last, so that a run that was cut off leaves nothing that looks finished.

import { rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DataError, listFolder, makeFolder, statIfThere, writeWhole } from '../../files/index.js';
import { ABAW1, type LabelSchema } from '../../labels/index.js';
import type { FaceRow } from '../face-row.js';
import { FaceTable } from '../face-table.js';
import type { OnProgress } from '../import.js';
import { type ManifestStep, writeManifest } from '../manifest.js';
import { Tally } from '../tally.js';
import { planClips } from './clips.js';
import { affectOf, expressionOf, intensitiesIn, occurrencesOf } from './labels.js';
import { renderShot } from './render.js';
import { planStills, SETS, type SetName, type Shot } from './stills.js';

/** Stills of each single-task set and of the full one, and clips of each. */
export const SCALES = {
  small: { single: 24, full: 24, singleClips: 2, fullClips: 3 },
  medium: { single: 1200, full: 600, singleClips: 50, fullClips: 10 },
  large: { single: 6000, full: 3000, singleClips: 50, fullClips: 50 },
} as const;
export type Scale = keyof typeof SCALES;

export interface DemoOptions {
  /** 0 … 2^32 − 1. */
  seed: number;
  /** Pixels of a picture's side. */
  size: number;
  scale: Scale;
}

/** Name of the data set in its manifests. */
export const DEMO_SET = 'mien-demo';

/** Says that a folder is a demo set: such a folder may be written over. */
const MARKER = 'mien-demo.json';

/** Pictures that are worked on at a time: enough for every thread that decodes and encodes. */
const AT_A_TIME = 8;

/** Every shot of the set, in the order of the manifests. */
export function planDemo({ seed, scale }: Pick<DemoOptions, 'seed' | 'scale'>): Shot[] {
  const { single, full, singleClips, fullClips } = SCALES[scale];
  const shots = SETS.flatMap((set) => [...planStills(seed, set, set === 'full' ? full : single)]);
  let first = 0;
  for (const set of SETS) {
    const count = set === 'full' ? fullClips : singleClips;
    shots.push(...planClips(seed, set, first, count));
    first += count;
  }
  return shots;
}

/** The row of a shot, with the labels that its set carries. */
export function rowOf(shot: Shot, schema: LabelSchema = ABAW1): FaceRow {
  const { set, image, split, subject, clip, frame, behaviour } = shot;
  const { units, flush } = behaviour;
  const carries = (task: SetName) => set === task || set === 'full';
  return {
    dataset: DEMO_SET,
    image,
    split,
    subject,
    clip,
    frame,
    ...(carries('expr') ? { expression: expressionOf(units) } : {}),
    ...(carries('va') ? affectOf(units, flush) : {}),
    ...(carries('au')
      ? { actionUnits: occurrencesOf(units, schema), intensities: intensitiesIn(units, schema) }
      : {}),
  };
}

export interface DemoManifest {
  /** File name below the folder, such as `clips-expr.parquet`. */
  name: string;
  faces: FaceTable;
}

/** One manifest for the stills and one for the clips of each set. */
export function manifestsOf(shots: readonly Shot[], schema: LabelSchema = ABAW1): DemoManifest[] {
  return ['', 'clips-'].flatMap((prefix) =>
    SETS.map((set): DemoManifest => {
      const faces = new FaceTable(schema);
      for (const shot of shots)
        if (shot.set === set && (shot.clip !== undefined) === (prefix !== ''))
          faces.push(rowOf(shot, schema));
      return { name: `${prefix}${set}.parquet`, faces };
    }),
  );
}

/** Makes sure that the folder is new, empty, or an earlier demo set, which is taken away. */
async function claimFolder(folder: string): Promise<void> {
  const found = await statIfThere(folder);
  if (found === undefined) return;
  const { files, folders, unusable } = await listFolder(folder);
  const others = [...files, ...folders, ...unusable];
  if (!files.includes(MARKER)) {
    if (others.length === 0) return;
    throw new DataError(
      { file: folder },
      {
        found: `a folder with other things in it (${others[0]})`,
        expected: 'a new or empty folder, or an earlier demo set',
      },
    );
  }
  const manifest = new RegExp(`^(clips-)?(${SETS.join('|')})\\.parquet`); // also one that was being written
  for (const name of files.filter((one) => manifest.test(one))) await rm(join(folder, name));
  for (const name of ['images', 'clips']) await rm(join(folder, name), { recursive: true, force: true });
}

/**
 * Draws the demo set into a folder: `images/*.jpg`, `clips/NNNN/NNNNN.jpg`, and the manifests of `manifestsOf`. The same
 * options give the same bytes on the same machine.
 * @returns the manifests that were written
 * @throws DataError when the folder holds anything but an earlier demo set, or cannot be written
 */
export async function writeDemo(
  folder: string,
  { seed, size, scale }: DemoOptions,
  onProgress: OnProgress = () => {},
): Promise<DemoManifest[]> {
  await claimFolder(folder);
  const options = { seed, size, scale };
  writeWhole(join(folder, MARKER), `${JSON.stringify({ about: 'Drawn by mien data demo', ...options })}\n`);
  const shots = planDemo(options);
  for (const made of new Set(shots.map(({ image }) => dirname(image)))) makeFolder(join(folder, made));
  let [next, done] = [0, 0];
  const work = async () => {
    for (let shot = shots[next++]; shot !== undefined; shot = shots[next++]) {
      await writeFile(join(folder, shot.image), await renderShot(shot, size));
      onProgress(++done, shots.length);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  const manifests = manifestsOf(shots);
  for (const { name, faces } of manifests) {
    const tally = new Tally();
    tally.keep(faces.length);
    const step: ManifestStep = { command: 'demo', options, tally: tally.record() };
    writeManifest(join(folder, name), { faces, roots: new Map([[DEMO_SET, folder]]), history: [step] });
  }
  return manifests;
}
