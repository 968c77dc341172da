// Smooth lines that cross and join without showing it: their coverage is gathered first and blended once.

import type { Box } from '../faces/index.js';
import type { Colour } from './palette.js';
import type { Surface } from './surface.js';

export class Strokes {
  readonly #area: Box;
  /** [height, width], 0 … 255 */
  readonly #coverage: Uint8Array;
  #firstRow = Number.POSITIVE_INFINITY;
  #lastRow = -1;

  /** @param area whole pixels; nothing is drawn outside */
  constructor(area: Box) {
    this.#area = area;
    this.#coverage = new Uint8Array(area.width * area.height);
  }

  /** A line with round ends. @param alpha 0 … 1; where lines meet, the stronger one counts */
  line(x0: number, y0: number, x1: number, y1: number, radius: number, alpha = 1): void {
    const { x, y, width, height } = this.#area;
    const [startX, startY, dx, dy] = [x0 - x, y0 - y, x1 - x0, y1 - y0];
    const length2 = dx * dx + dy * dy;
    const reach = radius + 1;
    const first = Math.max(0, Math.floor(Math.min(y0, y1) - y - reach));
    const last = Math.min(height - 1, Math.ceil(Math.max(y0, y1) - y + reach));
    for (let row = first; row <= last; row++) {
      // The part of the line that is near this row, as shares of the line, and from it the columns.
      const middle = row + 0.5 - startY;
      const ends = dy === 0 ? [0, 1] : [(middle - reach) / dy, (middle + reach) / dy];
      const from = startX + dx * Math.min(1, Math.max(0, Math.min(...ends)));
      const to = startX + dx * Math.max(0, Math.min(1, Math.max(...ends)));
      const end = Math.min(width - 1, Math.ceil(Math.max(from, to) + reach));
      for (let column = Math.max(0, Math.floor(Math.min(from, to) - reach)); column <= end; column++) {
        const across = column + 0.5 - startX;
        const along = length2 === 0 ? 0 : Math.max(0, Math.min(1, (across * dx + middle * dy) / length2));
        const distance = Math.hypot(across - along * dx, middle - along * dy);
        const share = Math.max(0, Math.min(1, radius + 0.5 - distance));
        const value = share * alpha * 255 + 0.5;
        const at = row * width + column;
        if (value > (this.#coverage[at] as number)) this.#coverage[at] = value;
      }
    }
    this.#firstRow = Math.min(this.#firstRow, first);
    this.#lastRow = Math.max(this.#lastRow, last);
  }

  /** Blends what was gathered, and forgets it. */
  paint(surface: Surface, colour: Colour): void {
    const { x, y, width } = this.#area;
    for (let row = this.#firstRow; row <= this.#lastRow; row++)
      for (let column = 0, at = row * width; column < width; column++, at++) {
        const value = this.#coverage[at] as number;
        if (value === 0) continue;
        surface.blend(x + column, y + row, colour, value / 255);
        this.#coverage[at] = 0;
      }
    this.#firstRow = Number.POSITIVE_INFINITY;
    this.#lastRow = -1;
  }
}
