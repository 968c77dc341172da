// Where the pictures of a manifest's rows lie.

import { type Manifest, pathOf } from '../datasets/index.js';
import { DataError } from '../files/index.js';

/** A manifest without its history. */
export type FaceSource = Pick<Manifest, 'file' | 'faces' | 'roots'>;

/** @throws DataError when the row is a frame of a video */
export function imagePathOf(source: FaceSource, row: number): string {
  if (source.faces.image.get(row) === undefined)
    throw new DataError(
      { file: source.file, row: row + 1 },
      {
        found: 'a frame of a video',
        expected: 'a picture',
        hint: 'Cut the faces out first: mien data crops',
      },
    );
  return pathOf(source, row);
}
