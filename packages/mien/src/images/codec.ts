// Decoding as the reference does (Pillow's `convert('RGB')`): alpha is dropped, not blended; colour profiles and the EXIF
// orientation are ignored. Encoding for crops.

import { readFile } from 'node:fs/promises';
import { decodeBmp, isBmp } from './bmp.js';
import { decodeJpeg } from './jpeg.js';
import { decodingProblem } from './problems.js';
import type { RgbImage } from './rgb.js';

/** Larger pictures are refused: 16,384 × 16,384 take 800 MB decoded. */
const MOST_PIXELS = 16_384 ** 2;

/** sharp takes a third of a second to load, which threads that only meet small JPEGs need not spend. */
const loadSharp = once(async () => {
  const { default: sharp } = await import('sharp');
  sharp.cache(false);
  sharp.concurrency(1); // many pictures at a time use the cores better than many threads on one
  return sharp;
});

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/**
 * @param source a path, or a file's bytes
 * @throws Error when there is no such file; or whose message is a phrase: no picture, a picture that is cut off, damaged,
 *   or larger than 16,384 × 16,384
 */
export async function decodeRgb(source: string | Uint8Array): Promise<RgbImage> {
  const bytes = typeof source === 'string' ? await readFile(source) : source;
  if (bytes.length === 0) throw new Error('an empty file');
  if (isBmp(bytes)) return decodeBmp(bytes, MOST_PIXELS);
  try {
    return decodeJpeg(bytes) ?? (await decodeWithSharp(bytes));
  } catch (cause) {
    throw new Error(decodingProblem(bytes, cause), { cause });
  }
}

/**
 * Width and height in pixels, from the file's header alone where its format allows; as `decodeRgb` gives them.
 * @throws as `decodeRgb`
 */
export async function pictureSize(file: string): Promise<{ width: number; height: number }> {
  const sharp = await loadSharp();
  const { width, height } = await sharp(file)
    .metadata()
    .catch(() => decodeRgb(file));
  return { width, height };
}

async function decodeWithSharp(bytes: Uint8Array): Promise<RgbImage> {
  const sharp = await loadSharp();
  const image = sharp(bytes, { ignoreIcc: true, failOn: 'truncated', limitInputPixels: MOST_PIXELS });
  const { data, info } = await image
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  if (channels === 3) return { width, height, data };
  const rgb = new Uint8Array(width * height * 3);
  for (let pixel = 0, to = 0; pixel < width * height; pixel++, to += 3) {
    const grey = data[pixel * channels] as number;
    rgb[to] = grey;
    rgb[to + 1] = grey;
    rgb[to + 2] = grey;
  }
  return { width, height, data: rgb };
}

async function raw({ data, width, height }: RgbImage) {
  const sharp = await loadSharp();
  return sharp(data, { raw: { width, height, channels: 3 } });
}

/** @param options.colours at most so many, 2 … 256, for a smaller file that is not exact; all of them without it */
export async function encodePng(
  image: RgbImage,
  { colours }: { colours?: number } = {},
): Promise<Uint8Array> {
  return (await raw(image)).png(colours === undefined ? {} : { palette: true, colours }).toBuffer();
}

/** @param quality 1 … 100 */
export async function encodeJpeg(image: RgbImage, quality = 95): Promise<Uint8Array> {
  return (await raw(image)).jpeg({ quality, chromaSubsampling: '4:4:4' }).toBuffer();
}
