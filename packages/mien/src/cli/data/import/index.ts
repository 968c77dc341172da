// mien data import SET: one file per data set.

import type { Command } from 'commander';
import { type CommandTable, defineCommands } from '../../lib/commands.js';

const SETS: CommandTable = {
  table: {
    summary: 'any CSV, TSV, JSON Lines or Parquet table of pictures, by its columns',
    load: () => import('./table.js'),
  },
};

export async function define(command: Command, words: readonly string[]): Promise<void> {
  await defineCommands(command, SETS, words);
}
