import { distributed } from '@mien/torch';
import { it } from 'vitest';
import { HAS_GLOO, supportFile } from './support/ranks.js';

// What is checked stands in the script, which both ranks run.
it.skipIf(!HAS_GLOO)('two processes with half a batch each train like one with the whole batch', async () => {
  await distributed.spawnProcesses(2, supportFile('training.mjs'), { timeoutMs: 50_000 });
});
