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

/**
 * Writes the note.
 * @param options.goOn whether there may be outputs already, which must have been made alike
 * @throws DataError when they were made otherwise, or it cannot be told
 */
export async function noteProvenance(
  folder: string,
  provenance: Provenance,
  { goOn }: { goOn: boolean },
): Promise<void> {
  const file = join(folder, NOTE);
  if (goOn && (await statIfThere(file)) !== undefined) {
    let before: Provenance;
    try {
      before = JSON.parse(await readFile(file, 'utf8'));
      if (sameProvenance(before, provenance)) return;
    } catch (cause) {
      throw new DataError(
        { file },
        { found: 'something else', expected: 'a note of how these outputs were made', cause },
      );
    }
    throw new DataError(
      { file },
      {
        found: `outputs made with ${describe(before)}`,
        expected: describe(provenance),
        hint: 'Go on with the same settings, or choose another folder',
      },
    );
  }
  writeWhole(file, `${JSON.stringify(provenance, null, 2)}\n`);
}
