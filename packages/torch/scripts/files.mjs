// Small file helpers shared by the build and set-up scripts.

import { renameSync, statSync, writeFileSync } from 'node:fs';

/**
 * What tells, from one stat call, whether a file is still the one seen before.
 * @param {string} file
 */
export function fingerprint(file) {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat ? `${stat.mtimeMs}:${stat.size}` : 'absent';
}

/**
 * Written beside and renamed, so that a reader (or an interrupted run) never sees half a file.
 * @param {string} file @param {string | Uint8Array} content
 */
export function writeWhole(file, content) {
  const beside = `${file}.${process.pid}`;
  writeFileSync(beside, content);
  renameSync(beside, file);
}
