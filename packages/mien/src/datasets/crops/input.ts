// What crops are made of: a manifest, or pictures and videos with tables of landmarks. Either becomes a table of faces.

import { dirname, join, relative, resolve, sep } from 'node:path';
import { DataError, statIfThere, walkFiles } from '../../files/index.js';
import type { LabelSchema } from '../../labels/index.js';
import { FaceTable } from '../face-table.js';
import type { Manifest } from '../manifest.js';
import type { Tally } from '../tally.js';
import { type LandmarkRow, readLandmarkTable } from './landmark-table.js';
import { isPicture, isVideo, listSources, type SourceFiles, withoutExtension } from './sources.js';

/** Faces that are to be cut out, with their roots and what was done so far. */
export interface CropInput extends Pick<Manifest, 'faces' | 'roots' | 'history'> {
  /** Number of the face in its frame or of its track, per row; where there is none, faces of a frame are counted. */
  faceNumbers?: readonly (number | undefined)[] | undefined;
}

/** A picture or video, or a folder of them. */
export async function openSources(path: string): Promise<SourceFiles> {
  const found = await statIfThere(path);
  if (found?.isDirectory()) return listSources(path);
  const expected = 'a manifest (.parquet), a picture, a video, or a folder of them';
  if (found === undefined) throw new DataError({ file: path }, { found: 'nothing', expected });
  const [root, name] = [dirname(path), relative(dirname(path), path)];
  if (isVideo(path)) return { root, pictures: [], videos: [name] };
  if (isPicture(path)) return { root, pictures: [name], videos: [] };
  throw new DataError({ file: path }, { found: 'another file', expected });
}

/** The table, or every table in the folder, with the name it stands for: its path below the folder without extension. */
async function tablesIn(path: string): Promise<{ file: string; name: string }[]> {
  const found = await statIfThere(path);
  if (!found?.isDirectory()) return [{ file: path, name: withoutExtension(relative(dirname(path), path)) }];
  const tables: { file: string; name: string }[] = [];
  for await (const name of walkFiles(path))
    if (/\.(csv|jsonl|ndjson)$/i.test(name))
      tables.push({ file: join(path, name), name: withoutExtension(name) });
  if (tables.length === 0)
    throw new DataError({ file: path }, { found: 'no table', expected: 'files .csv or .jsonl' });
  return tables;
}

/** The video, or the folder of pictures numbered in sorted order, that a table without paths belongs to. */
async function sourceOfTable(file: string, name: string, sources: SourceFiles) {
  const alone = sources.videos.length === 1 && sources.pictures.length === 0 ? sources.videos : [];
  const videos = sources.videos.filter((path) => withoutExtension(path) === name);
  const [video, ...others] = videos.length > 0 ? videos : alone;
  if (video !== undefined && others.length === 0) return { video };
  const frames = sources.pictures.filter((path) => dirname(path) === name);
  if (video === undefined && frames.length > 0) return { frames };
  throw new DataError(
    { file },
    {
      found: `${video === undefined ? 'no' : others.length + 1} videos ${name}.* in ${sources.root}`,
      expected:
        'columns image, or video and frame; or one video or folder of pictures with the name of the table',
    },
  );
}

/** A path of a table as one below the root. */
function pathBelow({ root }: SourceFiles, path: string, place: { file: string; row: number }): string {
  const below = relative(resolve(root), resolve(root, path));
  if (below === '' || below === '..' || below.startsWith(`..${sep}`))
    throw new DataError(place, { found: JSON.stringify(path), expected: `a path below ${root}` });
  return below;
}

type Place = { image: string; clip?: string } | { video: string; clip: string };

/** @returns where the row's face is seen, by the columns of the table or else by its name */
function placeOf(
  row: LandmarkRow,
  own: { video: string } | { frames: readonly string[] } | undefined,
  sources: SourceFiles,
  place: { file: string; row: number },
): Place {
  const { image, video, frame } = row;
  if (image !== undefined) return { image: pathBelow(sources, image, place) };
  if (frame === undefined)
    throw new DataError(
      { ...place, column: 'frame' },
      { found: 'no number', expected: 'the number of the frame' },
    );
  if (video !== undefined || (own !== undefined && 'video' in own)) {
    const path = pathBelow(sources, video ?? (own as { video: string }).video, place);
    return { video: path, clip: withoutExtension(path) };
  }
  const picture = own !== undefined && 'frames' in own ? own.frames[frame] : undefined;
  if (picture !== undefined) return { image: picture, clip: dirname(picture) };
  const found = `frame ${frame + 1}`;
  throw new DataError(place, { found, expected: `at most as many frames as there are pictures` });
}

/**
 * Reads tables of landmarks. Rows without a face are dropped and counted.
 * @param path a table, or a folder of tables
 * @param dataset the name that the rows get
 * @throws DataError naming the line of a table that is malformed, or whose picture or video cannot be told
 */
export async function readLandmarks(
  sources: SourceFiles,
  path: string,
  { dataset, schema, tally }: { dataset: string; schema: LabelSchema; tally: Tally },
): Promise<CropInput> {
  const faces = new FaceTable(schema);
  const faceNumbers: (number | undefined)[] = [];
  for (const { file, name } of await tablesIn(path)) {
    let own: Awaited<ReturnType<typeof sourceOfTable>> | undefined;
    for await (const row of readLandmarkTable(file)) {
      if (row.image === undefined && row.video === undefined)
        own ??= await sourceOfTable(file, name, sources);
      if (row.landmarks === undefined && row.box === undefined) {
        tally.drop('no face found', `${file}:${row.line}`);
        continue;
      }
      const where = placeOf(row, own, sources, { file, row: row.line });
      const { frame, landmarks, box } = row;
      faces.push({
        dataset,
        ...where,
        ...(row.clip === undefined ? {} : { clip: row.clip }),
        frame,
        landmarks,
        box,
      });
      faceNumbers.push(row.face);
    }
  }
  return { faces, roots: new Map([[dataset, resolve(sources.root)]]), history: [], faceNumbers };
}
