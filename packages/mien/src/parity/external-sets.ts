// DISFA, ExpW and AFEW-VA of a golden folder as manifests: what goes into the reference's merged sets beside Aff-Wild2.

import { join } from 'node:path';
import {
  type FaceRow,
  FaceTable,
  type Manifest,
  readAfewVa,
  readDisfa,
  readExpw,
} from '../datasets/index.js';
import { ABAW1 } from '../labels/index.js';
import { rowsOf } from './compare.js';

const RAW = 'datasets/raw';

/** @param work a temporary folder, for crops */
type Read = (folder: string, work: string) => Promise<FaceRow[]>;

const SETS = {
  disfa: {
    needs: [`${RAW}/disfa/ActionUnit_Labels`, `${RAW}/disfa/Videos_LeftCamera_OpenFace_Aligned`],
    read: (folder) =>
      rowsOf(readDisfa, {
        labels: join(folder, RAW, 'disfa/ActionUnit_Labels'),
        images: join(folder, RAW, 'disfa/Videos_LeftCamera_OpenFace_Aligned'),
        threshold: 2,
      }),
  },
  expw: {
    needs: [`${RAW}/expw/label/label.lst`, `${RAW}/expw/image/origin`],
    read: (folder, work) =>
      rowsOf(readExpw, {
        list: join(folder, RAW, 'expw/label/label.lst'),
        images: join(folder, RAW, 'expw/image/origin'),
        crops: join(work, 'expw'),
      }),
  },
  afew_va: {
    needs: [`${RAW}/afew_va`],
    read: (folder) => rowsOf(readAfewVa, { root: join(folder, RAW, 'afew_va'), align: 'none' as const }),
  },
} satisfies Record<string, { needs: readonly string[]; read: Read }>;

export type ExternalSet = keyof typeof SETS;

/** What a golden folder must hold for the set. */
export const needsOf = (set: ExternalSet): readonly string[] => SETS[set].needs;

export async function externalSet(
  folder: string,
  set: ExternalSet,
  work: string,
): Promise<Omit<Manifest, 'file'>> {
  const rows = await SETS[set].read(folder, work);
  const faces = new FaceTable(ABAW1);
  for (const row of rows) faces.push(row);
  return { faces, roots: new Map(rows.slice(0, 1).map(({ dataset }) => [dataset, folder])), history: [] };
}
