// What is known of the faces that are judged: their labels, and what they belong together by.

import type { FaceTable } from '../datasets/index.js';
import type { LabelSchema } from '../labels/index.js';
import { type LabelBatch, labelGatherer } from '../loading/index.js';

/** A number for each of n faces, with the names that the numbers stand for. */
export interface Grouping {
  /** [n] */
  codes: Int32Array;
  names: readonly string[];
}

/** Labels of n faces, with masks, and groups of faces. */
export interface Truth extends Omit<LabelBatch, 'votes' | 'votesKnown'> {
  schema: LabelSchema;
  length: number;
  dataset: Grouping;
  /** Faces that are not independent of each other: of one subject, else of one clip, else a face of its own. */
  cluster: Grouping;
  /** What clusters mostly are, for people. */
  clusteredBy: 'subject' | 'clip' | 'face';
  /** Faces of one clip; a face without a clip has one of its own. */
  clip: Grouping;
  /** Number of the frame in its clip [n]; 0 where there is none. */
  frame: Int32Array;
  /** Groups of subjects, where the manifest has some; a face without one is in group `''`. */
  group?: Grouping;
}

/** Numbers keys in order of first appearance. @param keyOf undefined: a name of its own */
export function groupingOf(rows: ArrayLike<number>, keyOf: (row: number) => string | undefined): Grouping {
  const codes = new Int32Array(rows.length);
  const known = new Map<string, number>();
  const names: string[] = [];
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    const key = keyOf(row);
    let code = key === undefined ? undefined : known.get(key);
    if (code === undefined) {
      code = names.push(key ?? `face ${row}`) - 1;
      if (key !== undefined) known.set(key, code);
    }
    codes[i] = code;
  }
  return { codes, names };
}

/**
 * @param rows of the table, in any order
 * @param schema of the model; labels of the table that it lacks are passed over, and what the table lacks is unknown
 */
export function truthOf(
  faces: FaceTable,
  rows: ArrayLike<number>,
  schema: LabelSchema = faces.schema,
): Truth {
  const { votes, votesKnown, ...labels } = labelGatherer(faces, schema)(rows);
  const inSet = (row: number, name: string | undefined) =>
    name === undefined ? undefined : `${faces.dataset.get(row)}/${name}`;
  const subjects = Array.prototype.filter.call(rows, (row) => faces.subject.code(row) !== undefined).length;
  const clips = Array.prototype.filter.call(rows, (row) => faces.clip.code(row) !== undefined).length;
  const group = Array.prototype.some.call(rows, (row) => faces.group.code(row) !== undefined);
  return {
    ...labels,
    schema,
    length: rows.length,
    dataset: groupingOf(rows, (row) => faces.dataset.get(row)),
    cluster: groupingOf(rows, (row) => inSet(row, faces.subject.get(row) ?? faces.clip.get(row))),
    clusteredBy: subjects > rows.length / 2 ? 'subject' : clips > rows.length / 2 ? 'clip' : 'face',
    clip: groupingOf(rows, (row) => inSet(row, faces.clip.get(row))),
    frame: Int32Array.from(rows, (row) => faces.frame.get(row) ?? 0),
    ...(group && { group: groupingOf(rows, (row) => faces.group.get(row) ?? '') }),
  };
}
