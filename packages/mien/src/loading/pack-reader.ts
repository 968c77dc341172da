// Reads single pictures out of packs.

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { DataError, systemProblem } from '../files/index.js';
import { decodeJpeg, type RgbImage } from '../images/index.js';
import { type PackInfo, readPackInfo, shardFile, TABLE_FIELDS } from './pack-format.js';

/** A picture that is damaged while its pack is whole: one may be left out, as a broken file may. */
export class DamagedImageError extends Error {
  override readonly name = 'DamagedImageError';
}

export interface PackReader {
  readonly info: PackInfo;
  /**
   * @param position 0 … images − 1. The picture's bytes are valid until the next call
   * @throws DamagedImageError when this picture's bytes are damaged
   * @throws DataError when its shard cannot be used or there is no such position
   */
  read(position: number): RgbImage;
  close(): void;
}

interface Shard {
  descriptor: number;
  table: Uint32Array;
}

function readWhole(descriptor: number, target: Uint8Array, position: number): boolean {
  let done = 0;
  while (done < target.length) {
    const count = readSync(descriptor, target, done, target.length - done, position + done);
    if (count === 0) return false;
    done += count;
  }
  return true;
}

function openShard(file: string, { images, bytes, tableCrc32 }: PackInfo['shards'][number]): Shard {
  const expected = `a shard of ${bytes} bytes with ${images} pictures, as its pack.json says`;
  const hint = 'Pack again';
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch (cause) {
    throw new DataError({ file }, { found: systemProblem(cause), expected, hint, cause });
  }
  const refuse = (found: string): never => {
    closeSync(descriptor);
    throw new DataError({ file }, { found, expected, hint });
  };
  const { size } = fstatSync(descriptor);
  if (size !== bytes) refuse(`${size} bytes`);
  const table = new Uint32Array(images * TABLE_FIELDS);
  const tableBytes = new Uint8Array(table.buffer);
  if (!readWhole(descriptor, tableBytes, bytes - tableBytes.length) || crc32(tableBytes) !== tableCrc32)
    refuse("a table that is damaged or another pack's");
  return { descriptor, table };
}

/** @param file a `pack.json` @throws DataError when it is none */
export function openPack(file: string): PackReader {
  const info = readPackInfo(file);
  const shards: (Shard | undefined)[] = [];
  let first = 0;
  const firsts = info.shards.map(({ images }) => {
    first += images;
    return first - images;
  });
  let buffer = new Uint8Array(0);
  return {
    info,
    read(position) {
      const index = firsts.findLastIndex((start) => start <= position);
      const entry = info.shards[index];
      if (entry === undefined || position >= info.images)
        throw new DataError(
          { file },
          {
            found: `${info.images} pictures`,
            expected: `picture ${position} of the manifest to be among them`,
          },
        );
      shards[index] ??= openShard(join(dirname(file), shardFile(index)), entry);
      const { descriptor, table } = shards[index];
      const at = (position - (firsts[index] as number)) * TABLE_FIELDS;
      const [offset = 0, size = 0, crc = 0, shape = 0] = table.subarray(at, at + TABLE_FIELDS);
      if (buffer.length < size) buffer = new Uint8Array(2 * size);
      const bytes = buffer.subarray(0, size);
      if (!readWhole(descriptor, bytes, offset) || crc32(bytes) !== crc)
        throw new DamagedImageError(`damaged in its shard (picture ${position})`);
      if (info.format === 'uint8') return { width: shape & 0xffff, height: shape >>> 16, data: bytes };
      const image = decodeJpeg(bytes);
      if (image === undefined) throw new DamagedImageError(`no JPEG in its shard (picture ${position})`);
      return image;
    },
    close() {
      for (const shard of shards) if (shard !== undefined) closeSync(shard.descriptor);
      shards.length = 0;
    },
  };
}
