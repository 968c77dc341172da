// A manifest: the table that says which faces there are and what is known about them. A Parquet file with one row per
// face (`FaceRow`); its metadata names the label schema, the folder of each data set, and how the file came to be.

import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import * as z from 'zod';
import { DataError, openParquet, show, writeParquet } from '../files/index.js';
import { type LabelSchema, LabelSchemaError, parseLabelSchema } from '../labels/index.js';
import { problemOf, SPLITS, type Split } from './face-row.js';
import { FaceTable } from './face-table.js';
import { TALLY, type TallyRecord } from './tally.js';

const KEY = 'mien.manifest';

/** One thing that was done to make this manifest. */
const STEP = z.strictObject({
  /** Such as `import disfa` or `mix`. */
  command: z.string(),
  /** As given, with defaults. */
  options: z.record(z.string(), z.unknown()),
  /** What was kept and dropped, and why. */
  tally: TALLY,
});

const INFO = z.strictObject({
  version: z.literal(1),
  schema: z.unknown(),
  roots: z.record(z.string(), z.string()),
  history: z.array(STEP),
});

export interface ManifestStep {
  command: string;
  options: Record<string, unknown>;
  tally: TallyRecord;
}

export interface Manifest {
  /** Where it was read from. */
  file: string;
  faces: FaceTable;
  /** Data set → folder that its paths start from, absolute. */
  roots: ReadonlyMap<string, string>;
  /** Oldest first. */
  history: readonly ManifestStep[];
}

/** A root below the manifest's folder is kept relative, so that both can be moved together. */
function storedRoot(root: string, file: string): string {
  const path = relative(dirname(resolve(file)), resolve(root));
  return path === '..' || path.startsWith(`..${sep}`) || isAbsolute(path) ? resolve(root) : path || '.';
}

/**
 * Writes a manifest whole or not at all.
 * @throws DataError when the file cannot be written, or a row does not suit the schema (a defect of its reader)
 */
export function writeManifest(file: string, { faces, roots, history }: Omit<Manifest, 'file'>): void {
  const info: z.infer<typeof INFO> = {
    version: 1,
    schema: faces.schema,
    roots: Object.fromEntries([...roots].map(([name, root]) => [name, storedRoot(root, file)])),
    history: [...history],
  };
  writeParquet(file, faces.columns(), faces.length, { [KEY]: JSON.stringify(info) });
}

function parseInfo(file: string, text: string | undefined): z.infer<typeof INFO> & { schema: LabelSchema } {
  if (text === undefined)
    throw new DataError(
      { file },
      {
        found: 'a Parquet table without a manifest in its metadata',
        expected: 'a manifest',
        hint: 'Import it first: mien data import table',
      },
    );
  try {
    const info = INFO.parse(JSON.parse(text));
    return { ...info, schema: parseLabelSchema(info.schema) };
  } catch (cause) {
    const found =
      cause instanceof z.ZodError
        ? `manifest metadata that do not parse (${z.prettifyError(cause).replace(/\s+/g, ' ')})`
        : cause instanceof LabelSchemaError
          ? `a label schema that ${cause.message}`
          : 'damaged manifest metadata';
    throw new DataError({ file }, { found, expected: 'a manifest of version 1', cause });
  }
}

/** Whether a Parquet file says that it is a manifest. @throws DataError when it is no Parquet file */
export async function isManifest(file: string): Promise<boolean> {
  return (await openParquet(file)).keyValues.has(KEY);
}

/** Why the row, which came from a file as it is, does not suit the schema; or undefined. */
function problemInFile(faces: FaceTable, row: number): string | undefined {
  const { schema, actionUnits } = faces;
  const split = faces.split.get(row);
  if (split !== undefined && !SPLITS.includes(split as Split)) return `has split ${show(split)}`;
  for (let k = 0; k < actionUnits.length; k++)
    if ((actionUnits[k]?.get(row) ?? 0) > 1)
      return `has another value than 0 and 1 for ${schema.actionUnits[k]}`;
  return problemOf(
    {
      dataset: faces.dataset.get(row) ?? '',
      image: faces.image.get(row),
      video: faces.video.get(row),
      frame: faces.frame.get(row),
      expression: faces.expression.get(row),
      valence: faces.valence.get(row),
      arousal: faces.arousal.get(row),
    },
    schema,
  );
}

/**
 * Reads a manifest into memory.
 * @param options.roots data set → folder, where the data lie elsewhere than the manifest says
 * @throws DataError when it is no manifest, or a row does not suit its schema
 */
export async function readManifest(
  file: string,
  { roots = {} }: { roots?: Readonly<Record<string, string>> } = {},
): Promise<Manifest> {
  const parquet = await openParquet(file);
  const info = parseInfo(file, parquet.keyValues.get(KEY));
  const faces = new FaceTable(info.schema);
  const present = new Set(parquet.columns);
  const wanted = faces
    .columns({ all: true })
    .map(({ name }) => name)
    .filter((name) => present.has(name));
  await parquet.read(wanted, (chunk, rows, start) => {
    faces.append(chunk, rows);
    for (let row = start; row < faces.length; row++) {
      const problem = problemInFile(faces, row);
      if (problem !== undefined)
        throw new DataError(
          { file, row: row + 1 },
          { found: `a face that ${problem}`, expected: `one of schema ${info.schema.name}` },
        );
    }
  });
  const unknown = Object.keys(roots).find((name) => info.roots[name] === undefined);
  if (unknown !== undefined)
    throw new DataError(
      { file },
      { found: `no data set ${show(unknown)}`, expected: `one of ${Object.keys(info.roots).join(', ')}` },
    );
  const merged = { ...info.roots, ...roots };
  return {
    file,
    faces,
    roots: new Map(
      Object.entries(merged).map(([name, root]) => [
        name,
        roots[name] === undefined ? resolve(dirname(file), root) : resolve(root),
      ]),
    ),
    history: info.history,
  };
}

/** The absolute path of the row's image or video. @throws Error when its data set has no root */
export function pathOf({ faces, roots }: Pick<Manifest, 'faces' | 'roots'>, row: number): string {
  const dataset = faces.dataset.get(row) ?? '';
  const root = roots.get(dataset);
  if (root === undefined) throw new Error(`no folder is known for data set ${show(dataset)}`);
  return resolve(root, faces.image.get(row) ?? faces.video.get(row) ?? '');
}
