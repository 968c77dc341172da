import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { folderWith } from '../../../../test/folders.js';

/** Unpacks one file of a tar archive into a folder of the test. @returns its path */
export function unpackFile(archive: string, name: string): string {
  const folder = folderWith({});
  execFileSync('tar', ['--occurrence=1', '-xf', archive, '-C', folder, name]); // and read no further
  return join(folder, name);
}
