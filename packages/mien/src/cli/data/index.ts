// mien data: from raw data sets to balanced batches.

import type { Command } from 'commander';
import { type CommandTable, defineCommands } from '../lib/commands.js';

const COMMANDS: CommandTable = {
  import: {
    summary: "read a data set's own files into a manifest",
    load: () => import('./import/index.js'),
  },
  mix: {
    summary: 'make one manifest of several: thin, cap, remap, split, check for leaks',
    load: () => import('./mix.js'),
  },
  export: {
    summary: "write a manifest's labels in the challenge's text layout, as CSV or as JSON lines",
    load: () => import('./export.js'),
  },
  crops: {
    summary: 'cut faces out of pictures and videos, aligned by their landmarks',
    load: () => import('./crops.js'),
  },
  check: {
    summary: 'open every picture of a manifest; find broken ones and copies',
    load: () => import('./check.js'),
  },
  stats: {
    summary: 'count what manifests hold, before and after balancing',
    load: () => import('./stats.js'),
  },
  pack: {
    summary: 'bring pictures to one size, in a few large files that training reads faster',
    load: () => import('./pack.js'),
  },
  demo: {
    summary: 'draw a data set of labelled faces, where there is no data',
    load: () => import('./demo.js'),
  },
};

export async function define(command: Command, words: readonly string[]): Promise<void> {
  await defineCommands(command, COMMANDS, words);
}
