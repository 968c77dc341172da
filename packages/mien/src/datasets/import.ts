// From a reader to a manifest: takes the rows as they come, counts them, writes the file when all are there.

import { DataError } from '../files/index.js';
import type { LabelSchema } from '../labels/index.js';
import { type FaceRow, problemOf } from './face-row.js';
import { FaceTable } from './face-table.js';
import { type Manifest, writeManifest } from './manifest.js';
import { Tally } from './tally.js';

/** Called now and then while a reader works. @param total of the same unit, undefined while it is not known */
export type OnProgress = (done: number, total: number | undefined) => void;

/** What every reader is given. */
export interface ReadContext {
  schema: LabelSchema;
  /** Readers call `drop` and `note`; what they yield is counted as kept by the caller. */
  tally: Tally;
  /** Files (or lines, clips: what the reader counts) done so far. */
  onProgress: OnProgress;
  /** A thing that is by itself unusable ends the import instead of being dropped and counted. */
  strict: boolean;
}

/** A reader yields the rows of one file, clip or subject at a time, in the set's own order. */
export type Reader<Options> = (options: Options, context: ReadContext) => AsyncIterable<FaceRow[]>;

/**
 * Drops one unusable thing (a picture that does not decode, say), or ends the import when it is strict.
 * Not for what makes other rows doubtful, such as a malformed line among labels: throw a DataError for that.
 */
export function dropOrThrow(
  { tally, strict }: ReadContext,
  reason: string,
  place: { file: string; row?: number },
  expected: string,
): void {
  if (strict) throw new DataError(place, { found: reason, expected });
  tally.drop(reason, place.row === undefined ? place.file : `${place.file}:${place.row}`);
}

/** Reasons that the message about an empty import repeats. */
const SHOWN_REASONS = 3;

export interface ImportOptions<Options> {
  /** Such as `import disfa`: goes into the manifest's history. */
  command: string;
  read: Reader<Options>;
  options: Options;
  schema: LabelSchema;
  /** Data set → folder that the rows' paths start from. */
  roots: Readonly<Record<string, string>>;
  strict?: boolean;
  onProgress?: OnProgress;
}

/**
 * Runs a reader to its end, in memory.
 * @throws DataError where the set's files are malformed, or nothing was kept
 */
export async function importFaces<Options extends object>(
  request: ImportOptions<Options>,
): Promise<Omit<Manifest, 'file'>> {
  const { command, read, options, schema, roots, strict = false, onProgress = () => {} } = request;
  const tally = new Tally();
  const faces = new FaceTable(schema);
  for await (const rows of read(options, { schema, tally, onProgress, strict })) {
    for (const row of rows) {
      const problem = problemOf(row, schema);
      if (problem !== undefined)
        throw new Error(`${command}: the row of ${row.image ?? row.video} ${problem}`);
      faces.push(row);
    }
    tally.keep(rows.length);
  }
  if (faces.length === 0) {
    const reasons = Object.entries(tally.record().dropped).map(
      ([reason, { count, examples }]) => `${count}: ${reason}, such as ${examples[0]}`,
    );
    const rest = reasons.length > SHOWN_REASONS ? '; …' : '';
    const dropped =
      reasons.length === 0 ? '' : ` (dropped ${reasons.slice(0, SHOWN_REASONS).join('; ')}${rest})`;
    throw new DataError(
      { file: Object.values(roots)[0] ?? command },
      { found: `no face that could be kept${dropped}`, expected: 'a data set' },
    );
  }
  const step = { command, options: { ...options } as Record<string, unknown>, tally: tally.record() };
  return { faces, roots: new Map(Object.entries(roots)), history: [step] };
}

/** `importFaces`, then `writeManifest`. */
export async function importManifest<Options extends object>(
  out: string,
  request: ImportOptions<Options>,
): Promise<Omit<Manifest, 'file'>> {
  const manifest = await importFaces(request);
  writeManifest(out, manifest);
  return manifest;
}
