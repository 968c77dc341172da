// Packed pictures: a folder with `pack.json`, a few large shard files, and the manifest of what is in them.
//
// A shard is the pictures' bytes, one after another, then a table with four little-endian 32-bit integers for each: offset,
// size and CRC-32 of its bytes, and width + 65,536 · height. `pack.json` holds each shard's size and its table's CRC-32, so that
// a shard that is cut off, damaged or another pack's is noticed. Rows of the manifest name picture k as `pack.json#k`.

import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { DataError, systemProblem } from '../files/index.js';

export const PACK_FILE = 'pack.json';
export const shardFile = (shard: number): string => `shard-${String(shard).padStart(5, '0')}.bin`;

/** Integers of a table's row. */
export const TABLE_FIELDS = 4;

export const PACK_FORMATS = ['uint8', 'jpeg'] as const;
/** Rows of bytes (red, green, blue), or JPEG files. */
export type PackFormat = (typeof PACK_FORMATS)[number];

const PACK = z.strictObject({
  version: z.literal(1),
  format: z.enum(PACK_FORMATS),
  /** Shorter side of the pictures, pixels; smaller ones may be in it as they were. */
  size: z.number().int(),
  images: z.number().int(),
  /** In order: the first shard holds the first pictures. */
  shards: z.array(
    z.strictObject({ images: z.number().int(), bytes: z.number().int(), tableCrc32: z.number() }),
  ),
});

export type PackInfo = z.infer<typeof PACK>;

/** @throws DataError when there is no such file or it is no pack's */
export function readPackInfo(file: string): PackInfo {
  const expected = 'the pack.json of mien data pack';
  try {
    return PACK.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    const found =
      cause instanceof z.ZodError ? z.prettifyError(cause).replace(/\s+/g, ' ') : systemProblem(cause);
    throw new DataError({ file }, { found, expected, cause });
  }
}

/** The name of picture `position` in a manifest beside `pack.json`. */
export const packedName = (position: number): string => `${PACK_FILE}#${position}`;

/** Takes `FOLDER/pack.json#17` apart; undefined for other paths. */
export function parsePackedPath(path: string): { file: string; position: number } | undefined {
  const [, file, position] = path.match(/^(.*\bpack\.json)#(\d+)$/) ?? [];
  return file === undefined ? undefined : { file, position: Number(position) };
}
