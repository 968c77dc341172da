// What readers of single pictures share: splits and expressions as data sets spell them, and paths below a root.

import { isAbsolute, relative, resolve, sep } from 'node:path';
import { canonicalExpression, type LabelSchema } from '../labels/index.js';
import type { Split } from './face-row.js';

/** Manifests keep numbers of frames in 32 bits. */
export const MAX_FRAME = 2 ** 31 - 1;

const SPLIT_WORDS: Readonly<Record<Split, readonly string[]>> = {
  train: ['train', 'training', 'train_set', 'training_set'],
  validation: ['validation', 'valid', 'val', 'dev', 'val_set', 'validation_set', 'publictest'],
  test: ['test', 'testing', 'test_set', 'privatetest'],
};

const SPLIT_OF = new Map(
  Object.entries(SPLIT_WORDS).flatMap(([split, words]) =>
    words.map((word) => [word, split as Split] as const),
  ),
);

/** `Train`, `training_set`, `PublicTest`, …; undefined for another word. */
export function splitOf(word: string): Split | undefined {
  return SPLIT_OF.get(word.trim().toLowerCase());
}

/** The schema's own name of an expression, or undefined where it has none of that meaning. */
export function expressionIn(schema: LabelSchema, word: string): string | undefined {
  const name = canonicalExpression(word);
  return schema.expressions.includes(name) ? name : undefined;
}

/** What the user says that a word stands for, or the word itself. */
export const translated = (names: Readonly<Record<string, string>>, word: string): string =>
  Object.hasOwn(names, word) ? (names[word] as string) : word;

/** No segment of it is empty, `.` or `..`. */
const isPlain = (path: string) => !/(^|[/\\])\.{0,2}([/\\]|$)/.test(path);

/** A path as manifests keep it: relative to `root`, with `/`; undefined when it does not lead below `root`. */
export function pathBelow(root: string, path: string): string | undefined {
  if (isPlain(path) && !isAbsolute(path)) return path; // of millions of paths, nearly all
  const below = relative(resolve(root), resolve(root, path));
  const leaves = below === '' || below === '..' || below.startsWith(`..${sep}`) || isAbsolute(below);
  return leaves ? undefined : below.split(sep).join('/');
}
