// Recipes from files and the command line, put together and checked.

import { parse, stringify } from 'yaml';
import { DataError, parseSettings, readYamlFile } from '../files/index.js';
import { MIEN, PAPER, PAPER_SEQUENCE, PHASE_RECIPE, type PhaseRecipe } from './recipe.js';

/** What is trained: one phase, or two, the second of which goes on from what the first one made. */
export interface Recipe {
  phases: readonly PhaseRecipe[];
}

type Tree = { [key: string]: unknown };

const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `over` on top of `base`: objects key by key, all else whole. */
export function merge(base: unknown, over: unknown): unknown {
  if (!isTree(base) || !isTree(over)) return over;
  const merged: Tree = { ...base };
  for (const [key, value] of Object.entries(over)) merged[key] = merge(base[key], value);
  return merged;
}

/** `a.b=c` as `{ a: { b: c } }`, c being YAML. @throws DataError when it has no `=` */
export function parseOverride(text: string): Tree {
  const at = text.indexOf('=');
  const path = text.slice(0, Math.max(0, at)).split('.');
  if (at < 1 || path.some((key) => key === ''))
    throw new DataError({ file: `--set ${text}` }, { found: 'no setting', expected: 'a.b=value' });
  let value: unknown;
  try {
    value = parse(text.slice(at + 1));
  } catch (cause) {
    throw new DataError(
      { file: `--set ${text}` },
      { found: (cause as Error).message, expected: 'YAML', cause },
    );
  }
  return path.reduceRight((inner: unknown, key) => ({ [key]: inner }), value) as Tree;
}

/** A preset's values for a phase of the kind that `settings` describes. */
function presetOf(settings: Tree): Tree {
  if (settings.preset !== 'paper') return MIEN;
  const model = isTree(settings.model) ? settings.model : {};
  return isTree(model.sequence) ? (merge(PAPER, PAPER_SEQUENCE) as Tree) : PAPER;
}

/**
 * Checks settings and fills in what they leave out.
 * @param value of the file; its `next` holds what the second phase changes
 * @param place the file's name, for errors
 * @throws DataError for an unknown key, naming the nearest, or a value that does not suit
 */
export function resolveRecipe(
  value: unknown,
  place: string,
  lineOf?: (path: readonly PropertyKey[]) => number | undefined,
): Recipe {
  if (!isTree(value)) throw new DataError({ file: place }, { found: 'no settings', expected: 'a recipe' });
  const { next, ...first } = value;
  const check = (settings: Tree, at: readonly string[]) =>
    parseSettings(merge(presetOf(settings), settings), PHASE_RECIPE, place, (path) =>
      lineOf?.([...at, ...path]),
    );
  const phases = [check(first, [])];
  if (next !== undefined && next !== null) {
    if (!isTree(next))
      throw new DataError(
        { file: place, row: lineOf?.(['next']) },
        { found: 'no settings for next', expected: 'what the second phase changes' },
      );
    phases.push(check(merge(first, next) as Tree, ['next']));
  }
  const [one, two] = phases;
  if (two !== undefined && (one?.model.sequence !== null || two.model.sequence === null))
    throw new DataError(
      { file: place, row: lineOf?.(['next']) },
      {
        found: 'two phases that are not pictures and then clips',
        expected: 'model.sequence in the second phase alone',
      },
    );
  return { phases };
}

/**
 * Reads a recipe. Paths in it start from the working directory.
 * @param overrides as `parseOverride` takes them; they count for the first phase, and for both where `next` says nothing else
 * @throws DataError with the line when it is no YAML, or something in it does not suit
 */
export async function readRecipe(file: string, overrides: readonly string[] = []): Promise<Recipe> {
  const { value, lineOf } = await readYamlFile(file);
  const recipe = resolveRecipe(value, file, lineOf);
  if (overrides.length === 0) return recipe;
  const merged = overrides.map(parseOverride).reduce<unknown>(merge, value);
  return resolveRecipe(merged, overrides.map((text) => `--set ${text}`).join(' '));
}

/** A recipe with every value, as YAML that `readRecipe` takes. */
export function formatRecipe({ phases: [first, second] }: Recipe): string {
  return stringify(second === undefined ? first : { ...first, next: second });
}
