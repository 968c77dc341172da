// Pictures in memory, in from files and out to bytes.

export { decodeRgb, encodeJpeg, encodePng } from './codec.js';
export { decodeJpeg } from './jpeg.js';
export type { RgbImage } from './rgb.js';
