// Letters as pen strokes, so that a contact sheet has its words on a machine without fonts.

/** Strokes on a grid 4 wide and 6 high, from its upper left: points as two digits, strokes parted by `|`. */
const STROKES: Readonly<Record<string, string>> = {
  A: '06 20 46|14 34',
  B: '03 33 44 45 36 06 00 30 41 42 33',
  C: '41 30 10 01 05 16 36 45',
  D: '00 06 26 44 42 20 00',
  E: '40 00 06 46|03 33',
  F: '40 00 06|03 33',
  G: '41 30 10 01 05 16 36 45 43 23',
  H: '00 06|40 46|03 43',
  I: '20 26',
  J: '40 45 36 16 05',
  K: '00 06|40 03 46',
  L: '00 06 46',
  M: '06 00 23 40 46',
  N: '06 00 46 40',
  O: '10 01 05 16 36 45 41 30 10',
  P: '06 00 30 41 42 33 03',
  Q: '10 01 05 16 36 45 41 30 10|24 46',
  R: '06 00 30 41 42 33 03|23 46',
  S: '41 30 10 01 02 13 33 44 45 36 16 05',
  T: '00 40|20 26',
  U: '00 05 16 36 45 40',
  V: '00 26 40',
  W: '00 16 23 36 40',
  X: '00 46|40 06',
  Y: '00 23 40|23 26',
  Z: '00 40 06 46',
  0: '10 01 05 16 36 45 41 30 10',
  1: '11 20 26|16 36',
  2: '01 10 30 41 42 06 46',
  3: '01 10 30 41 42 33 44 45 36 16 05|33 13',
  4: '36 30 04 44',
  5: '40 00 03 33 44 45 36 16 05',
  6: '41 30 10 01 05 16 36 45 44 33 13 04',
  7: '00 40 16',
  8: '13 02 01 10 30 41 42 33 13 04 05 16 36 45 44 33',
  9: '05 16 36 45 41 30 10 01 02 13 33 42',
  '.': '26 26',
  ',': '26 17',
  '+': '21 25|03 43',
  '-': '03 43',
};

/** From one letter to the next, in grid steps. */
const ADVANCE = 6;

/**
 * A line of text as an SVG element.
 * @param text letters, figures and `.,+-`; others leave a gap
 * @param x of its left end
 * @param y of the line it stands on
 * @param height of a capital, in the picture's units
 */
export function lettering(text: string, x: number, y: number, height: number, colour = '#3b3f44'): string {
  const step = height / 6;
  const pen = (point: string, i: number) => {
    const [column = 0, row = 0] = [...point].map(Number);
    return `${(x + (i * ADVANCE + column) * step).toFixed(1)} ${(y + (row - 6) * step).toFixed(1)}`;
  };
  const strokes = [...text.toUpperCase()].flatMap((letter, i) =>
    (STROKES[letter] ?? '')
      .split('|')
      .filter((one) => one !== '')
      .map(
        (one) =>
          `M${one
            .split(' ')
            .map((point) => pen(point, i))
            .join('L')}`,
      ),
  );
  return `<path d="${strokes.join('')}" fill="none" stroke="${colour}" stroke-width="${(step * 0.95).toFixed(2)}" stroke-linecap="round" stroke-linejoin="round"/>`;
}
