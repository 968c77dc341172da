#!/usr/bin/env node
// npm run mien -- COMMAND …: the command line from a checkout, set up as far as the command needs.

import { join } from 'node:path';
import { runProgram, setupOrExit } from './lib/job.mjs';
import { ROOT, setup } from './setup.mjs';

/** Commands that run on libtorch; all others must work without it. */
const NEEDS_ENGINE = new Set(['train', 'export']);
/** Commands that do more with libtorch, and the rest without it. */
const USES_ENGINE = new Set(['parity']);

const args = process.argv.slice(2);
const command = args.find((arg) => !arg.startsWith('-')) ?? '';
const asksForHelp = args.some((arg) => arg === '--help' || arg === '-h');

if (USES_ENGINE.has(command) && !asksForHelp)
  await setup('train').catch((error) => {
    console.error(`setup: ${error instanceof Error ? error.message : error}`);
    console.error('setup: going on without the training engine');
  });
// The doctor exists to say what is missing, so what is missing must not stop it.
await setupOrExit(NEEDS_ENGINE.has(command) && !asksForHelp ? 'train' : 'base', {
  goOnWithout: command === 'doctor',
});
await runProgram(join(ROOT, 'packages/mien/dist/cli/main.js'), args);
