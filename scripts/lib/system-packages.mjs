// What the system must provide, and getting it where that is allowed: Debian or Ubuntu with root's rights.

import { spawnSync } from 'node:child_process';
import { accessSync, closeSync, constants, mkdirSync, openSync, readFileSync, realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { findLibtorch } from '../../packages/torch/scripts/find-libtorch.mjs';

/** @typedef {import('../../packages/torch/scripts/find-libtorch.mjs').Libtorch} Libtorch */
/** @typedef {{ packages: string[], purpose: string, optional?: boolean }} Need optional: works without, but worse */

/** Something the system lacks and this script may not install. */
export class MissingPackagesError extends Error {}

/** @param {string} program @param {NodeJS.ProcessEnv} env */
export function findProgram(program, env) {
  const candidates = program.includes('/')
    ? [program]
    : (env.PATH ?? '')
        .split(delimiter)
        .filter(Boolean)
        .map((folder) => join(folder, program));
  return candidates.find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** @param {NodeJS.ProcessEnv} env @returns {Need[]} */
export function missingForBase(env) {
  return findProgram('ffmpeg', env) ? [] : [{ packages: ['ffmpeg'], purpose: 'reads and writes video' }];
}

/**
 * A wrong LIBTORCH throws: installing another libtorch would not be what was asked for.
 * @param {NodeJS.ProcessEnv} env @returns {Need[]}
 */
export function missingForTraining(env) {
  /** @type {Need[]} */
  const needs = [];
  const compiler = env.CXX || 'g++';
  if (!findProgram(compiler, env)) {
    if (env.CXX) throw new Error(`CXX=${env.CXX}: no such C++ compiler`);
    needs.push({ packages: ['g++'], purpose: 'compiles the training engine' });
  }
  const found = findLibtorch({ env });
  if (!found.ok) {
    if (env.LIBTORCH) throw new Error(found.message);
    needs.push({
      packages: ['libtorch-dev', ...COMPANIONS.map(({ packageName }) => packageName)],
      purpose: 'train networks; or set LIBTORCH to a libtorch',
    });
  } else if (found.libtorch.source === 'system') {
    for (const { packageName, purpose, isThere } of COMPANIONS) {
      if (!isThere(found.libtorch)) needs.push({ packages: [packageName], purpose, optional: true });
    }
  }
  return needs;
}

/**
 * What Debian's libtorch wants beside it.
 * @type {{ packageName: string, purpose: string, isThere: (libtorch: Libtorch) => boolean }[]}
 */
const COMPANIONS = [
  { packageName: 'libgloo-dev', purpose: 'trains on several processes', isThere: ({ gloo }) => gloo },
  {
    // Debian's own BLAS multiplies matrices 20 times slower. The OpenMP build shares libtorch's threads.
    packageName: 'libopenblas0-openmp',
    purpose: 'multiplies matrices fast',
    isThere: ({ libDir }) => !isReferenceBlas(join(libDir, 'libblas.so.3')),
  },
];

/** @param {string} library */
function isReferenceBlas(library) {
  try {
    return /\/blas\/[^/]*$/.test(realpathSync(library));
  } catch {
    return false; // this libtorch brings its own
  }
}

/** @param {NodeJS.ProcessEnv} env @returns {string[] | undefined} the words before apt-get, if it may be used */
function aptPrefix(env) {
  if (env.MIEN_NO_APT || !findProgram('apt-get', env)) return undefined;
  if (process.getuid?.() === 0) return ['env'];
  const sudo = findProgram('sudo', env) && spawnSync('sudo', ['-n', 'true'], { env }).status === 0;
  return sudo ? ['sudo', '-n', 'env'] : undefined;
}

/**
 * Installs all at once with apt-get, or throws one line that says what to install and what for.
 * @param {Need[]} needs
 * @param {{ env: NodeJS.ProcessEnv, logFile: string, say: (line: string) => void }} options
 */
export function installPackages(needs, { env, logFile, say }) {
  const names = needs.flatMap((need) => need.packages);
  const prefix = aptPrefix(env);
  const optional = needs.every((need) => need.optional);
  if (!prefix) {
    const missing = needs.map((need) => `${need.packages.join(' and ')} (${need.purpose})`).join(', ');
    const message = `missing ${missing}: run apt-get install ${names.join(' ')}`;
    if (optional) return say(message);
    throw new MissingPackagesError(message);
  }
  say(`installing ${names.join(', ')} with apt-get`);
  mkdirSync(join(logFile, '..'), { recursive: true });
  const log = openSync(logFile, 'w');
  const apt = (/** @type {string[]} */ ...args) => {
    const [command = 'env', ...words] = [...prefix, 'DEBIAN_FRONTEND=noninteractive', 'apt-get', ...args];
    return spawnSync(command, words, { env, stdio: ['ignore', log, log] }).status === 0;
  };
  // A failed update alone is no failure: the lists on disk may do.
  apt('update');
  const done = apt('-o', 'DPkg::Lock::Timeout=600', 'install', '-y', '--no-install-recommends', ...names);
  closeSync(log);
  if (done) return;
  if (optional) return say(`apt-get could not install ${names.join(' ')}; going on without (${logFile})`);
  throw new Error(
    `apt-get could not install ${names.join(' ')}:\n${readFileSync(logFile, 'utf8').trimEnd()}`,
  );
}
