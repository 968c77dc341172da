// Which format a path has.

import { extname } from 'node:path';
import type { Split } from '../../datasets/index.js';
import { DataError, NO_SUCH_FILE, statIfThere } from '../../files/index.js';
import type { LabelSchema, Task } from '../../labels/index.js';
import type { Kind } from './cells.js';
import type { FrameSet } from './frame-set.js';
import { readTableFile } from './table.js';
import type { ColumnOptions } from './table-columns.js';
import { readTextTree } from './tree.js';

export interface SetOptions extends ColumnOptions {
  schema: LabelSchema;
  kind: Kind;
  split: Split;
  /** Tasks that are wanted. Default: all that are there. */
  tasks?: readonly Task[] | undefined;
}

/**
 * Reads a folder of text files, a text file, or a table.
 * @throws DataError naming file and row
 */
export async function readSet(path: string, options: SetOptions): Promise<FrameSet> {
  const found = await statIfThere(path);
  if (found === undefined)
    throw new DataError(
      { file: path },
      {
        found: NO_SUCH_FILE,
        expected: 'a table (.csv, .tsv, .jsonl, .parquet), a text file, or a folder of them',
      },
    );
  if (found.isDirectory() || extname(path).toLowerCase() === '.txt') return readTextTree(path, options);
  return readTableFile(path, options);
}
