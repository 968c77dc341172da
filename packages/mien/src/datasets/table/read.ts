// Any table of faces, by a mapping of its columns.

import { listFolder, readTable } from '../../files/index.js';
import type { FaceRow } from '../face-row.js';
import { dropOrThrow, type ReadContext } from '../import.js';
import { pathBelow } from '../labelling.js';
import { listedPictures } from '../listed-pictures.js';
import { findColumns } from './columns.js';
import type { FaceTableOptions } from './options.js';
import { rowParser } from './row.js';

const isLabelled = ({ expression, valence, arousal, actionUnits, intensities }: FaceRow) =>
  [expression, valence, arousal, actionUnits, intensities].some((label) => label !== undefined);

/**
 * Streams the table. A malformed cell stops the import; a row without its picture, one for a picture (and box, and
 * frame) listed before, and one without any label is dropped.
 */
export async function* readFaceTable(
  options: FaceTableOptions,
  context: ReadContext,
): AsyncGenerator<FaceRow[]> {
  const { table: file, format, delimiter, images } = options;
  const { schema, tally, onProgress } = context;
  const table = await readTable(file, {
    ...(format === undefined ? {} : { format }),
    ...(delimiter === undefined ? {} : { delimiter }),
  });
  const columns = findColumns(table, options, schema);
  await listFolder(images);
  for (const name of columns.unused) tally.note('columns that were not used', name);
  const parse = rowParser({ file, names: table.columns, columns, options, schema });
  const isListed = listedPictures(images, context);

  /** Whether the face can stand in a manifest; its paths are made relative to the folder of pictures. */
  const isUsable = async (face: FaceRow, row: number): Promise<boolean> => {
    const drop = (reason: string, expected: string): false => {
      dropOrThrow(context, reason, { file, row }, expected);
      return false;
    };
    const field = face.image === undefined ? 'video' : 'image';
    const path = face[field];
    if (path === undefined) return drop('no name of a picture', 'one in each row');
    if (face.image !== undefined && face.video !== undefined)
      return drop('a picture and a video', 'one of them in each row');
    if (face.video !== undefined && face.frame === undefined)
      return drop('a video without a frame', 'a frame in each row');
    const below = pathBelow(images, path);
    if (below === undefined) return drop('a path outside the folder of pictures', `one below ${images}`);
    face[field] = below;
    return isListed(below, { file, row }, JSON.stringify([below, face.video && face.frame, face.box]));
  };

  let done = 0;
  for await (const rows of table) {
    const faces: FaceRow[] = [];
    for (const { number: row, cells } of rows) {
      const { face, strangeExpression: word } = parse(row, cells);
      const labelled = isLabelled(face);
      if (word !== undefined) {
        const [reason, expected] = [`expression ${word}`, `one of ${schema.expressions.join(', ')}`];
        const place = { file, row };
        if (!labelled && !options.unlabelled) {
          dropOrThrow(context, reason, place, expected);
          continue;
        }
        if (context.strict) dropOrThrow(context, reason, place, expected);
        tally.note(`${reason} not in the schema, other labels kept`, `${file}:${row}`);
      } else if (!labelled && !options.unlabelled) {
        tally.drop('no label', `${file}:${row}`);
        continue;
      }
      if (await isUsable(face, row)) faces.push(face);
    }
    done += rows.length;
    onProgress(done, undefined);
    yield faces;
  }
}
