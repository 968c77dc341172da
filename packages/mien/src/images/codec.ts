// Decoding as the reference does (Pillow's `convert('RGB')`): alpha is dropped, not blended; colour profiles and the EXIF
// orientation are ignored. Encoding for crops.

import sharp from 'sharp';
import type { RgbImage } from './rgb.js';

/** Larger pictures are refused: 16,384 × 16,384 take 800 MB decoded. */
const MOST_PIXELS = 16_384 ** 2;

sharp.cache(false);
sharp.concurrency(1); // many pictures at a time use the cores better than many threads on one

/**
 * @param source a path, or a file's bytes
 * @throws Error (sharp's) when it is no picture, is cut off, or is larger than 16,384 × 16,384
 */
export async function decodeRgb(source: string | Uint8Array): Promise<RgbImage> {
  const image = sharp(source, { ignoreIcc: true, failOn: 'truncated', limitInputPixels: MOST_PIXELS });
  const { data, info } = await image
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  if (channels === 3) return { width, height, data };
  const rgb = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++)
    rgb.fill(data[pixel * channels] ?? 0, pixel * 3, pixel * 3 + 3);
  return { width, height, data: rgb };
}

const raw = ({ data, width, height }: RgbImage) => sharp(data, { raw: { width, height, channels: 3 } });

/** @param options.colours at most so many, 2 … 256, for a smaller file that is not exact; all of them without it */
export async function encodePng(
  image: RgbImage,
  { colours }: { colours?: number } = {},
): Promise<Uint8Array> {
  return raw(image)
    .png(colours === undefined ? {} : { palette: true, colours })
    .toBuffer();
}

/** @param quality 1 … 100 */
export async function encodeJpeg(image: RgbImage, quality = 95): Promise<Uint8Array> {
  return raw(image).jpeg({ quality, chromaSubsampling: '4:4:4' }).toBuffer();
}
