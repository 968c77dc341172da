// Windows bitmaps, which OpenFace writes its aligned faces as and sharp does not read: uncompressed, with a palette or with
// 24 or 32 bits a pixel.

import type { RgbImage } from './rgb.js';

export const isBmp = (bytes: Uint8Array): boolean => bytes[0] === 0x42 && bytes[1] === 0x4d;

/** Of the file header; the information header follows. */
const FILE_HEADER = 14;
const INFO_HEADER = 40;

/**
 * @param mostPixels larger pictures are refused
 * @throws Error when it is cut off, too large or of a kind that is not read
 */
export function decodeBmp(bytes: Uint8Array, mostPixels: number): RgbImage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < FILE_HEADER + INFO_HEADER) throw new Error('a bitmap that is cut off');
  const start = view.getUint32(10, true);
  const header = view.getUint32(14, true);
  const width = view.getInt32(18, true);
  const signedHeight = view.getInt32(22, true);
  const bits = view.getUint16(28, true);
  const compression = view.getUint32(30, true);
  const height = Math.abs(signedHeight);
  if (header < INFO_HEADER || compression !== 0 || ![8, 24, 32].includes(bits))
    throw new Error(
      `a bitmap of ${bits} bits a pixel, compression ${compression}; expected 8, 24 or 32 bits, no compression`,
    );
  if (width < 1 || height < 1 || width * height > mostPixels)
    throw new Error(`a bitmap of ${width} × ${height} pixels`);
  const line = ((width * bits + 31) >> 5) * 4; // lines are filled up to four bytes
  if (bytes.length < start + line * height) throw new Error('a bitmap that is cut off');
  const data = new Uint8Array(width * height * 3);
  const palette = FILE_HEADER + header;
  const bytesPerPixel = bits >> 3;
  for (let row = 0; row < height; row++) {
    const from = start + line * (signedHeight > 0 ? height - 1 - row : row); // from the bottom, unless the height is negative
    for (let column = 0; column < width; column++) {
      const pixel = from + column * bytesPerPixel;
      const at = bits === 8 ? palette + 4 * (bytes[pixel] as number) : pixel;
      const to = (row * width + column) * 3;
      data[to] = bytes[at + 2] as number; // stored blue, green, red
      data[to + 1] = bytes[at + 1] as number;
      data[to + 2] = bytes[at] as number;
    }
  }
  return { width, height, data };
}
