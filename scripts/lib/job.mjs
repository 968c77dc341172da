// Runs a program after the set-up it needs, in this same process: its arguments, exit code and signals need no relay
// (a relayed Ctrl-C reaches a program twice, once from the terminal and once from its parent).

import { pathToFileURL } from 'node:url';
import { setup } from '../setup.mjs';

/**
 * Set-up, or the end: one line and exit code 1.
 * @param {import('../setup.mjs').Level} level
 * @param {Parameters<typeof setup>[1]} [options]
 */
export async function setupOrExit(level, options) {
  try {
    await setup(level, options);
  } catch (error) {
    console.error(`setup: ${error instanceof Error ? error.message : error}`);
    process.exit(1);
  }
}

/**
 * @param {string} file a module that reads process.argv as a main program does
 * @param {string[]} args
 */
export async function runProgram(file, args) {
  process.setSourceMapsEnabled(true);
  process.argv = [process.argv[0] ?? process.execPath, file, ...args];
  await import(pathToFileURL(file).href);
}
