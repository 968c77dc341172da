// Pictures in memory, in from files and out to bytes.

export { decodeRgb, decodeShown, encodeJpeg, encodePng, type ShownPicture } from './codec.js';
export { decodeJpeg } from './jpeg.js';
export type { RgbImage } from './rgb.js';
