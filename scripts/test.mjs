#!/usr/bin/env node
// npm test: sets everything up and runs the tests; arguments go to vitest.

import { join } from 'node:path';
import { runProgram, setupOrExit } from './lib/job.mjs';
import { ROOT } from './setup.mjs';

await setupOrExit('train');
await runProgram(join(ROOT, 'node_modules/vitest/vitest.mjs'), ['run', ...process.argv.slice(2)]);
