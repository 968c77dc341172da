// A note in a folder of outputs that says how they were made, so that readings of two kinds do not mix when work goes on.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError, statIfThere, writeWhole } from '../../files/index.js';
import { type Provenance, sameProvenance } from '../tables/index.js';

const NOTE = 'predict.json';

const describe = ({ models, tasks, settings, mien }: Provenance) =>
  [
    `mien ${mien}`,
    models.map(({ name, hash }) => `${name} (${hash.slice(0, 8)})`).join(', '),
    tasks.join(', '),
    ...Object.entries(settings).map(([name, value]) => `${name} ${JSON.stringify(value)}`),
  ].join('; ');

/** @throws DataError when there are outputs that were made otherwise, or it cannot be told */
export async function checkNote(folder: string, provenance: Provenance): Promise<void> {
  const file = join(folder, NOTE);
  if ((await statIfThere(file)) === undefined) return;
  let before: Provenance;
  let same: boolean;
  try {
    before = JSON.parse(await readFile(file, 'utf8'));
    same = sameProvenance(before, provenance);
  } catch (cause) {
    const words = { found: 'something else', expected: 'a note of how these outputs were made' };
    throw new DataError({ file }, { ...words, cause });
  }
  if (same) return;
  throw new DataError(
    { file },
    {
      found: `outputs made with ${describe(before)}`,
      expected: describe(provenance),
      hint: 'Go on with the same settings, or choose another folder',
    },
  );
}

/** @throws DataError when it cannot be written */
export function writeNote(folder: string, provenance: Provenance): void {
  writeWhole(join(folder, NOTE), `${JSON.stringify(provenance, null, 2)}\n`);
}
