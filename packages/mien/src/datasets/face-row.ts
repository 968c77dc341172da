// One face crop with what is known about it: the row of a manifest.

import type { Box } from '../faces/index.js';

import type { LabelSchema } from '../labels/index.js';

export type { Box };

export const SPLITS = ['train', 'validation', 'test'] as const;
export type Split = (typeof SPLITS)[number];

/** 1 present, 0 absent, undefined not known. */
export type Occurrence = 0 | 1 | undefined;

/** Everything but `dataset` and one of `image` and `video` may be unknown. */
export interface FaceRow {
  /** Name of the data set; its root folder stands in the manifest. */
  dataset: string;
  /** Path of the picture, relative to the data set's root, with `/`. */
  image?: string | undefined;
  /** Instead of `image`: path of a video, relative to the root; `frame` says which frame. */
  video?: string | undefined;
  split?: Split | undefined;
  /** The person. Splits that hold keep a subject on one side. */
  subject?: string | undefined;
  /** The video or sequence that the frame belongs to; unique within the data set. */
  clip?: string | undefined;
  /** Number of the frame in its clip, from 0. */
  frame?: number | undefined;
  /** A group that scores are also reported for, such as an age band. */
  group?: string | undefined;
  box?: Box | undefined;
  /** Landmarks in the picture, pixels, flat: x0, y0, x1, y1, … */
  landmarks?: readonly number[] | undefined;
  /** One of the schema's expressions. */
  expression?: string | undefined;
  /** Shares of raters' votes, one per expression of the schema, sum 1: a soft label. */
  votes?: readonly number[] | undefined;
  /** −1 (unpleasant) … 1 (pleasant). */
  valence?: number | undefined;
  /** −1 (calm) … 1 (excited). */
  arousal?: number | undefined;
  /** One per action unit of the schema. */
  actionUnits?: readonly Occurrence[] | undefined;
  /** One per action unit of the schema, on the data set's own scale. */
  intensities?: readonly (number | undefined)[] | undefined;
}

/** Why a row cannot stand in a manifest of this schema, or undefined. For checks of what readers make. */
export function problemOf(row: FaceRow, schema: LabelSchema): string | undefined {
  if (row.dataset === '') return 'names no data set';
  if ((row.image === undefined) === (row.video === undefined))
    return 'needs an image or a video, and not both';
  if (row.video !== undefined && row.frame === undefined) return 'names a video and no frame';
  if (row.frame !== undefined && !(Number.isSafeInteger(row.frame) && row.frame >= 0))
    return `has frame ${row.frame}`;
  for (const name of ['valence', 'arousal'] as const) {
    const value = row[name];
    if (value !== undefined && !(value >= -1 && value <= 1)) return `has ${name} ${value}, outside -1 to 1`;
  }
  if (row.expression !== undefined && !schema.expressions.includes(row.expression))
    return `has expression ${row.expression}, which schema ${schema.name} lacks`;
  const lengths: [string, readonly unknown[] | undefined, readonly string[]][] = [
    ['votes', row.votes, schema.expressions],
    ['actionUnits', row.actionUnits, schema.actionUnits],
    ['intensities', row.intensities, schema.actionUnits],
  ];
  for (const [name, values, names] of lengths)
    if (values !== undefined && values.length !== names.length)
      return `has ${values.length} ${name}, not ${names.length}`;
  return undefined;
}
