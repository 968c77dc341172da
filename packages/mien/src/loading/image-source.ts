// Opens what a manifest's row names: a picture file, or a picture in a pack.

import { readFileSync } from 'node:fs';
import { type Manifest, pathOf } from '../datasets/index.js';
import { DataError, isDataError } from '../files/index.js';
import { decodeJpeg, decodeRgb, type RgbImage } from '../images/index.js';
import { parsePackedPath } from './pack-format.js';
import { openPack, type PackReader } from './pack-reader.js';

/** A manifest without its history. */
export type FaceSource = Pick<Manifest, 'file' | 'faces' | 'roots'>;

/** Packs that this thread has open. */
const packs = new Map<string, PackReader>();

/**
 * At once where it can be (JPEG crops, packs), else as a promise. A picture of a pack is valid until the next call.
 * @throws DataError when a pack cannot be used; any other error is about this picture alone
 */
export function openImage(path: string): RgbImage | Promise<RgbImage> {
  const packed = parsePackedPath(path);
  if (packed === undefined) {
    const bytes = readFileSync(path);
    return decodeJpeg(bytes) ?? decodeRgb(bytes);
  }
  let pack = packs.get(packed.file);
  if (pack === undefined) {
    pack = openPack(packed.file);
    packs.set(packed.file, pack);
  }
  return pack.read(packed.position);
}

/** @throws DataError when the row is a frame of a video */
export function imagePathOf(source: FaceSource, row: number): string {
  if (source.faces.image.get(row) === undefined)
    throw new DataError(
      { file: source.file, row: row + 1 },
      {
        found: 'a frame of a video',
        expected: 'a picture',
        hint: 'Cut the faces out first: mien data crops',
      },
    );
  return pathOf(source, row);
}

/** Whether the error is about more than one picture. */
export const isFatal = isDataError;

/** What is wrong with one picture, for reports: short, without its path. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const reasons: Record<string, string> = {
    ENOENT: 'no such file',
    EISDIR: 'a folder',
    EACCES: 'no permission',
  };
  return reasons[code ?? ''] ?? (message.split('\n')[0] as string);
}
