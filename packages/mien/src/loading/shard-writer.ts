// Writes packed pictures into shard files, one after another.

import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { OutputFile } from '../files/index.js';
import { type PackInfo, shardFile, TABLE_FIELDS } from './pack-format.js';
import type { PackedImage } from './pack-worker.js';

export interface ShardWriter {
  /** @returns the picture's position */
  add(image: PackedImage): number;
  /** Ends the last shard. @returns what `pack.json` says of them all */
  finish(): PackInfo['shards'];
  discard(): void;
}

/** @param shardBytes a shard ends when it holds so many */
export function writeShards(folder: string, shardBytes: number): ShardWriter {
  const shards: PackInfo['shards'] = [];
  let output: OutputFile | undefined;
  let table: number[] = [];
  let offset = 0;
  let images = 0;
  const endShard = () => {
    if (output === undefined) return;
    const bytes = new Uint8Array(Uint32Array.from(table).buffer);
    output.write(bytes);
    output.commit();
    shards.push({
      images: table.length / TABLE_FIELDS,
      bytes: offset + bytes.length,
      tableCrc32: crc32(bytes),
    });
    output = undefined;
    offset = 0;
  };
  return {
    add({ bytes, width, height }) {
      if (offset >= shardBytes) endShard();
      if (output === undefined) {
        output = new OutputFile(join(folder, shardFile(shards.length)));
        table = [];
      }
      output.write(bytes);
      table.push(offset, bytes.length, crc32(bytes), width + height * 65_536);
      offset += bytes.length;
      return images++;
    },
    finish() {
      endShard();
      return shards;
    },
    discard: () => output?.discard(),
  };
}
