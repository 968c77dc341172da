// Running a reader in memory, as `mien data import` does.

import { type FaceRow, importFaces, type Reader, type TallyRecord } from 'mien/datasets';
import { ABAW1, type LabelSchema } from 'mien/labels';

export interface Imported {
  rows: FaceRow[];
  kept: number;
  /** Reason → how many. */
  dropped: Record<string, number>;
  noted: Record<string, number>;
  tally: TallyRecord;
}

export async function importRows<Options extends object>(
  read: Reader<Options>,
  options: Options,
  { schema = ABAW1, strict = false }: { schema?: LabelSchema; strict?: boolean } = {},
): Promise<Imported> {
  const { faces, history } = await importFaces({
    command: 'import test',
    read,
    options,
    schema,
    strict,
    roots: { test: '/test' },
  });
  const tally = history[0]?.tally as TallyRecord;
  const counts = (entries: TallyRecord['dropped']) =>
    Object.fromEntries(Object.entries(entries).map(([reason, { count }]) => [reason, count]));
  return {
    rows: [...faces.rows()],
    kept: tally.kept,
    dropped: counts(tally.dropped),
    noted: counts(tally.noted),
    tally,
  };
}

/** A .npy file, version 1. @param data the array's bytes */
export function npyBytes(descr: string, shape: readonly number[], data: Uint8Array, fortran = false): Buffer {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const words = `{'descr': '${descr}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': (${sizes}), }`;
  const header = `${words.padEnd(Math.ceil((words.length + 11) / 64) * 64 - 11)}\n`;
  const start = Buffer.from([
    0x93,
    0x4e,
    0x55,
    0x4d,
    0x50,
    0x59,
    1,
    0,
    header.length & 255,
    header.length >> 8,
  ]);
  return Buffer.concat([start, Buffer.from(header, 'latin1'), data]);
}

/** A single text, as AffectNet's labels are. */
export function npyText(text: string): Buffer {
  const points = Uint32Array.from(text, (character) => character.codePointAt(0) ?? 0);
  return npyBytes(`<U${text.length}`, [], new Uint8Array(points.buffer));
}

export function npyNumbers(numbers: readonly number[]): Buffer {
  return npyBytes('<f8', [numbers.length], new Uint8Array(Float64Array.from(numbers).buffer));
}
