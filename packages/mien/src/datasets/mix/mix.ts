// Several manifests become one, by a recipe.

import { dirname, isAbsolute, join } from 'node:path';
import { DataError, readYaml } from '../../files/index.js';
import { type LabelSchema, LabelSchemaError, parseLabelSchema, SCHEMAS } from '../../labels/index.js';
import { FaceTable } from '../face-table.js';
import type { OnProgress } from '../import.js';
import { type Manifest, readManifest, writeManifest } from '../manifest.js';
import { Tally } from '../tally.js';
import { findLeaks, type Leak } from './leaks.js';
import { MIX_RECIPE, type MixInput, type MixRecipe } from './recipe.js';
import { checkNames, relabeller } from './relabel.js';
import { capRows, selectRows } from './select.js';
import { splitRows } from './split.js';

/** Rows between two calls of `onProgress`. */
const PROGRESS_EVERY = 10_000;

export interface Mixture extends Omit<Manifest, 'file'> {
  /** Rows that each input gave, of how many, in the order of the recipe. */
  given: readonly { manifest: string; rows: number; of: number }[];
}

/** Reads a recipe; its paths start from its folder. @throws DataError with the line of what is wrong */
export async function readMixRecipe(file: string): Promise<MixRecipe> {
  const recipe = await readYaml(file, MIX_RECIPE);
  const beside = (path: string) => (isAbsolute(path) ? path : join(dirname(file), path));
  const inputs = recipe.inputs.map((one) => ({
    ...one,
    manifest: beside(one.manifest),
    roots: Object.fromEntries(Object.entries(one.roots).map(([name, root]) => [name, beside(root)])),
  }));
  return { ...recipe, inputs };
}

function targetSchema({ schema, inputs }: MixRecipe, manifests: readonly Manifest[]): LabelSchema {
  if (typeof schema === 'string') return SCHEMAS.get(schema) as LabelSchema;
  const place = { file: inputs[0]?.manifest ?? 'recipe' };
  if (schema !== undefined) {
    try {
      return parseLabelSchema(schema);
    } catch (cause) {
      if (!(cause instanceof LabelSchemaError)) throw cause;
      throw new DataError({ file: 'the recipe' }, { found: `a label schema that ${cause.message}`, cause });
    }
  }
  const first = manifests[0]?.faces.schema as LabelSchema;
  const other = manifests.find(({ faces }) => JSON.stringify(faces.schema) !== JSON.stringify(first));
  if (other !== undefined)
    throw new DataError(place, {
      found: `schema ${first.name}, but ${other.faces.schema.name} in ${other.file}`,
      expected: 'one schema',
      hint: 'Say which one the mixture shall have: schema',
    });
  return first;
}

/** All data sets' folders. @throws DataError when two inputs mean different folders by one name */
function mergeRoots(inputs: readonly MixInput[], manifests: readonly Manifest[]): Map<string, string> {
  const roots = new Map<string, { root: string; file: string }>();
  manifests.forEach(({ roots: own, file }, i) => {
    const unknown = Object.keys(inputs[i]?.datasets ?? {}).find((name) => !own.has(name));
    if (unknown !== undefined)
      throw new DataError(
        { file },
        { found: `no data set "${unknown}"`, expected: `one of ${[...own.keys()].join(', ')}` },
      );
    for (const [name, root] of own) {
      const dataset = inputs[i]?.datasets[name] ?? name;
      const before = roots.get(dataset);
      if (before !== undefined && before.root !== root)
        throw new DataError(
          { file },
          {
            found: `data set ${dataset} in ${root}`,
            expected: `the folder that ${before.file} says, ${before.root}`,
            hint: 'If it is the same data set, say where it lies with "roots"; if not, give it another name with "datasets"',
          },
        );
      roots.set(dataset, { root, file });
    }
  });
  return new Map([...roots].map(([name, { root }]) => [name, root]));
}

function describeLeak({ name, dataset, sides }: Leak, fileOf: (row: number) => string): string {
  const [one, other] = sides.map(({ split, row }) => `${split} (${fileOf(row)})`);
  return `${name}${dataset === undefined ? '' : ` of ${dataset}`} in ${one} and in ${other}`;
}

function checkLeaks(
  manifest: Pick<Manifest, 'faces' | 'roots'>,
  { leaks: rule }: MixRecipe,
  fileOf: (row: number) => string,
  tally: Tally,
): void {
  const leaks = findLeaks(manifest);
  const [first] = leaks;
  if (first === undefined) return;
  if (rule === 'report') {
    for (const leak of leaks)
      tally.note(`${leak.kind}s on two sides of the split`, describeLeak(leak, fileOf));
    return;
  }
  const more = leaks.length === 1 ? '' : ` (and ${(leaks.length - 1).toLocaleString('en')} more such)`;
  throw new DataError(
    { file: fileOf(first.sides[1].row) },
    {
      found: `${first.kind} ${describeLeak(first, fileOf)}${more}`,
      expected: 'each subject, clip and picture on one side of the split',
      hint: 'Split by subject or clip, or choose tasks; "leaks: report" only tells',
    },
  );
}

/** Caps of the whole mixture: training rows only. */
function capTraining(faces: FaceTable, caps: MixRecipe['caps']): number[] {
  const rows = Array.from({ length: faces.length }, (_, row) => row);
  return capRows(rows, caps, (row) =>
    faces.split.get(row) === 'train' ? faces.expression.get(row) : undefined,
  );
}

/**
 * Mixes manifests. Progress is told in rows of the inputs. The rows of the inputs follow each other in the order of the recipe; the history of all inputs is
 * kept.
 * @throws DataError for manifests that cannot be read or do not go together, for names that no schema has, and (but for
 * `leaks: report`) for a subject, clip or picture on two sides of the split
 */
export async function mixManifests(recipe: MixRecipe, onProgress: OnProgress = () => {}): Promise<Mixture> {
  const read = new Map<string, Manifest>();
  const manifests: Manifest[] = [];
  for (const { manifest: file, roots } of recipe.inputs) {
    const key = JSON.stringify([file, roots]);
    const manifest = read.get(key) ?? (await readManifest(file, { roots }));
    read.set(key, manifest);
    manifests.push(manifest);
  }
  const schema = targetSchema(recipe, manifests);
  const roots = mergeRoots(recipe.inputs, manifests);
  checkNames(Object.keys(recipe.caps), schema.expressions, 'the mixture', 'caps', schema);
  const tally = new Tally();
  let faces = new FaceTable(schema);
  let origins: number[] = [];
  const total = manifests.reduce((sum, manifest) => sum + manifest.faces.length, 0);
  let before = 0;
  recipe.inputs.forEach((input, i) => {
    const { faces: source } = manifests[i] as Manifest;
    const relabel = relabeller(source, input, schema);
    const rows = selectRows(source, input, relabel, `input ${i + 1}`, tally);
    const side = input.split === undefined ? undefined : splitRows(source, rows, input.split, input.manifest);
    for (const index of rows) {
      const row = relabel.row(index);
      faces.push({ ...row, split: input.assign ?? side?.(index) ?? row.split });
      origins.push(i);
      if (origins.length % PROGRESS_EVERY === 0) onProgress(before + index, total);
    }
    before += source.length;
    onProgress(before, total);
  });
  const kept = capTraining(faces, recipe.caps);
  if (kept.length < faces.length) {
    tally.drop('over the cap of its expression, all inputs together', 'training', faces.length - kept.length);
    const all = faces;
    faces = new FaceTable(schema);
    for (const row of kept) faces.push(all.row(row));
    origins = kept.map((row) => origins[row] as number);
  }
  tally.keep(faces.length);
  const fileOf = (row: number) => recipe.inputs[origins[row] as number]?.manifest ?? '';
  if (faces.length === 0) {
    const reasons = Object.entries(tally.record().dropped).map(
      ([reason, { count }]) => `${count}: ${reason}`,
    );
    throw new DataError(
      { file: recipe.inputs.map(({ manifest }) => manifest).join(', ') },
      { found: `no face that is left (dropped ${reasons.join('; ')})`, expected: 'some' },
    );
  }
  checkLeaks({ faces, roots }, recipe, fileOf, tally);
  const history = [...read.values()].flatMap((manifest) => manifest.history);
  const given = recipe.inputs.map(({ manifest }, i) => ({
    manifest,
    rows: origins.reduce((sum, origin) => sum + Number(origin === i), 0),
    of: manifests[i]?.faces.length ?? 0,
  }));
  const step = { command: 'mix', options: { ...recipe }, tally: tally.record() };
  return { faces, roots, history: [...history, step], given };
}

/** `mixManifests`, then `writeManifest`. */
export async function writeMixture(
  out: string,
  recipe: MixRecipe,
  onProgress?: OnProgress,
): Promise<Mixture> {
  const mixture = await mixManifests(recipe, onProgress);
  writeManifest(out, mixture);
  return mixture;
}
