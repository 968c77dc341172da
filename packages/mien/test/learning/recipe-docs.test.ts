// docs/training.md lists every key of a recipe with its defaults: those that the schema and the presets have.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PHASE_RECIPE, resolveRecipe } from 'mien/learning';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { ROOT } from '../../../../test/folders.js';

/** What stands in the place of a value that is not there. */
const NONE = 'none';

/** A schema without what makes it optional, and whether it may be null. */
function unwrapped(schema: z.core.$ZodType): { inner: z.core.$ZodType; nullable: boolean } {
  if (schema instanceof z.ZodNullable) return { inner: unwrapped(schema.unwrap()).inner, nullable: true };
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return unwrapped(schema.unwrap());
  return { inner: schema, nullable: false };
}

/** Paths of all values: of single ones, and of sections that may be null. */
function keysOf(schema: z.core.$ZodType, path: string): string[] {
  const { inner, nullable } = unwrapped(schema);
  if (!(inner instanceof z.ZodObject)) return [path];
  const below = Object.entries(inner.shape).flatMap(([key, value]) =>
    keysOf(value as z.core.$ZodType, path === '' ? key : `${path}.${key}`),
  );
  return nullable ? [path, ...below] : below;
}

const at = (value: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((inside, key) => (inside as Record<string, unknown> | null)?.[key], value);

/** What a preset has under a key: of pictures, and inside sections that are null for them, of their own. */
function presetValue(preset: string, key: string): unknown {
  const given = { preset, model: { sequence: {} }, weightAverage: {} };
  for (const settings of [{ preset }, given]) {
    const value = at(resolveRecipe(settings, 'the test').phases[0], key);
    if (value !== undefined) return value;
  }
  return NONE;
}

const rows = readFileSync(join(ROOT, 'docs/training.md'), 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [, key, mien, paper, meaning] = /^\| `([\w.]+)` \| (.*?) \|(.*?)\| (.*) \|$/.exec(line) ?? [];
    return key === undefined ? [] : [{ key, mien: mien ?? '', paper: paper?.trim() ?? '', meaning }];
  });

it('lists every key once, in the order of the schema', () => {
  expect(rows.map(({ key }) => key)).toEqual(keysOf(PHASE_RECIPE, ''));
});

it.each(rows)('$key has the defaults that the page says', ({ key, mien, paper, meaning }) => {
  expect(parse(mien)).toEqual(presetValue('mien', key));
  expect(paper === '' ? parse(mien) : parse(paper)).toEqual(presetValue('paper', key));
  expect(meaning).not.toBe('');
});
