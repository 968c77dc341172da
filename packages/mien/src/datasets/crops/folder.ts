// A folder that crops are written to: each appears whole, so whatever is there is finished, and work that was killed
// goes on where it stopped. A note in the folder says how its crops were made, so that two ways do not mix.

import { readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { CropRecipe } from '../../faces/index.js';
import { DataError, listFolder, makeFolder, show, statIfThere, writeWhole } from '../../files/index.js';
import { encodeJpeg, encodePng, type RgbImage } from '../../images/index.js';

export const CROP_FORMATS = ['jpg', 'png'] as const;
export type CropFormat = (typeof CROP_FORMATS)[number];

const NOTE = 'crops.json';

/** What makes one set of crops different from another; `align` may be a way that only one data set has. */
export type CropSettings = { format: CropFormat } & (CropRecipe | { align: string });

export interface CropFolder {
  /** @param path relative to the folder */
  has(path: string): Promise<boolean>;
  write(path: string, crop: RgbImage): Promise<void>;
}

const describe = (settings: object) =>
  Object.entries(settings)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');

async function checkNote(file: string, settings: CropSettings): Promise<void> {
  let noted: unknown;
  try {
    noted = JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new DataError(
      { file },
      { found: 'no JSON', expected: 'a note of how these crops were made', cause },
    );
  }
  if (isDeepStrictEqual(noted, settings)) return;
  const found = typeof noted === 'object' && noted !== null ? describe(noted) : show(String(noted));
  throw new DataError(
    { file },
    {
      found: `crops made with ${found}`,
      expected: describe(settings),
      hint: 'Choose another folder for other crops',
    },
  );
}

/**
 * @throws DataError when the folder holds crops that were made otherwise, or other things than crops
 */
export async function openCropFolder(folder: string, settings: CropSettings): Promise<CropFolder> {
  const note = join(folder, NOTE);
  if ((await statIfThere(note)) !== undefined) await checkNote(note, settings);
  else {
    if ((await statIfThere(folder)) !== undefined) {
      const { files, folders, unusable } = await listFolder(folder);
      const others = [...files, ...folders, ...unusable].filter((name) => !name.startsWith(`${NOTE}.`));
      if (others.length > 0 && (await statIfThere(note)) === undefined)
        throw new DataError(
          { file: folder },
          {
            found: `${show(others[0])} and no ${NOTE}`,
            expected: 'a new folder, an empty one, or one with crops',
          },
        );
    }
    writeWhole(note, `${JSON.stringify(settings, undefined, 2)}\n`);
  }
  const made = new Set<string>();
  const encode = settings.format === 'png' ? encodePng : encodeJpeg;
  return {
    // An empty file is what a power cut can leave of a finished one.
    has: async (path) => ((await statIfThere(join(folder, path)))?.size ?? 0) > 0,
    async write(path, crop) {
      const file = join(folder, path);
      const bytes = await encode(crop);
      if (!made.has(dirname(file))) makeFolder(dirname(file));
      made.add(dirname(file));
      // The same name each time: what a killed run left behind is written over, not left to lie.
      await writeFile(`${file}.part`, bytes);
      await rename(`${file}.part`, file);
    },
  };
}
