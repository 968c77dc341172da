// Words: each letter is rendered once for a size, at a few places between two pixels, and from then on only blended.

import { Resvg } from '@resvg/resvg-js';
import { FONT_FAMILY, FONT_FILES } from '../images/index.js';
import { readFontMetrics } from './font-metrics.js';
import type { Colour } from './palette.js';
import type { Surface } from './surface.js';

export interface Lettering {
  /** Of the font, pixels. */
  size: number;
  /** Pixels that a text takes; letters that the font lacks become question marks. */
  width(text: string): number;
  /** The text, or its beginning and "…" where it is wider than `most` pixels; empty where not even that fits. */
  elided(text: string, most: number): string;
  /**
   * @param x where the text starts, or ends (`right`)
   * @param baseline whole pixels are sharpest
   */
  draw(surface: Surface, text: string, x: number, baseline: number, colour: Colour, align?: Align): void;
}

export type Align = 'left' | 'right';

/** A letter's ink: its place from the pen, and how much of each pixel it covers. */
interface Sprite {
  left: number;
  /** From the baseline, down. */
  top: number;
  width: number;
  height: number;
  /** [height, width], 0 … 1 */
  alpha: Float32Array;
}

const UNKNOWN = '?';
const ASCII = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i));
const SIGNS = ['−', '±', '…', '·', '–'];
/** A letter's cell in the sheet, in ems: nothing of the font reaches farther. */
const CELL = { width: 1.25, above: 1, below: 0.3 };
const COLUMNS = 32;

/** Places between two pixels that a letter is rendered at: small letters would otherwise stand unevenly. */
const phasesAt = (size: number) => (size < 32 ? 4 : size < 80 ? 2 : 1);

/** @param size of the font in pixels */
export function createLettering(size: number, bold: boolean): Lettering {
  const metrics = readFontMetrics(FONT_FILES[bold ? 1 : 0] as string);
  const phases = phasesAt(size);
  const sprites = renderSprites([...ASCII, ...SIGNS], size, bold, phases);
  const advances = new Map<string, number>();
  /** In pixels; undefined of letters that the font lacks. */
  const advanceOf = (letter: string): number | undefined => {
    const known = advances.get(letter);
    if (known !== undefined) return known;
    const ems = metrics.advance(letter.codePointAt(0) as number);
    if (ems === undefined) return undefined;
    advances.set(letter, ems * size);
    return ems * size;
  };
  const advance = (letter: string) => advanceOf(letter) ?? (advanceOf(UNKNOWN) as number);
  const width = (text: string) => [...text].reduce((sum, letter) => sum + advance(letter), 0);
  /** Letters beyond the usual ones, of names that users gave, when they first come. */
  const spriteOf = (given: string) => {
    const letter = advanceOf(given) === undefined ? UNKNOWN : given;
    if (!sprites.has(letter))
      for (const [one, its] of renderSprites([letter], size, bold, phases)) sprites.set(one, its);
    return sprites.get(letter) as readonly Sprite[];
  };
  return {
    size,
    width,
    elided(text, most) {
      if (width(text) <= most) return text;
      const kept = [...text];
      while (kept.length > 0) {
        kept.pop();
        const shorter = `${kept.join('').trimEnd()}…`;
        if (width(shorter) <= most) return shorter;
      }
      return '';
    },
    draw(surface, text, x, baseline, colour, align = 'left') {
      let pen = align === 'left' ? x : x - width(text);
      for (const letter of text) {
        const place = Math.round(pen * phases);
        const column = Math.floor(place / phases);
        const sprite = spriteOf(letter)[place - column * phases] as Sprite;
        blendSprite(surface, sprite, column, Math.round(baseline), colour);
        pen += advance(letter);
      }
    },
  };
}

function blendSprite(surface: Surface, sprite: Sprite, x: number, baseline: number, colour: Colour): void {
  const { width, height, alpha } = sprite;
  const [left, top] = [x + sprite.left, baseline + sprite.top];
  const firstRow = Math.max(0, surface.top - top);
  const lastRow = Math.min(height, surface.bottom - top);
  const firstColumn = Math.max(0, surface.left - left);
  const lastColumn = Math.min(width, surface.right - left);
  for (let row = firstRow; row < lastRow; row++)
    for (let column = firstColumn; column < lastColumn; column++) {
      const share = alpha[row * width + column] as number;
      if (share > 0) surface.blend(left + column, top + row, colour, share);
    }
}

/** All letters on one sheet, rendered together. @returns by letter, one sprite for each phase */
function renderSprites(
  letters: readonly string[],
  size: number,
  bold: boolean,
  phases: number,
): Map<string, Sprite[]> {
  const margin = Math.ceil(size * 0.1);
  const cellWidth = margin + Math.ceil(size * CELL.width);
  const above = Math.ceil(size * CELL.above);
  const cellHeight = above + Math.ceil(size * CELL.below);
  const cells = letters.flatMap((letter) =>
    Array.from({ length: phases }, (_, phase) => ({ letter, phase })),
  );
  const rows = Math.ceil(cells.length / COLUMNS);
  const cellAt = (i: number) => ({ x: (i % COLUMNS) * cellWidth, y: Math.floor(i / COLUMNS) * cellHeight });
  const texts = Array.from({ length: rows }, (_, row) => {
    const line = cells.slice(row * COLUMNS, (row + 1) * COLUMNS);
    const places = line.map(({ phase }, i) => i * cellWidth + margin + phase / phases);
    const codes = line.map(({ letter }) => `&#${letter.codePointAt(0)};`);
    return `<text x="${places.join(' ')}" y="${row * cellHeight + above}">${codes.join('')}</text>`;
  });
  const [width, height] = [COLUMNS * cellWidth, rows * cellHeight];
  const weight = bold ? 'bold' : 'normal';
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><g xml:space="preserve" font-family="${FONT_FAMILY}" font-size="${size}" font-weight="${weight}" fill="white">${texts.join('')}</g></svg>`;
  const font = { loadSystemFonts: false, fontFiles: FONT_FILES, defaultFontFamily: FONT_FAMILY };
  const sheet = new Resvg(svg, { font }).render();
  const pixels = sheet.pixels;
  const sprites = new Map<string, Sprite[]>();
  cells.forEach(({ letter }, i) => {
    const { x, y } = cellAt(i);
    const alphaAt = (column: number, row: number) =>
      (pixels[((y + row) * width + x + column) * 4 + 3] as number) / 255;
    const sprite = cutSprite(alphaAt, cellWidth, cellHeight);
    sprites.set(letter, [
      ...(sprites.get(letter) ?? []),
      { ...sprite, left: sprite.left - margin, top: sprite.top - above },
    ]);
  });
  return sprites;
}

/** The part of a cell that has ink. */
function cutSprite(
  alphaAt: (column: number, row: number) => number,
  cellWidth: number,
  cellHeight: number,
): Sprite {
  let [left, top, right, bottom] = [cellWidth, cellHeight, 0, 0];
  for (let row = 0; row < cellHeight; row++)
    for (let column = 0; column < cellWidth; column++) {
      if (alphaAt(column, row) === 0) continue;
      [left, right] = [Math.min(left, column), Math.max(right, column + 1)];
      [top, bottom] = [Math.min(top, row), Math.max(bottom, row + 1)];
    }
  const [width, height] = [Math.max(0, right - left), Math.max(0, bottom - top)];
  const alpha = new Float32Array(width * height);
  for (let i = 0; i < alpha.length; i++) alpha[i] = alphaAt(left + (i % width), top + Math.floor(i / width));
  return { left, top, width, height, alpha };
}
