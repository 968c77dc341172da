#!/usr/bin/env node
// npm start: sets everything up and opens Mien.

import { join } from 'node:path';
import { runProgram, setupOrExit } from './lib/job.mjs';
import { ROOT } from './setup.mjs';

await setupOrExit('train');
await runProgram(join(ROOT, 'packages/mien/dist/cli/main.js'), ['start', ...process.argv.slice(2)]);
