#!/usr/bin/env node
// Adds to package-lock.json the platform packages that it names and does not hold.
// A registry mirror that keeps one platform's packages leaves the others' out of the lock when `npm install` writes
// it, and `npm ci` then refuses it everywhere. Run this after `npm install` where the lock's test asks for it.

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** @typedef {{ version?: string, dev?: boolean, license?: string, engines?: object, optionalDependencies?: Record<string, string> }} Entry */

const PLATFORM =
  /-(android|darwin|freebsd|linux|openharmony|win32)-(\w+?)(?:-(gnu|musl|msvc|gnueabihf|eabi))?$/;

/**
 * Platform packages that some package of the lock may want and the lock does not hold, with the version wanted.
 * @param {Record<string, Entry>} packages the lock's `packages`
 * @returns {{ name: string, version: string, parent: Entry }[]}
 */
export function missingOptional(packages) {
  return Object.entries(packages).flatMap(([path, parent]) =>
    Object.entries(parent.optionalDependencies ?? {})
      .filter(([name]) => !packages[`node_modules/${name}`] && !packages[`${path}/node_modules/${name}`])
      .map(([name, version]) => ({ name, version, parent })),
  );
}

/** @param {{ name: string, version: string, parent: Entry }} missing */
function entryFor({ name, version, parent }) {
  const [, os, cpu, abi] = name.match(PLATFORM) ?? [];
  if (!os || !cpu || !/^\d/.test(version))
    throw new Error(`${name}@${version}: not a platform package at one version`);
  return {
    version,
    cpu: [cpu],
    ...(parent.dev ? { dev: true } : {}),
    ...(os === 'linux' ? { libc: [abi === 'musl' ? 'musl' : 'glibc'] } : {}),
    ...(parent.license ? { license: parent.license } : {}),
    optional: true,
    os: [os],
    ...(parent.engines ? { engines: parent.engines } : {}),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = fileURLToPath(new URL('../package-lock.json', import.meta.url));
  const lock = JSON.parse(readFileSync(file, 'utf8'));
  const missing = missingOptional(lock.packages);
  for (const one of missing) lock.packages[`node_modules/${one.name}`] = entryFor(one);
  lock.packages = Object.fromEntries(
    Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en')),
  );
  if (missing.length > 0) writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
  for (const { name, version } of missing) console.log(`added ${name} ${version}`);
}
