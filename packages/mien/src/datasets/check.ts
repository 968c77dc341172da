// Opens everything that a manifest names and says what is wrong with it. Nothing is changed.

import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { systemProblem } from '../files/index.js';
import { decodeRgb, type RgbImage } from '../images/index.js';
import { type CopyReport, findCopies, HASH_WORDS, type NamedFiles } from './check-copies.js';
import type { FaceTable } from './face-table.js';
import type { OnProgress } from './import.js';
import { type Manifest, pathOf } from './manifest.js';

export interface DataCheck {
  file: string;
  faces: number;
  /** Distinct pictures that rows name. */
  images: number;
  /** Distinct videos that rows name; only looked for, not decoded. */
  videos: number;
  /** Pictures that could be decoded, by colour; red, green and blue equal everywhere is grey, however it is stored. */
  grey: number;
  colour: number;
  /** Of pictures that could be decoded, the commonest first. */
  sizes: { width: number; height: number; images: number }[];
  /** Why pictures and videos cannot be used, the commonest first. */
  unusable: { reason: string; count: number; examples: string[] }[];
  copies: CopyReport;
}

export interface CheckOptions {
  /** How many examples of each kind the report keeps. */
  examples?: number;
  /** Opens what is no file of its own, such as a picture in a pack; undefined for a file. Throws what is wrong with it. */
  openPacked?: (path: string) => RgbImage | undefined;
  /** Counts pictures and videos. */
  onProgress?: OnProgress;
}

/** Pictures that are decoded at a time: enough to keep every core busy, few enough that large ones fit in memory. */
const AT_ONCE = 8;

function namedFiles(faces: FaceTable, kind: 'image' | 'video'): NamedFiles {
  const known = faces.dataset.names.map(() => new Map<string, number>());
  const firstRow: number[] = [];
  const ofRow = new Int32Array(faces.length).fill(-1);
  for (let row = 0; row < faces.length; row++) {
    const name = faces[kind].get(row);
    const files = known[faces.dataset.code(row) ?? 0];
    if (name === undefined || files === undefined) continue;
    let file = files.get(name);
    if (file === undefined) {
      file = firstRow.push(row) - 1;
      files.set(name, file);
    }
    ofRow[row] = file;
  }
  return { firstRow, ofRow };
}

/** What is wrong with a file, before it is opened. */
async function fileProblem(path: string): Promise<string | undefined> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) return 'a folder';
    if (!found.isFile()) return 'no ordinary file';
    return found.size === 0 ? 'an empty file' : undefined;
  } catch (error) {
    return systemProblem(error);
  }
}

/** @throws Error with a phrase that says what is wrong */
async function openFile(path: string): Promise<RgbImage> {
  const problem = await fileProblem(path);
  if (problem !== undefined) throw new Error(problem);
  const bytes = await readFile(path).catch((error) => {
    throw new Error(systemProblem(error));
  });
  return decodeRgb(bytes);
}

function isGrey({ data }: RgbImage): boolean {
  for (let i = 0; i < data.length; i += 3)
    if (data[i] !== data[i + 1] || data[i] !== data[i + 2]) return false;
  return true;
}

/** Runs `work` for 0 … count − 1, a few at a time, and reports progress. */
async function forEach(count: number, work: (i: number) => Promise<void>, onDone: () => void) {
  let next = 0;
  const lane = async () => {
    while (next < count) {
      await work(next++);
      onDone();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

/**
 * Opens every picture, looks for every video, and compares the pictures' pixels. Memory holds the manifest and about 100
 * bytes a picture, whatever the pictures' sizes.
 */
export async function checkManifest(
  manifest: Pick<Manifest, 'file' | 'faces' | 'roots'>,
  { examples = 5, openPacked = () => undefined, onProgress = () => {} }: CheckOptions = {},
): Promise<DataCheck> {
  const { file, faces } = manifest;
  const images = namedFiles(faces, 'image');
  const videos = namedFiles(faces, 'video');
  const [imageCount, videoCount] = [images.firstRow.length, videos.firstRow.length];
  const hashes = new Uint32Array(imageCount * HASH_WORDS);
  const readable = new Uint8Array(imageCount);
  const sizes = new Map<string, DataCheck['sizes'][number]>();
  const problems = new Map<string, number[]>();
  const colours = { grey: 0, colour: 0 };
  let done = 0;
  const onDone = () => onProgress(++done, imageCount + videoCount);
  const note = (reason: string, row: number) => {
    const rows = problems.get(reason);
    if (rows === undefined) problems.set(reason, [row]);
    else rows.push(row);
  };

  async function open(image: number): Promise<void> {
    const row = images.firstRow[image] as number;
    const path = pathOf(manifest, row);
    let picture: RgbImage;
    try {
      picture = openPacked(path) ?? (await openFile(path));
    } catch (error) {
      return note((error as Error).message, row);
    }
    const { width, height, data } = picture;
    const size = `${width}×${height}`;
    const counted = sizes.get(size) ?? { width, height, images: 0 };
    counted.images++;
    sizes.set(size, counted);
    colours[isGrey(picture) ? 'grey' : 'colour']++;
    const digest = createHash('sha1').update(size).update(data).digest();
    for (let word = 0; word < HASH_WORDS; word++)
      hashes[image * HASH_WORDS + word] = digest.readUInt32LE(word * 4);
    readable[image] = 1;
  }

  await forEach(imageCount, open, onDone);
  await forEach(
    videoCount,
    async (video) => {
      const row = videos.firstRow[video] as number;
      const problem = await fileProblem(pathOf(manifest, row));
      if (problem !== undefined) note(problem, row);
    },
    onDone,
  );
  return {
    file,
    faces: faces.length,
    images: imageCount,
    videos: videoCount,
    ...colours,
    sizes: [...sizes.values()].sort(
      (a, b) => b.images - a.images || a.width - b.width || a.height - b.height,
    ),
    unusable: [...problems]
      .map(([reason, rows]) => ({
        reason,
        count: rows.length,
        // Threads end in any order; the report does not show it.
        examples: rows
          .sort((a, b) => a - b)
          .slice(0, examples)
          .map((row) => pathOf(manifest, row)),
      }))
      .sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1)),
    copies: findCopies(faces, images, { hashes, readable }, examples),
  };
}
