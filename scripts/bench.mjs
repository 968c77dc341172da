#!/usr/bin/env node
// npm run bench -- NAME …: runs bench/NAME.mjs; without a name, lists what there is.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram, setupOrExit } from './lib/job.mjs';
import { ROOT } from './setup.mjs';

const folder = join(ROOT, 'bench');
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.mjs'))
  .map((file) => file.slice(0, -'.mjs'.length))
  .sort();

/** The first comment line of a bench says what it measures. */
function purpose(/** @type {string} */ name) {
  const lines = readFileSync(join(folder, `${name}.mjs`), 'utf8').split('\n');
  return lines.find((line) => line.startsWith('//'))?.replace(/^\/\/\s*/, '') ?? '';
}

function list() {
  const width = Math.max(0, ...names.map((name) => name.length));
  return names.map((name) => `  ${name.padEnd(width)}  ${purpose(name)}`.trimEnd()).join('\n');
}

const [name, ...args] = process.argv.slice(2);
if (name === undefined) {
  console.log(names.length > 0 ? `npm run bench -- NAME\n\n${list()}` : 'no benchmarks yet');
} else if (!names.includes(name)) {
  console.error(`bench: no benchmark "${name}"; there are:\n${list()}`);
  process.exitCode = 2;
} else {
  await setupOrExit('train');
  await runProgram(join(folder, `${name}.mjs`), args);
}
