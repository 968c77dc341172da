import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The packages of this repository: `models`, `packages/<name>`.
 * @param {string} root
 */
export function workspaces(root) {
  return ['models', ...readdirSync(join(root, 'packages')).map((name) => `packages/${name}`)]
    .filter((folder) => existsSync(join(root, folder, 'package.json')))
    .sort();
}
