// A malformed file and what an import says about it.

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { folderWith } from '../../../../../test/folders.js';

export type Content = string | Uint8Array;

export interface Case {
  what: string;
  files: Record<string, Content>;
  run: (root: string) => Promise<unknown>;
  message: RegExp;
}

/** A new folder of the test with these files. */
export function tree(files: Record<string, Content>): string {
  const root = folderWith({});
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

export const latin1 = (text: string) => Buffer.from(text, 'latin1');
