// mien data: from raw data sets to balanced batches.

import type { Command } from 'commander';
import { type CommandTable, defineCommands } from '../lib/commands.js';

const COMMANDS: CommandTable = {
  import: {
    summary: "read a data set's own files into a manifest",
    load: () => import('./import/index.js'),
  },
  demo: {
    summary: 'draw a data set of labelled faces, where there is no data',
    load: () => import('./demo.js'),
  },
};

export async function define(command: Command, words: readonly string[]): Promise<void> {
  await defineCommands(command, COMMANDS, words);
}
