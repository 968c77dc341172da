// The rows of DISFA, ExpW and AFEW-VA that go into the reference's merged sets, in the reference's order.

import { type FaceRow, FaceTable, type Manifest } from '../datasets/index.js';
import { ABAW1, type LabelSchema } from '../labels/index.js';
import { EXPECTED } from './aff-wild2.js';
import { readGolden } from './lists.js';

/** Emotions in the order of ExpW's codes. */
const EXPW_EXPRESSIONS = ['anger', 'disgust', 'fear', 'happiness', 'sadness', 'surprise', 'neutral'];

interface GoldenRow {
  path: string;
  label: number | number[];
}

const LABELS: Readonly<Record<ExternalSet, (label: GoldenRow['label']) => Partial<FaceRow>>> = {
  disfa: (label) => ({ actionUnits: label as (0 | 1)[] }),
  expw: (label) => ({ expression: EXPW_EXPRESSIONS[label as number] }),
  afew_va: (label) => {
    const [valence, arousal] = label as number[];
    return { valence, arousal };
  },
};

/** By the names of the golden files. */
export type ExternalSet = 'disfa' | 'expw' | 'afew_va';

export async function externalSet(
  folder: string,
  set: ExternalSet,
  schema: LabelSchema = ABAW1,
): Promise<Omit<Manifest, 'file'>> {
  const { rows } = await readGolden<{ rows: GoldenRow[] }>(folder, `${EXPECTED}/${set}.json`);
  const faces = new FaceTable(schema);
  for (const { path, label } of rows) faces.push({ dataset: set, image: path, ...LABELS[set](label) });
  return { faces, roots: new Map([[set, folder]]), history: [] };
}
