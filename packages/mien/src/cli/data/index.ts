// mien data: from raw data sets to balanced batches.

import type { Command } from 'commander';
import { type CommandTable, defineCommands } from '../lib/commands.js';

const COMMANDS: CommandTable = {
  import: {
    summary: "read a data set's own files into a manifest",
    load: () => import('./import/index.js'),
  },
  check: {
    summary: 'open every picture of a manifest; find broken ones and copies',
    load: () => import('./check.js'),
  },
  stats: {
    summary: 'count what manifests hold, before and after balancing',
    load: () => import('./stats.js'),
  },
};

export async function define(command: Command, words: readonly string[]): Promise<void> {
  await defineCommands(command, COMMANDS, words);
}
