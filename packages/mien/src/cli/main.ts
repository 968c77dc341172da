#!/usr/bin/env node
// The command line: finds the command, loads its file alone, and turns its end into an exit code:
// 0 done, 1 failed (one line says why; MIEN_DEBUG=1 adds the stack), 2 called wrongly.

import { Command, CommanderError } from 'commander';
import { version } from '../version.js';

interface CommandFile {
  /** Adds options, arguments and the action. */
  define(command: Command): void;
}

/** A command's file is imported only when its name is on the command line, so that help stays quick. */
const COMMANDS: Record<string, { summary: string; load: () => Promise<CommandFile> }> = {
  start: {
    summary: 'train a small network for a few seconds and watch its loss fall',
    load: () => import('./start.js'),
  },
  doctor: {
    summary: 'say what this machine has and what is missing',
    load: () => import('./doctor.js'),
  },
};

async function buildProgram(words: string[]): Promise<Command> {
  const program = new Command('mien')
    .description('Reads faces: action units, expressions, valence and arousal')
    .version(version)
    .exitOverride();
  for (const [name, { summary, load }] of Object.entries(COMMANDS)) {
    const command = program.command(name).description(summary);
    if (words.includes(name)) (await load()).define(command);
  }
  return program;
}

function exitCodeOf(error: unknown): number {
  // Commander has printed its message already; it ends help and --version by "errors" with exit code 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const message = error instanceof Error ? error.message : String(error);
  console.error(`mien: ${message}`);
  if (process.env.MIEN_DEBUG === '1' && error instanceof Error) console.error(error.stack);
  return 1;
}

// A reader that has seen enough (`mien doctor | head -1`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});

const words = process.argv.slice(2);
try {
  await (await buildProgram(words)).parseAsync(words, { from: 'user' });
} catch (error) {
  process.exitCode = exitCodeOf(error);
}
