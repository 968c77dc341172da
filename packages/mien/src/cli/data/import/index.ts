// mien data import SET: one file per data set.

import type { Command } from 'commander';
import { type CommandTable, defineCommands } from '../../lib/commands.js';

const SETS: CommandTable = {
  'afew-va': {
    summary: 'valence and arousal of 600 film clips; aligns their faces',
    load: () => import('./afew-va.js'),
  },
  disfa: { summary: 'action unit intensities of 27 people', load: () => import('./disfa.js') },
  expw: { summary: 'expressions of faces on the web; cuts them out', load: () => import('./expw.js') },
};

export async function define(command: Command, words: readonly string[]): Promise<void> {
  await defineCommands(command, SETS, words);
}
