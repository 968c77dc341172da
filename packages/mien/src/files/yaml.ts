// YAML files of settings, checked strictly: an unknown key is refused with the line it stands on and the key that was
// probably meant.

import { isMap, isScalar, LineCounter, type Node, parseDocument } from 'yaml';
import * as z from 'zod';
import { DataError, show } from './errors.js';
import { readTextLines } from './lines.js';

type Path = readonly PropertyKey[];

/** Edits (insertions, deletions, substitutions) from one word to the other: Levenshtein's distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(
        Math.min(
          (row[j] ?? 0) + 1,
          (next[j - 1] ?? 0) + 1,
          (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1),
        ),
      );
    row = next;
  }
  return row[b.length] ?? 0;
}

/** The word that was probably meant, or undefined where none is near. */
export function nearestWord(word: string, words: readonly string[]): string | undefined {
  const distances = words.map((one) => editDistance(word.toLowerCase(), one.toLowerCase()));
  const least = Math.min(...distances);
  const near = least < word.length && least <= Math.max(2, Math.floor(word.length / 3));
  return near ? words[distances.indexOf(least)] : undefined;
}

/** The keys that an object at `path` may have. */
function keysAt(schema: z.core.$ZodType, path: Path): string[] {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodNullable
  )
    return keysAt(schema.unwrap() as z.core.$ZodType, path);
  const [first, ...rest] = path;
  if (schema instanceof z.ZodObject) {
    if (first === undefined) return Object.keys(schema.shape);
    const inner = schema.shape[String(first)];
    return inner === undefined ? [] : keysAt(inner, rest);
  }
  if (schema instanceof z.ZodArray && first !== undefined)
    return keysAt(schema.element as z.core.$ZodType, rest);
  return [];
}

const describePath = (path: Path): string =>
  path
    .map((one, i) => (typeof one === 'number' ? `[${one}]` : i === 0 ? String(one) : `.${String(one)}`))
    .join('');

/** What zod expected, of its message: `Too small: expected number to be >=1` → `number ≥ 1`. */
const expectation = (message: string): string =>
  message
    .replace(/^[A-Z][a-z]+ [a-z]+: expected /, '')
    .replace(/, received .*$/, '')
    .replace(/ to (?:be|have) ([<>]=?)/, (_, sign: string) => ` ${{ '>=': '≥', '<=': '≤' }[sign] ?? sign} `);

function words(issue: z.core.$ZodIssue, schema: z.ZodType, value: unknown) {
  const where = describePath(issue.path);
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? '';
    const keys = keysAt(schema, issue.path);
    const nearest = nearestWord(key, keys);
    return {
      found: `${show(key)}${where === '' ? '' : ` in ${where}`}`,
      expected: `one of ${keys.join(', ')}`,
      ...(nearest === undefined ? {} : { hint: `Did you mean "${nearest}"?` }),
    };
  }
  const found = issue.path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown>)?.[key], value);
  const what =
    found === undefined || found === null
      ? 'nothing'
      : typeof found === 'object'
        ? JSON.stringify(found)
        : show(found);
  return {
    found: where === '' ? what : `${what} for ${where}`,
    expected: expectation(issue.message),
  };
}

/**
 * Checks settings that came from elsewhere than a file, such as from options.
 * @param place where they came from, for the message; @param lineOf the line of a path, where there are lines
 * @throws DataError for the first thing that does not suit
 */
export function parseSettings<S extends z.ZodType>(
  value: unknown,
  schema: S,
  place: string,
  lineOf: (path: Path) => number | undefined = () => undefined,
): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { issues } = result.error;
  // An unknown key first: what else is missing is often what was meant by it.
  const issue = (issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0]) as z.core.$ZodIssue;
  const path = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : issue.path;
  throw new DataError({ file: place, row: lineOf(path) }, words(issue, schema, value));
}

/** A YAML file as a value, with the lines of its parts. */
export interface YamlFile {
  value: unknown;
  /** The line of the deepest thing on the way that is there; a key's own line where the path ends in a key. */
  lineOf(path: Path): number | undefined;
}

/** Reads a YAML file, for settings that are put together before they are checked. @throws DataError when it is no YAML */
export async function readYamlFile(file: string): Promise<YamlFile> {
  const { lines } = await readTextLines(file);
  const lineCounter = new LineCounter();
  const document = parseDocument(lines.join('\n'), { lineCounter, prettyErrors: false });
  const [error] = document.errors;
  if (error !== undefined)
    throw new DataError(
      { file, row: lineCounter.linePos(error.pos[0]).line },
      { found: error.message, expected: 'YAML', cause: error },
    );
  const lineOf = (path: Path): number | undefined => {
    for (let end = path.length; end > 0; end--) {
      const parent = document.getIn(path.slice(0, end - 1), true);
      const key = path[end - 1];
      const pair = isMap(parent)
        ? parent.items.find((item) => isScalar(item.key) && item.key.value === key)
        : undefined;
      const node = (pair?.key ?? document.getIn(path.slice(0, end), true)) as Node | undefined;
      if (node?.range) return lineCounter.linePos(node.range[0]).line;
    }
    return undefined;
  };
  return { value: document.toJS(), lineOf };
}

/**
 * Reads a YAML file of settings.
 * @param schema made of strict objects, so that unknown keys are found
 * @throws DataError with the line when it is no YAML, or does not suit the schema
 */
export async function readYaml<S extends z.ZodType>(file: string, schema: S): Promise<z.output<S>> {
  const { value, lineOf } = await readYamlFile(file);
  return parseSettings(value, schema, file, lineOf);
}
