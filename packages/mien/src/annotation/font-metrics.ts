// How far each letter of a TrueType font moves the pen: its tables `cmap` (format 4) and `hmtx`. What a glyph looks like is
// somebody else's work.

import { readFileSync } from 'node:fs';

export interface FontMetrics {
  /** @param code a character's code @returns its advance in ems; undefined where the font lacks it */
  advance(code: number): number | undefined;
}

/** @throws Error when the file is missing, RangeError when it is no TrueType font with a character map of format 4 */
export function readFontMetrics(file: string): FontMetrics {
  const bytes = readFileSync(file);
  const tables = new Map<string, number>();
  for (let i = 0; i < bytes.readUInt16BE(4); i++) {
    const record = 12 + 16 * i;
    tables.set(bytes.toString('latin1', record, record + 4), bytes.readUInt32BE(record + 8));
  }
  const table = (tag: string): number => {
    const offset = tables.get(tag);
    if (offset === undefined) throw new RangeError(`${file}: no table ${tag}; expected a TrueType font`);
    return offset;
  };
  const unitsPerEm = bytes.readUInt16BE(table('head') + 18);
  const metrics = bytes.readUInt16BE(table('hhea') + 34);
  const glyphOf = characterMap(bytes, table('cmap'), file);
  const hmtx = table('hmtx');
  return {
    advance(code) {
      const glyph = glyphOf(code);
      if (glyph === 0) return undefined;
      return bytes.readUInt16BE(hmtx + 4 * Math.min(glyph, metrics - 1)) / unitsPerEm;
    },
  };
}

/** @returns the glyph of a character's code; 0 where there is none */
function characterMap(bytes: Buffer, cmap: number, file: string): (code: number) => number {
  const count = bytes.readUInt16BE(cmap + 2);
  const offsets = Array.from({ length: count }, (_, i) => cmap + bytes.readUInt32BE(cmap + 8 + 8 * i));
  const start = offsets.find((offset) => bytes.readUInt16BE(offset) === 4);
  if (start === undefined) throw new RangeError(`${file}: no character map of format 4`);
  const size = bytes.readUInt16BE(start + 6); // twice the number of segments
  const [ends, starts] = [start + 14, start + 16 + size];
  const [deltas, ranges] = [starts + size, starts + 2 * size];
  return (code) => {
    for (let at = 0; at < size; at += 2) {
      if (code > bytes.readUInt16BE(ends + at)) continue;
      const first = bytes.readUInt16BE(starts + at);
      if (code < first) return 0;
      const delta = bytes.readUInt16BE(deltas + at);
      const range = bytes.readUInt16BE(ranges + at);
      if (range === 0) return (code + delta) & 0xffff;
      const glyph = bytes.readUInt16BE(ranges + at + range + 2 * (code - first));
      return glyph === 0 ? 0 : (glyph + delta) & 0xffff;
    }
    return 0;
  };
}
