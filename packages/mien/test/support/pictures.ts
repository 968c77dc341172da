// Pictures and manifests for tests of loading.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FaceTable, type Manifest, writeManifest } from 'mien/datasets';
import { encodeJpeg, encodePng, type RgbImage } from 'mien/images';
import { ABAW1 } from 'mien/labels';
import { Random } from 'mien/random';

/** Smooth colours with some noise: no two seeds alike. */
export function picture(seed: number, width = 40, height = width): RgbImage {
  const random = Random.seeded(seed);
  const tilt = Array.from({ length: 6 }, () => random.between(-2, 2));
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < data.length; i++) {
    const channel = i % 3;
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    const value = 128 + (tilt[channel] ?? 0) * (x - width / 2) + (tilt[channel + 3] ?? 0) * (y - height / 2);
    data[i] = Math.max(0, Math.min(255, value + random.between(-8, 8)));
  }
  return { width, height, data };
}

/** Writes pictures `0.png`, `1.jpg`, … of the seeds 0, 1, … into a folder. @returns their names */
export async function writePictures(
  folder: string,
  kinds: readonly ('png' | 'jpg')[],
  size = 40,
): Promise<string[]> {
  const names: string[] = [];
  for (const [seed, kind] of kinds.entries()) {
    const image = picture(seed, size);
    writeFileSync(
      join(folder, `${seed}.${kind}`),
      await (kind === 'png' ? encodePng(image) : encodeJpeg(image)),
    );
    names.push(`${seed}.${kind}`);
  }
  return names;
}

/** A manifest of pictures in a folder, written beside them too. */
export function manifestOf(folder: string, names: readonly string[]): Manifest {
  const faces = new FaceTable(ABAW1);
  names.forEach((image, frame) => void faces.push({ dataset: 'set', image, clip: 'clip', frame }));
  const manifest = {
    file: join(folder, 'manifest.parquet'),
    faces,
    roots: new Map([['set', folder]]),
    history: [],
  };
  writeManifest(manifest.file, manifest);
  return manifest;
}
