// Reading a pickle of the reference as plain data. Nothing in it is executed: names outside an allow-list are refused.

import { readFile } from 'node:fs/promises';
import {
  isCheckpointError,
  type PickleGlobals,
  type PickleLimits,
  PYTHON_GLOBALS,
  unpickle,
} from '@mien/torch';
import { DataError, systemProblem } from '../files/index.js';
import { ARRAY_GLOBALS } from './reference-pickle-numpy.js';

const GLOBALS: PickleGlobals = new Map([...PYTHON_GLOBALS, ...ARRAY_GLOBALS]);

/** Aff-Wild2's three sets hold four million paths, each a text that the pickle remembers. */
const LIMITS: Partial<PickleLimits> = { maxObjects: 20_000_000, maxMemo: 20_000_000, maxValues: 400_000_000 };

const EXPECTED = 'a pickle of plain dictionaries, lists and NumPy arrays';

/** Shell lines, not indented, to be pasted as they are. */
const conversion = (file: string) => `Turn its tables into lists with the pandas that wrote it:
python3 - <<'END'
import pandas as pd, pickle; plain = lambda x: x.to_dict('list') if hasattr(x, 'to_dict') else {k: plain(v) for k, v in x.items()} if isinstance(x, dict) else x
pickle.dump(plain(pd.read_pickle(${JSON.stringify(file)})), open('plain.pkl', 'wb'))
END`;

/** @throws DataError when the file cannot be read, is no pickle, or needs more than plain data */
export async function loadReferencePickle(file: string): Promise<unknown> {
  const bytes = await readFile(file).catch((cause) => {
    throw new DataError({ file }, { found: systemProblem(cause), expected: EXPECTED, cause });
  });
  if (bytes.length === 0) throw new DataError({ file }, { found: 'an empty file', expected: EXPECTED });
  let refused = '';
  const refusalHint = (name: string) => {
    refused = name;
    return 'only plain data is read';
  };
  try {
    return unpickle(bytes, 0, { file, globals: GLOBALS, limits: LIMITS, refusalHint }).value;
  } catch (cause) {
    if (!isCheckpointError(cause)) throw cause;
    if (refused.startsWith('pandas.'))
      throw new DataError(
        { file },
        { found: `a pandas table (${refused})`, expected: EXPECTED, hint: conversion(file), cause },
      );
    const found = cause.message.startsWith(`${file}: `)
      ? cause.message.slice(file.length + 2)
      : cause.message;
    throw new DataError({ file }, { found: `something else: ${found}`, expected: EXPECTED, cause });
  }
}
