#!/usr/bin/env node
// Brings a checkout to where it can be used: `base` reads faces, `train` can also learn.
// Plain Node without dependencies, safe to run before every command: with nothing to do it only looks at file dates.

import { mkdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildNative, isNativeBuilt } from '../packages/torch/scripts/build-native.mjs';
import { writeWhole } from '../packages/torch/scripts/files.mjs';
import { ASSETS, assetStamp, fetchAsset } from './lib/assets.mjs';
import { withLock } from './lib/lock.mjs';
import { install, installStamp, isInstalled } from './lib/npm-packages.mjs';
import {
  installPackages,
  MissingPackagesError,
  missingForBase,
  missingForTraining,
} from './lib/system-packages.mjs';
import { compile, compileStamp } from './lib/typescript.mjs';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OLDEST_NODE = [20, 19];

/** @typedef {'base' | 'train'} Level */
/** @typedef {{ isDone: () => boolean, run: () => void | Promise<void> }} Step */

/** @type {Level[]} */
export const LEVELS = ['base', 'train'];

/** @param {string} version */
export function checkNode(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [needMajor = 0, needMinor = 0] = OLDEST_NODE;
  if (major > needMajor || (major === needMajor && minor >= needMinor)) return;
  throw new Error(`Node ${OLDEST_NODE.join('.')} or newer is needed; this is ${version}`);
}

/** @param {string} line */
const say = (line) => console.error(`setup: ${line}`);

/** @param {string} file */
function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** @param {Level} level @param {NodeJS.ProcessEnv} env @param {boolean} goOnWithout @returns {Step} */
function systemStep(level, env, goOnWithout) {
  const training = level === 'train' && !isNativeBuilt({ env });
  const missing = () => [...missingForBase(env), ...(training ? missingForTraining(env) : [])];
  return {
    isDone: () => !training && missing().length === 0, // looking for libtorch may start python3: not on the quick path
    run: () => {
      const needs = missing();
      if (needs.length === 0) return;
      try {
        installPackages(needs, { env, logFile: join(ROOT, '.setup/apt.log'), say });
      } catch (error) {
        if (!goOnWithout || !(error instanceof MissingPackagesError)) throw error;
        say(error.message);
      }
    },
  };
}

/**
 * A step that is done when its stamp (file dates and sizes of what goes in and what comes out) is the kept one.
 * @param {string} name @param {() => string} stamp @param {() => void | Promise<void>} work
 * @returns {Step}
 */
function stampedStep(name, stamp, work) {
  const file = join(ROOT, '.setup', `${name}.stamp`);
  return {
    isDone: () => readIfThere(file) === stamp(),
    run: async () => {
      await work();
      writeWhole(file, stamp());
    },
  };
}

/** @param {Level} level @param {NodeJS.ProcessEnv} env @param {boolean} goOnWithout @returns {Step[]} */
function stepsFor(level, env, goOnWithout) {
  const npmPackages = stampedStep(
    'npm',
    () => installStamp(ROOT),
    () => {
      if (isInstalled(ROOT)) return;
      say('installing npm packages');
      install(ROOT, { env, logFile: join(ROOT, '.setup/npm.log') });
    },
  );
  const typescript = stampedStep(
    'typescript',
    () => compileStamp(ROOT),
    () => {
      say('compiling TypeScript');
      compile(ROOT, env);
    },
  );
  const assets = ASSETS.filter((asset) => !asset.optional).map((asset) =>
    stampedStep(
      `asset-${basename(asset.file)}`,
      () => assetStamp(ROOT, asset),
      () => fetchAsset(ROOT, asset, { env, say }),
    ),
  );
  const engine = {
    isDone: () => isNativeBuilt({ env }),
    run: async () => {
      await buildNative({ env });
    },
  };
  return [
    systemStep(level, env, goOnWithout),
    npmPackages,
    typescript,
    ...assets,
    ...(level === 'train' ? [engine] : []),
  ];
}

/**
 * Does what is missing for `level`, saying each step in a line on stderr; nothing when nothing is missing.
 * @param {Level} level
 * @param {{ env?: NodeJS.ProcessEnv, goOnWithout?: boolean }} [options] goOnWithout: system packages that are
 *   missing and may not be installed are named, and the rest is done all the same
 */
export async function setup(level, { env = process.env, goOnWithout = false } = {}) {
  checkNode(process.versions.node);
  const steps = stepsFor(level, env, goOnWithout);
  if (steps.every((step) => step.isDone())) return;
  mkdirSync(join(ROOT, '.setup'), { recursive: true });
  const waiting = (/** @type {string} */ pid) => say(`waiting for the set-up of process ${pid}`);
  await withLock(
    join(ROOT, '.setup/lock'),
    async () => {
      for (const step of steps) if (!step.isDone()) await step.run();
    },
    waiting,
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const level = /** @type {Level} */ (process.argv[2] ?? 'base');
  if (!LEVELS.includes(level) || process.argv.length > 3) {
    console.error('usage: node scripts/setup.mjs [base|train]');
    process.exit(2);
  }
  try {
    await setup(level);
  } catch (error) {
    console.error(`setup: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
}
