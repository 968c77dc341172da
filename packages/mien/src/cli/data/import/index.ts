// mien data import SET: one file per data set.

import type { Command } from 'commander';
import { type CommandTable, defineCommands } from '../../lib/commands.js';

const SETS: CommandTable = {
  'aff-wild2': {
    summary: 'Aff-Wild2: text files of labels per video, as in FG-2020 and later challenges',
    load: () => import('./aff-wild2.js'),
  },
  'aff-wild2-mtl': {
    summary: 'Aff-Wild2: the files of the multi-task challenge, a line per image',
    load: () => import('./aff-wild2-mtl.js'),
  },
  'aff-wild2-test': {
    summary: 'Aff-Wild2: lists of test videos, a row per frame with gaps filled',
    load: () => import('./aff-wild2-test.js'),
  },
  'afew-va': {
    summary: 'valence and arousal of 600 film clips; aligns their faces',
    load: () => import('./afew-va.js'),
  },
  disfa: { summary: 'action unit intensities of 27 people', load: () => import('./disfa.js') },
  expw: { summary: 'expressions of faces on the web; cuts them out', load: () => import('./expw.js') },
  affectnet: {
    summary: 'AffectNet: expression, valence and arousal; CSV lists or folders with .npy files',
    load: () => import('./affectnet.js'),
  },
  'ck-plus': {
    summary: 'CK+: posed sequences with emotion and FACS codes',
    load: () => import('./ck-plus.js'),
  },
  emotionet: {
    summary: 'EmotioNet: action units of pictures from the web',
    load: () => import('./emotionet.js'),
  },
  'fer-plus': {
    summary: 'FER+: the pictures of FER2013 with the votes of ten raters',
    load: () => import('./fer-plus.js'),
  },
  folders: {
    summary: 'pictures in a folder per class',
    load: () => import('./folders.js'),
  },
  'raf-db': {
    summary: 'RAF-DB: one basic expression each, with gender, race and age',
    load: () => import('./raf-db.js'),
  },
  'reference-pickle': {
    summary: "the reference system's own annotations.pkl or mixed_*.pkl",
    load: () => import('./reference-pickle.js'),
  },
  table: {
    summary: 'any CSV, TSV, JSON Lines or Parquet table of pictures, by its columns',
    load: () => import('./table.js'),
  },
};

export async function define(command: Command, words: readonly string[]): Promise<void> {
  await defineCommands(command, SETS, words);
}
