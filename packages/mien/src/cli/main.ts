#!/usr/bin/env node
// The command line: finds the command, loads its file alone, and turns its end into an exit code:
// 0 done, 1 failed (one line says why; MIEN_DEBUG=1 adds the stack), 2 called wrongly.

import { Command, CommanderError } from 'commander';
import { version } from '../version.js';
import { type CommandTable, defineCommands } from './lib/commands.js';

const COMMANDS: CommandTable = {
  start: {
    summary: 'read a talking face, or your own file, and write a table, an annotated video and a page',
    load: () => import('./start.js'),
  },
  doctor: {
    summary: 'say what this machine has and what is missing',
    load: () => import('./doctor.js'),
  },
  predict: {
    summary: 'read faces in pictures, videos or a camera: a table, an annotated video, a page',
    load: () => import('./predict.js'),
  },
  data: {
    summary: 'import, mix, inspect and pack data sets',
    load: () => import('./data/index.js'),
  },
  train: {
    summary: 'train a teacher and its students by a recipe',
    load: () => import('./train.js'),
  },
  eval: {
    summary: 'judge models on labelled faces: scores with intervals, a page',
    load: () => import('./eval.js'),
  },
  tune: {
    summary: 'choose thresholds, calibration and smoothing, and store them in the models',
    load: () => import('./tune.js'),
  },
  report: {
    summary: 'make a page of a training run: scores, curves, readings, data, settings',
    load: () => import('./report.js'),
  },
  export: {
    summary: 'write a model as ONNX, for programs that read faces, or as safetensors, for more training',
    load: () => import('./export.js'),
  },
  score: {
    summary: "score anybody's files of predictions as the challenges do",
    load: () => import('./score.js'),
  },
  submit: {
    summary: 'write the files that a challenge takes, and check them',
    load: () => import('./submit.js'),
  },
  parity: {
    summary: 'compare with real output of the reference system, kept in a folder',
    load: () => import('./parity.js'),
  },
};

async function buildProgram(words: string[]): Promise<Command> {
  const program = new Command('mien')
    .description('Reads faces: action units, expressions, valence and arousal')
    .version(version)
    .exitOverride();
  await defineCommands(program, COMMANDS, words);
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
