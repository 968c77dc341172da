import { dirname } from 'node:path';
import type { FaceTableOptions } from 'mien/datasets';

/** Of an import that finds all columns by their names, with pictures beside the table. */
export const tableOptions = (table: string, more: Partial<FaceTableOptions> = {}): FaceTableOptions => ({
  table,
  images: dirname(table),
  dataset: 'mine',
  columns: {},
  actionUnits: {},
  frameFrom: 0,
  splits: {},
  classes: {},
  missing: [],
  affectRange: [-1, 1],
  unlabelled: false,
  ...more,
});
