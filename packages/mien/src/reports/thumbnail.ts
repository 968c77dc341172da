// Small pictures inside a page, of files and of what lies in packs.

import { decodeRgb, type RgbImage } from '../images/index.js';
import { openPacked } from '../loading/index.js';

/** Pixels of a picture's side. */
const SIDE = 96;

/** What a pack lends is valid until its next picture is opened. */
function copyOf({ width, height, data }: RgbImage): RgbImage {
  return { width, height, data: data.slice() };
}

/**
 * @param path of a picture, or of one in a pack
 * @returns HTML: a JPEG inside the page; words where the picture does not open
 */
export async function thumbnail(path: string): Promise<string> {
  try {
    const packed = openPacked(path);
    const { data, width, height } = packed === undefined ? await decodeRgb(path) : copyOf(packed);
    const { default: sharp } = await import('sharp');
    const small = sharp(data, { raw: { width, height, channels: 3 } }).resize(SIDE, SIDE, { fit: 'cover' });
    const jpeg = await small.jpeg({ quality: 85 }).toBuffer();
    return `<img alt="" src="data:image/jpeg;base64,${jpeg.toString('base64')}">`;
  } catch {
    return '<div class="missing">the picture does not open</div>';
  }
}
