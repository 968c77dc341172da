// A manifest: the table that says which faces there are and what is known about them. A Parquet file with one row per
// face (`FaceRow`); its metadata names the label schema, the folder of each data set, and how the file came to be.

import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import * as z from 'zod';
import { DataError, openParquet, show, writeParquet } from '../files/index.js';
import { type LabelSchema, LabelSchemaError, parseLabelSchema } from '../labels/index.js';
import type { FaceRow, Occurrence, Split } from './face-row.js';
import { problemOf, SPLITS } from './face-row.js';
import { FaceTable, intensityColumn, voteColumn } from './face-table.js';
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

const numberOf = (value: unknown): number | undefined =>
  typeof value === 'number' ? value : typeof value === 'bigint' ? Number(value) : undefined;
const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** Reads a row out of columns, in the layout that `FaceTable.columns` writes. */
function rowReader(schema: LabelSchema, columns: ReadonlySet<string>) {
  const hasBox = columns.has('box_x');
  const hasVotes = schema.expressions.some((name) => columns.has(voteColumn(name)));
  const hasIntensities = schema.actionUnits.some((unit) => columns.has(intensityColumn(unit)));
  return (chunk: ReadonlyMap<string, ArrayLike<unknown>>, i: number): FaceRow => {
    const number = (name: string) => numberOf(chunk.get(name)?.[i]);
    const text = (name: string) => textOf(chunk.get(name)?.[i]);
    const row: FaceRow = {
      dataset: text('dataset') ?? '',
      image: text('image'),
      video: text('video'),
      split: text('split') as Split | undefined,
      subject: text('subject'),
      clip: text('clip'),
      frame: number('frame'),
      group: text('group'),
      expression: text('expression'),
      valence: number('valence'),
      arousal: number('arousal'),
      actionUnits: schema.actionUnits.map((unit) => number(unit) as Occurrence),
    };
    const x = hasBox ? number('box_x') : undefined;
    if (x !== undefined)
      row.box = {
        x,
        y: number('box_y') ?? 0,
        width: number('box_width') ?? 0,
        height: number('box_height') ?? 0,
      };
    const landmarks = text('landmarks');
    if (landmarks !== undefined) row.landmarks = JSON.parse(landmarks);
    if (hasVotes) {
      const votes = schema.expressions.map((name) => number(voteColumn(name)));
      if (votes.some((vote) => vote !== undefined)) row.votes = votes.map((vote) => vote ?? 0);
    }
    if (hasIntensities) row.intensities = schema.actionUnits.map((unit) => number(intensityColumn(unit)));
    return row;
  };
}

function check(row: FaceRow, schema: LabelSchema, file: string, number: number): void {
  const wrongUnit = row.actionUnits?.find((label) => label !== undefined && label !== 0 && label !== 1);
  const problem =
    row.split !== undefined && !SPLITS.includes(row.split)
      ? `has split ${show(row.split)}`
      : wrongUnit !== undefined
        ? `has ${wrongUnit} for an action unit`
        : problemOf(row, schema);
  if (problem !== undefined)
    throw new DataError(
      { file, row: number },
      { found: `a face that ${problem}`, expected: `one of schema ${schema.name}` },
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
  const readRow = rowReader(info.schema, present);
  await parquet.read(wanted, (chunk, rows, start) => {
    for (let i = 0; i < rows; i++) {
      const row = readRow(chunk, i);
      check(row, info.schema, file, start + i + 1);
      faces.push(row);
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
