// Keeps node_modules what package-lock.json says. `npm ci` deletes the folder first, so it is run only when that
// is not so already: a developer's own `npm install` is recognised, and a touched file is not a changed one.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fingerprint } from '../../packages/torch/scripts/files.mjs';
import { workspaces } from './workspaces.mjs';

/** @typedef {{ version?: string, integrity?: string, optional?: boolean, link?: boolean }} LockEntry */

/** @param {string} file */
const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));

/** npm's own record of what it put there. */
const installedLock = (/** @type {string} */ root) => join(root, 'node_modules/.package-lock.json');

/** @param {string} root */
export function installStamp(root) {
  const files = [
    'package.json',
    'package-lock.json',
    '.npmrc',
    ...workspaces(root).map((folder) => join(folder, 'package.json')),
  ].map((file) => join(root, file));
  const state = [...files, installedLock(root)].map((file) => [file, fingerprint(file)]);
  return JSON.stringify([process.platform, process.arch, state]);
}

/**
 * Whether everything in package-lock.json lies in node_modules in that version, and package-lock.json itself agrees
 * with every package.json (if not, `npm ci` will say what to do).
 * @param {string} root
 */
export function isInstalled(root) {
  if (!existsSync(installedLock(root))) return false;
  const wanted = /** @type {Record<string, LockEntry>} */ (
    readJson(join(root, 'package-lock.json')).packages
  );
  const present = /** @type {Record<string, LockEntry>} */ (readJson(installedLock(root)).packages);

  const manifestsAgree = ['', ...workspaces(root)].every((folder) => {
    const manifest = readJson(join(root, folder, 'package.json'));
    const locked = /** @type {Record<string, unknown>} */ (wanted[folder] ?? {});
    return ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'].every(
      (kind) => sorted(manifest[kind]) === sorted(locked[kind]),
    );
  });
  if (!manifestsAgree) return false;

  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.startsWith('node_modules/') && !path.includes('/node_modules/')) return true;
    const there = existsSync(join(root, path));
    if (entry.link) return there;
    if (!there) return entry.optional === true; // for another platform
    return present[path]?.version === entry.version && present[path]?.integrity === entry.integrity;
  });
}

/** @param {unknown} record */
const sorted = (record) => JSON.stringify(Object.entries(record ?? {}).sort());

/**
 * @param {string} root
 * @param {{ env: NodeJS.ProcessEnv, logFile: string }} options
 */
export function install(root, { env, logFile }) {
  // --include=dev: TypeScript builds the packages even where NODE_ENV=production is set.
  const run = spawnSync('npm', ['ci', '--include=dev', '--loglevel=error'], {
    cwd: root,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (run.error) throw new Error(`npm does not start: ${run.error.message}`);
  writeFileSync(logFile, run.stdout + run.stderr);
  if (run.status === 0) return;
  const shown = run.stderr.split('\n').slice(0, 20).join('\n').trimEnd(); // npm adds its whole manual page
  throw new Error(`npm ci failed (all of it in ${logFile}):\n${shown}`);
}
