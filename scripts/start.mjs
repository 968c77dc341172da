#!/usr/bin/env node
// npm start: sets up what reading faces needs, and reads some: npm start [-- FILE].

import { join } from 'node:path';
import { runProgram, setupOrExit } from './lib/job.mjs';
import { ROOT } from './setup.mjs';

await setupOrExit('base');
await runProgram(join(ROOT, 'packages/mien/dist/cli/main.js'), ['start', ...process.argv.slice(2)]);
