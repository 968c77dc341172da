// Pictures in memory, in from files and out to bytes.

export {
  decodeRgb,
  decodeShown,
  encodeJpeg,
  encodePng,
  pictureSize,
  type ShownPicture,
} from './codec.js';
export { FONT_FAMILY, FONT_FILES } from './fonts.js';
export { decodeJpeg } from './jpeg.js';
export type { RgbImage } from './rgb.js';
