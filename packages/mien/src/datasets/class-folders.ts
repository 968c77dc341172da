// Pictures sorted into folders by class: `happy/1.jpg`, or `train/happy/1.jpg`.

import { join } from 'node:path';
import { DataError, listFolder, show, walkFiles } from '../files/index.js';
import type { FaceRow, Split } from './face-row.js';
import { dropOrThrow, type ReadContext } from './import.js';
import { expressionIn, splitOf, translated } from './labelling.js';

export interface ClassFolderOptions {
  root: string;
  /** Name of the data set in the manifest. */
  dataset: string;
  /** Names of folders that do not speak for themselves, such as numbers → expression. */
  classes: Readonly<Record<string, string>>;
}

const PICTURE = /\.(jpe?g|png|bmp|webp|tiff?|gif)$/i;
const BATCH = 1024;

/** Where a path's class and split stand: `train/happy/…` or `happy/…`. */
function placeOf(path: string, hasSplits: boolean): { split: Split | undefined; word: string } | undefined {
  const folders = path.split('/').slice(0, -1);
  const split = hasSplits ? splitOf(folders[0] ?? '') : undefined;
  const word = folders[split === undefined ? 0 : 1];
  return word === undefined ? undefined : { split, word };
}

export async function* readClassFolders(
  { root, dataset, classes }: ClassFolderOptions,
  context: ReadContext,
): AsyncGenerator<FaceRow[]> {
  const { schema, tally, onProgress } = context;
  const { folders } = await listFolder(root);
  const hasSplits = folders.some((name) => splitOf(name) !== undefined);
  const expected = `a folder per class (${schema.expressions.join(', ')})`;
  if (folders.length === 0) throw new DataError({ file: root }, { found: 'no folders', expected });
  const mapped = new Set<string>();
  let faces: FaceRow[] = [];
  let done = 0;
  for await (const path of walkFiles(root, (odd, reason) => tally.note(reason, odd))) {
    const place = placeOf(path, hasSplits);
    if (place !== undefined) mapped.add(place.word);
    if (!PICTURE.test(path)) tally.note('files that are no pictures', path);
    else if (place === undefined)
      dropOrThrow(context, 'a picture outside the folders of classes', { file: join(root, path) }, expected);
    else {
      const { split, word } = place;
      const expression = expressionIn(schema, translated(classes, word));
      if (expression === undefined)
        dropOrThrow(context, `class ${show(word)}`, { file: join(root, path) }, expected);
      else faces.push({ dataset, image: path, split, expression });
    }
    done++;
    if (faces.length < BATCH) continue;
    onProgress(done, undefined);
    yield faces;
    faces = [];
  }
  yield faces;
  const stranger = Object.keys(classes).find((word) => !mapped.has(word));
  if (stranger !== undefined)
    throw new DataError(
      { file: root },
      { found: `no folder ${show(stranger)}`, expected: `one of ${[...mapped].map(show).join(', ')}` },
    );
}
