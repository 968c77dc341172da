import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type FaceRow, FaceTable, writeManifest } from 'mien/datasets';
import { encodeJpeg, encodePng } from 'mien/images';
import { ABAW1 } from 'mien/labels';

/** Left eye, right eye, nose, mouth corners of a face of 24 pixels between the eyes about (x, y). */
export const fivePoints = (x: number, y: number): number[] => [
  x - 12,
  y - 10,
  x + 12,
  y - 10,
  x,
  y,
  x - 8,
  y + 12,
  x + 8,
  y + 12,
];

/** A picture of smooth waves whose colours depend on `seed`. */
export function waves(seed: number, width = 96, height = 80) {
  const data = new Uint8Array(width * height * 3);
  const row = Array.from({ length: width }, (_, x) => 60 * Math.sin((x + seed * 7) / 9));
  for (let y = 0, at = 0; y < height; y++) {
    const along = 128 + 60 * Math.cos((y * (1 + (seed % 5))) / 23);
    for (let x = 0; x < width; x++) {
      const value = along + (row[x] as number);
      data[at++] = value;
      data[at++] = 255 - value;
      data[at++] = value / 2;
    }
  }
  return { width, height, data };
}

/** Writes a picture, as JPEG or PNG by its name. */
export async function writePicture(
  file: string,
  seed: number,
  width?: number,
  height?: number,
): Promise<void> {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, await (file.endsWith('.png') ? encodePng : encodeJpeg)(waves(seed, width, height)));
}

export function writeFaces(file: string, rows: FaceRow[], roots: Record<string, string>): void {
  const faces = new FaceTable(ABAW1);
  for (const row of rows) faces.push(row);
  writeManifest(file, { faces, roots: new Map(Object.entries(roots)), history: [] });
}

/** Every file below the folder with its content. */
export function contentsOf(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    names.sort().map((name) => [name.slice(folder.length + 1), readFileSync(name, 'base64')]),
  );
}
