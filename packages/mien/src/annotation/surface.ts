// Drawing into a picture's bytes: filled shapes with smooth edges, blended in place, never outside a given area.

import type { Box } from '../faces/index.js';
import type { RgbImage } from '../images/index.js';
import type { Colour } from './palette.js';

/** Share of the pixel [at, at + 1) that lies in [from, to). */
const covered = (at: number, from: number, to: number) =>
  Math.max(0, Math.min(at + 1, to) - Math.max(at, from));

const mixed = (under: number, over: number, alpha: number) => under + (over - under) * alpha + 0.5;

/** A part of a picture to draw in. Places are in the whole picture's pixels; 0 is the first pixel's outer edge. */
export class Surface {
  readonly image: RgbImage;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;

  /** @param area whole pixels; nothing outside is touched. Default: all of the picture */
  constructor(image: RgbImage, area: Box = { x: 0, y: 0, width: image.width, height: image.height }) {
    this.image = image;
    this.left = Math.max(0, area.x);
    this.top = Math.max(0, area.y);
    this.right = Math.min(image.width, area.x + area.width);
    this.bottom = Math.min(image.height, area.y + area.height);
  }

  /** Blends one pixel. @param column @param row in the area @param alpha 0 … 1 */
  blend(column: number, row: number, colour: Colour, alpha: number): void {
    const { data, width } = this.image;
    const red = (row * width + column) * 3;
    const [green, blue] = [red + 1, red + 2];
    data[red] = mixed(data[red] as number, colour[0], alpha);
    data[green] = mixed(data[green] as number, colour[1], alpha);
    data[blue] = mixed(data[blue] as number, colour[2], alpha);
  }

  /** Pixels at the edges are blended by how much of them is covered. */
  rectangle({ x, y, width, height }: Box, colour: Colour, alpha = 1): void {
    const [right, bottom] = [x + width, y + height];
    const firstColumn = Math.max(this.left, Math.floor(x));
    const lastColumn = Math.min(this.right, Math.ceil(right)) - 1;
    const lastRow = Math.min(this.bottom, Math.ceil(bottom)) - 1;
    for (let row = Math.max(this.top, Math.floor(y)); row <= lastRow; row++) {
      const rowAlpha = alpha * covered(row, y, bottom);
      for (let column = firstColumn; column <= lastColumn; column++) {
        const inner = column >= x && column + 1 <= right;
        this.blend(column, row, colour, inner ? rowAlpha : rowAlpha * covered(column, x, right));
      }
    }
  }

  /** The edge of a rectangle. @param thickness inwards from its outer edge */
  frame({ x, y, width, height }: Box, thickness: number, colour: Colour, alpha = 1): void {
    const inner = height - 2 * thickness;
    this.rectangle({ x, y, width, height: thickness }, colour, alpha);
    this.rectangle({ x, y: y + height - thickness, width, height: thickness }, colour, alpha);
    this.rectangle({ x, y: y + thickness, width: thickness, height: inner }, colour, alpha);
    this.rectangle(
      { x: x + width - thickness, y: y + thickness, width: thickness, height: inner },
      colour,
      alpha,
    );
  }

  disc(x: number, y: number, radius: number, colour: Colour, alpha = 1): void {
    const lastRow = Math.min(this.bottom, Math.ceil(y + radius + 1)) - 1;
    const lastColumn = Math.min(this.right, Math.ceil(x + radius + 1)) - 1;
    for (let row = Math.max(this.top, Math.floor(y - radius)); row <= lastRow; row++)
      for (let column = Math.max(this.left, Math.floor(x - radius)); column <= lastColumn; column++) {
        const distance = Math.hypot(column + 0.5 - x, row + 0.5 - y);
        const share = Math.min(1, radius + 0.5 - distance);
        if (share > 0) this.blend(column, row, colour, alpha * share);
      }
  }

  /** A triangle that points to the right, as high as it is wide. @param x of its left edge @param y of its middle */
  pointer(x: number, y: number, size: number, colour: Colour): void {
    const first = Math.floor(y - size / 2);
    for (let row = first; row < y + size / 2; row++) {
      const fromMiddle = Math.abs(row + 0.5 - y);
      const width = size * (1 - (2 * fromMiddle) / size);
      if (width > 0) this.rectangle({ x, y: row, width, height: 1 }, colour);
    }
  }
}

/** Copies a picture whole into a larger one. @param x @param y whole pixels, where its upper left corner comes to lie */
export function place(picture: RgbImage, onto: RgbImage, x: number, y: number): void {
  const stride = picture.width * 3;
  for (let row = 0; row < picture.height; row++)
    onto.data.set(picture.data.subarray(row * stride, (row + 1) * stride), ((y + row) * onto.width + x) * 3);
}

/** A copy of a part. @param area whole pixels, inside the picture */
export function cut({ data, width }: RgbImage, area: Box): RgbImage {
  const part = { width: area.width, height: area.height, data: new Uint8Array(area.width * area.height * 3) };
  for (let row = 0; row < area.height; row++) {
    const start = ((area.y + row) * width + area.x) * 3;
    part.data.set(data.subarray(start, start + area.width * 3), row * area.width * 3);
  }
  return part;
}

/** A picture of one colour. */
export function blank(width: number, height: number, colour: Colour): RgbImage {
  const data = new Uint8Array(width * height * 3);
  data.set(colour);
  for (let done = 3; done < data.length; done *= 2) data.copyWithin(done, 0, done);
  return { width, height, data };
}
