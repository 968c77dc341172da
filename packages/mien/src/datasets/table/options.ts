import type { TableFormat } from '../../files/index.js';
import type { ActionUnit } from '../../labels/index.js';

/** What a column can mean, beside action units. */
export const FIELDS = [
  'image',
  'video',
  'frame',
  'expression',
  'valence',
  'arousal',
  'subject',
  'clip',
  'split',
  'group',
] as const;
export type Field = (typeof FIELDS)[number];

export interface FaceTableOptions {
  /** CSV, TSV, JSON Lines or Parquet. */
  table: string;
  format?: TableFormat | undefined;
  /** Of CSV; by default a comma. */
  delimiter?: string | undefined;
  /** Folder that the paths of pictures and videos start from. */
  images: string;
  /** Name of the data set in the manifest. */
  dataset: string;
  /**
   * Names of columns, or patterns with names in braces: `FER2013{split}/{image}`. A field that is not named here has the
   * column of its own name, if there is one; `split` may also be the split of all rows.
   */
  columns: Readonly<Partial<Record<Field, string>>>;
  /** Columns of the box: x, y, width, height, in pixels. */
  box?: readonly string[] | undefined;
  /** Columns of occurrence, where they are not found by name (`AU1`, `au01`, `AU 1`). */
  actionUnits: Readonly<Record<ActionUnit, string>>;
  /** What follows an action unit's name in columns of occurrence, such as OpenFace's `_c`; by default nothing. */
  occurrenceSuffix?: string | undefined;
  /** What follows it in columns of intensity; by default `_i` or `_intensity`. */
  intensitySuffix?: string | undefined;
  /** An action unit without known occurrence is present from this intensity on. */
  threshold?: number | undefined;
  /** Number of a clip's first frame in the table. */
  frameFrom: number;
  /** Values of the split column that do not speak for themselves → train, validation, test. */
  splits: Readonly<Record<string, string>>;
  /** Values of the expression column that do not speak for themselves, such as numbers → expression. */
  classes: Readonly<Record<string, string>>;
  /** Spellings of a missing value, beside the empty cell. */
  missing: readonly string[];
  /** Least and greatest value on the table's scale of valence and arousal, mapped to −1 … 1. */
  affectRange: readonly [number, number];
  /** Keep rows in which no label is known. */
  unlabelled: boolean;
}
