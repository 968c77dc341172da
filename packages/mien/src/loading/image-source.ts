// Opens what a manifest's row names: a picture file, or a picture in a pack. Threads load this file, so it imports little.

import { readFileSync } from 'node:fs';
import { isDataError, systemProblem } from '../files/index.js';
import { decodeJpeg, decodeRgb, type RgbImage } from '../images/index.js';
import { parsePackedPath } from './pack-format.js';
import { openPack, type PackReader } from './pack-reader.js';

/** Packs that this thread has open. */
const packs = new Map<string, PackReader>();

/**
 * A picture in a pack, valid until the next call; undefined for the path of an ordinary file.
 * @throws DataError when the pack cannot be used; any other error is about this picture alone
 */
export function openPacked(path: string): RgbImage | undefined {
  const packed = parsePackedPath(path);
  if (packed === undefined) return undefined;
  let pack = packs.get(packed.file);
  if (pack === undefined) {
    pack = openPack(packed.file);
    packs.set(packed.file, pack);
  }
  return pack.read(packed.position);
}

/**
 * At once where it can be (JPEG crops, packs), else as a promise. A picture of a pack is valid until the next call.
 * @throws DataError when a pack cannot be used; any other error is about this picture alone
 */
export function openImage(path: string): RgbImage | Promise<RgbImage> {
  const packed = openPacked(path);
  if (packed !== undefined) return packed;
  const bytes = readFileSync(path);
  return decodeJpeg(bytes) ?? decodeRgb(bytes);
}

/** Whether the error is about more than one picture. */
export const isFatal = isDataError;

/**
 * What is wrong with one picture, for reports: short, without its path.
 * @throws the error itself when it is a defect of ours: no picture is to blame
 */
export function reasonOf(error: unknown): string {
  if (error instanceof TypeError || error instanceof ReferenceError) throw error;
  return systemProblem(error).split('\n')[0] as string;
}
