// `mien data pack`: a manifest's pictures, brought to one size, in a few large files.

import { renameSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import {
  FaceTable,
  type Manifest,
  type OnProgress,
  Tally,
  type TallyRecord,
  writeManifest,
} from '../datasets/index.js';
import { DataError, listFolder, makeFolder, statIfThere, writeWhole } from '../files/index.js';
import { imagePathOf } from './face-source.js';
import { openImage } from './image-source.js';
import { PACK_FILE, type PackFormat, packedName } from './pack-format.js';
import type { PackedImage, PackReply, PackRequest, PackSettings } from './pack-worker.js';
import { type ShardWriter, writeShards } from './shard-writer.js';
import { startThreads } from './threads.js';

export interface PackOptions {
  /** The folder to make. */
  out: string;
  /** Shorter side, pixels. Default 134: what the reference resizes to for crops of 112. */
  size?: number;
  /** Makes smaller pictures larger as well. Default true: nothing is then resized when training at `size`. */
  enlarge?: boolean;
  /** Default `uint8`. */
  format?: PackFormat;
  /** About how large a shard file is, in millions of bytes. Default 256. */
  shardMegabytes?: number;
  /** Of JPEG, 1 … 100. Default 95. */
  quality?: number;
  /** A picture that does not open ends the packing instead of being left out. */
  strict?: boolean;
  threads?: number;
  onProgress?: OnProgress;
}

export interface PackResult {
  images: number;
  rows: number;
  shards: number;
  bytes: number;
  /** Rows kept and dropped. */
  tally: TallyRecord;
}

/** Pictures that a thread is sent at once. */
const CHUNK = 64;
/** Chunks that each thread has waiting. */
const AHEAD = 2;

/**
 * Writes the pack whole or not at all: into `OUT.part`, which gets its name at the end and is begun anew when a run was
 * killed. Rows of one picture share it. Beside it lie `manifest.parquet`, whose rows name pictures of the pack, and
 * `origin.parquet`, the same rows as they were.
 * @throws DataError when the folder exists, cannot be written, or no picture could be packed
 */
export async function packManifest(manifest: Manifest, options: PackOptions): Promise<PackResult> {
  const { out, size = 134, enlarge = true, format = 'uint8', quality = 95, shardMegabytes = 256 } = options;
  const { strict = false, threads = availableParallelism(), onProgress = () => {} } = options;
  await refuseOldFolder(out);
  const part = `${out.replace(/\/+$/, '')}.part`;
  const paths = [
    ...new Set(Array.from({ length: manifest.faces.length }, (_, row) => imagePathOf(manifest, row))),
  ];
  rmSync(part, { recursive: true, force: true });
  makePart(part);
  const writer = writeShards(part, shardMegabytes * 1e6);
  try {
    const settings = { format, size, enlarge, quality };
    const packed = new Map<string, number | string>();
    await packImages(paths, settings, threads, (path, image) => {
      if (strict && typeof image === 'string')
        throw new DataError({ file: path }, { found: image, expected: 'a picture' });
      packed.set(path, typeof image === 'string' ? image : writer.add(image));
      if (packed.size % CHUNK === 0) onProgress(packed.size, paths.length);
    });
    const result = finish(manifest, part, writer, packed, settings);
    renameSync(part, out);
    return result;
  } catch (error) {
    writer.discard();
    rmSync(part, { recursive: true, force: true });
    throw error;
  }
}

async function refuseOldFolder(out: string): Promise<void> {
  const found = await statIfThere(out);
  if (found === undefined) return;
  if (found.isDirectory()) {
    const { files, folders, unusable } = await listFolder(out);
    if (files.length + folders.length + unusable.length === 0) return;
  }
  const words = found.isDirectory() ? 'a folder that is not empty' : 'a file';
  throw new DataError(
    { file: out },
    { found: words, expected: 'a new folder', hint: 'Remove it, or name another with --out' },
  );
}

function makePart(folder: string): void {
  try {
    makeFolder(folder);
  } catch (cause) {
    throw new DataError({ file: folder }, { found: (cause as Error).message, expected: 'a folder', cause });
  }
}

/** Calls `onImage` for each path in their order. */
async function packImages(
  paths: readonly string[],
  settings: PackSettings,
  threadCount: number,
  onImage: (path: string, image: PackedImage | string) => void,
): Promise<void> {
  const threads = startThreads<PackRequest, PackReply>(
    new URL('./pack-worker.js', import.meta.url),
    threadCount,
  );
  const arrived = new Map<number, (reply: PackReply) => void>();
  let fail: (error: Error) => void = () => {};
  const failure = new Promise<never>((_, reject) => {
    fail = reject;
  });
  failure.catch(() => {});
  threads.onReply = (reply) => arrived.get(reply.chunk)?.(reply);
  threads.onDeath = (error) => fail(error);
  const chunks = Math.ceil(paths.length / CHUNK);
  const pathsOf = (chunk: number) => paths.slice(chunk * CHUNK, (chunk + 1) * CHUNK);
  const waiting: Promise<PackReply>[] = [];
  const send = (chunk: number) => {
    if (chunk >= chunks) return;
    waiting.push(new Promise((resolve) => arrived.set(chunk, resolve)));
    threads.post(chunk % threads.count, { chunk, paths: pathsOf(chunk), settings });
  };
  try {
    for (let chunk = 0; chunk < threads.count * AHEAD; chunk++) send(chunk);
    for (let chunk = 0; chunk < chunks; chunk++) {
      const { images, fatal } = await Promise.race([waiting.shift() as Promise<PackReply>, failure]);
      arrived.delete(chunk);
      if (fatal !== undefined) {
        await openImage(fatal.path); // errors lose their class on the way between threads: meet this one here
        throw new Error(fatal.message);
      }
      pathsOf(chunk).forEach((path, i) => void onImage(path, images[i] as PackedImage | string));
      send(chunk + threads.count * AHEAD);
    }
  } finally {
    await threads.close();
  }
}

/** Writes everything but the shards. */
function finish(
  manifest: Manifest,
  part: string,
  writer: ShardWriter,
  packed: ReadonlyMap<string, number | string>,
  settings: PackSettings,
): PackResult {
  const { faces, roots, history, file } = manifest;
  const tally = new Tally();
  const originals = new FaceTable(faces.schema);
  const copies = new FaceTable(faces.schema);
  for (let row = 0; row < faces.length; row++) {
    const path = imagePathOf(manifest, row);
    const position = packed.get(path);
    if (typeof position === 'number') {
      const face = faces.row(row);
      originals.push(face);
      copies.push({ ...face, image: packedName(position) });
      tally.keep();
    } else tally.drop(position ?? 'not opened', path);
  }
  const shards = writer.finish();
  const images = shards.reduce((sum, shard) => sum + shard.images, 0);
  if (images === 0) {
    const [[path, reason] = ['', '']] = packed;
    throw new DataError(
      { file },
      { found: `no picture that opens (${path}: ${reason})`, expected: 'pictures' },
    );
  }
  const step = { command: 'pack', options: { ...settings }, tally: tally.record() };
  const here = new Map([...roots.keys()].map((dataset) => [dataset, part]));
  writeManifest(join(part, 'manifest.parquet'), { faces: copies, roots: here, history: [...history, step] });
  writeManifest(join(part, 'origin.parquet'), { faces: originals, roots, history: [...history, step] });
  const { format, size } = settings;
  writeWhole(join(part, PACK_FILE), `${JSON.stringify({ version: 1, format, size, images, shards })}\n`);
  const bytes = shards.reduce((sum, shard) => sum + shard.bytes, 0);
  return { images, rows: copies.length, shards: shards.length, bytes, tally: tally.record() };
}
