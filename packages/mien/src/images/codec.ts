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
    return decodeJpeg(bytes) ?? (await rgbOf(await openWithSharp(bytes)));
  } catch (cause) {
    throw new Error(decodingProblem(bytes, cause), { cause });
  }
}

/** A picture as it is shown. */
export interface ShownPicture {
  /** Turned as the file says. */
  picture: RgbImage;
  /** Pixels of the file's picture, turned; more than the picture has where it was decoded smaller. */
  width: number;
  height: number;
}

/**
 * Unlike `decodeRgb`, turned as the EXIF orientation says, and decoded smaller where the picture has more than so many pixels.
 * @throws Error as `decodeRgb`
 */
export async function decodeShown(
  source: string | Uint8Array,
  { mostPixels = MOST_PIXELS }: { mostPixels?: number } = {},
): Promise<ShownPicture> {
  const bytes = typeof source === 'string' ? await readFile(source) : source;
  if (bytes.length === 0) throw new Error('an empty file');
  if (isBmp(bytes)) return shownAsItIs(decodeBmp(bytes, MOST_PIXELS));
  try {
    const small = mentionsExif(bytes) ? undefined : decodeJpeg(bytes);
    if (small !== undefined && small.width * small.height <= mostPixels) return shownAsItIs(small);
    const image = await openWithSharp(bytes);
    const { width, height } = (await image.metadata()).autoOrient;
    const scale = Math.sqrt(mostPixels / (width * height));
    const turned = image.autoOrient();
    if (scale < 1)
      turned.resize({
        width: Math.max(1, Math.floor(width * scale)),
        height: Math.max(1, Math.floor(height * scale)),
        fit: 'fill',
      });
    return { picture: await rgbOf(turned), width, height };
  } catch (cause) {
    throw new Error(decodingProblem(bytes, cause), { cause });
  }
}

const shownAsItIs = (picture: RgbImage): ShownPicture => ({
  picture,
  width: picture.width,
  height: picture.height,
});

/** JPEG's segments come first and are at most 64 kB each. */
const mentionsExif = (bytes: Uint8Array): boolean =>
  Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 2 ** 17)).includes('Exif');

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

async function openWithSharp(bytes: Uint8Array) {
  const sharp = await loadSharp();
  return sharp(bytes, { ignoreIcc: true, failOn: 'truncated', limitInputPixels: MOST_PIXELS });
}

async function rgbOf(image: Awaited<ReturnType<typeof openWithSharp>>): Promise<RgbImage> {
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
