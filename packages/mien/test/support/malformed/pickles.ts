// Pickles that no import should take.

import { join } from 'node:path';
import { readReferencePickle } from 'mien/datasets';
import { importRows } from '../importing.js';
import type { Case } from './case.js';

const pickle = (root: string) =>
  importRows(readReferencePickle, {
    pickle: join(root, 'a.pkl'),
    root,
    strip: [],
    dataset: 'd',
    codes: 'aff-wild2',
  });

/** A pickle of protocol 0. */
const pickled = (text: string) => Buffer.from(text);

export const MALFORMED_PICKLES: Case[] = [
  {
    what: 'a pickle that wants to run a command',
    files: { 'a.pkl': pickled("cos\nsystem\n(S'touch owned'\ntR.") },
    run: pickle,
    message: /^ROOT\/a\.pkl: found something else: refused the name "os\.system", nothing was executed/,
  },
  {
    what: 'a pickle that is cut off',
    files: { 'a.pkl': Buffer.of(0x80, 2, 0x7d, 0x58, 9, 0, 0, 0, 0x61) },
    run: pickle,
    message: /^ROOT\/a\.pkl: found something else: the pickle ends early: .*; expected a pickle of plain/,
  },
  {
    what: 'an empty pickle',
    files: { 'a.pkl': '' },
    run: pickle,
    message: /^ROOT\/a\.pkl: found an empty file; expected a pickle of plain dictionaries, lists/,
  },
  {
    what: 'a pickle of a list',
    files: { 'a.pkl': pickled('(lI1\na.') },
    run: pickle,
    message:
      /^ROOT\/a\.pkl: found a pickle that is no dictionary; expected dictionaries that hold lists "path"$/,
  },
  {
    what: 'a pickle with fewer labels than paths',
    files: { 'a.pkl': pickled("(dS'path'\n(lS'1.jpg'\naS'2.jpg'\nasS'label'\n(lI1\nas.") },
    run: pickle,
    message: /^ROOT\/a\.pkl, column label: found 1 items; expected 2, as there are paths$/,
  },
  {
    what: 'a pickle with a code that means nothing',
    files: { 'a.pkl': pickled("(dS'Training_Set'\n(dS'path'\n(lS'1.jpg'\nasS'label'\n(lI9\nass.") },
    run: pickle,
    message: /^ROOT\/a\.pkl:1, column Training_Set\/label: found 9; expected a code from 0 to 6$/,
  },
  {
    what: 'a pickle with a frame before the first',
    files: { 'a.pkl': pickled("(dS'path'\n(lS'1.jpg'\nasS'label'\n(lI0\nasS'frames_ids'\n(lI-1\nas.") },
    run: pickle,
    message: /^ROOT\/a\.pkl:1, column frames_ids: found -1; expected the number of a frame, from 0$/,
  },
  {
    what: 'a pickle without labels',
    files: { 'a.pkl': pickled("(dS'path'\n(lS'1.jpg'\nasS'id'\n(lI1\nas.") },
    run: pickle,
    message:
      /^ROOT\/a\.pkl: found a dictionary with "path, id"; expected label, or valence and arousal, or AU1/,
  },
];
