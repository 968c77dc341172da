/** A picture: rows from the top, three bytes a pixel (red, green, blue). */
export interface RgbImage {
  width: number;
  height: number;
  /** [height, width, 3] */
  data: Uint8Array;
}
