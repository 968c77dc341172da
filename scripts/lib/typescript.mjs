// Compiles the packages with `tsc -b`. That is incremental by itself, but takes 0.3 s to find nothing to do.

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fingerprint } from '../../packages/torch/scripts/files.mjs';
import { workspaces } from './workspaces.mjs';

/** @param {string} root */
const compiled = (root) =>
  workspaces(root).filter((folder) => existsSync(join(root, folder, 'tsconfig.json')));

/** What each package's build leaves behind; one of them missing means that dist/ was deleted or cut down. */
const outputs = (/** @type {string} */ root) =>
  compiled(root).flatMap((folder) => [
    join(root, folder, 'dist/index.js'),
    join(root, folder, 'dist/.tsbuildinfo'),
  ]);

/** @param {string} folder @returns {string[]} */
function filesUnder(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** @param {string} root */
export function compileStamp(root) {
  const files = [
    join(root, 'tsconfig.json'),
    join(root, 'tsconfig.base.json'),
    join(root, 'node_modules/.package-lock.json'),
    ...compiled(root).flatMap((folder) => [
      join(root, folder, 'package.json'),
      join(root, folder, 'tsconfig.json'),
      ...filesUnder(join(root, folder, 'src')),
    ]),
    ...outputs(root),
  ];
  return JSON.stringify(files.map((file) => [file, fingerprint(file)]));
}

/** @param {string} root */
export const isCompiled = (root) => outputs(root).every(existsSync);

/** @param {string} root @param {NodeJS.ProcessEnv} env */
export function compile(root, env) {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const force = isCompiled(root) ? [] : ['--force']; // tsc trusts its own record, not what is on disk
  const run = spawnSync(process.execPath, [tsc, '-b', ...force], { cwd: root, env, stdio: ['ignore', 2, 2] });
  if (run.status !== 0) throw new Error('TypeScript did not compile; its messages are above');
}
