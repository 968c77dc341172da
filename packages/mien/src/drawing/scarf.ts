// A scarf in place of hair: it frames the face and falls on the shoulders.

import type { Face } from './face.js';
import { outline, type Section } from './head.js';
import { type Point, smooth, stroke } from './svg.js';

/** Its folds on one side, in face coordinates. */
const FOLD: readonly Point[] = [
  [12, -78],
  [46, -50],
  [62, 0],
  [56, 50],
  [30, 90],
];

export function drawScarf({ canvas, palette, view, head, light }: Face, layer: 'behind' | 'front'): void {
  const shell = head.sections.map(
    ({ y, w, zc, d }): Section => ({
      y: y * (y < 0 ? 1.07 : 1.12),
      w: y > 40 ? Math.max(w + 9, 56) : w + 9,
      zc: zc - 4,
      d: d + 8,
    }),
  );
  shell.push({ y: 112, w: 66, zc: -4, d: 40 }, { y: 160, w: 96, zc: -4, d: 40 });
  const contour = outline(view, shell);
  if (layer === 'behind') {
    canvas.path(smooth(contour, true), { fill: palette.hairDark });
    return;
  }
  const sides = head.sections
    .filter(({ y }) => y > -50)
    .map(({ y, w, zc, d }) =>
      view.ends({ y: y > 60 ? y - 1.5 : y, w: w * 0.93, zc: zc + d * 0.2, d: d * 0.75 }),
    );
  const top = view.project(head.surface(0, -54));
  const opening = [top, ...sides.map(([, right]) => right), ...sides.map(([left]) => left).reverse()];
  const paint = canvas.linear(
    view.project([light.from * 60, -60, 0]),
    view.project([-light.from * 60, 60, 0]),
    [
      [0, palette.hairLight],
      [0.4, palette.hair],
      [1, palette.hairDark],
    ],
  );
  // The opening runs the other way round, and so is left out.
  canvas.path(smooth(contour, true) + smooth(opening.reverse(), true), { fill: paint });
  for (const side of [-1, 1] as const) {
    const fold = FOLD.map(([x, y]) => view.project([side * x, y, 10]));
    canvas.path(stroke(fold, 3 * view.scale), { fill: palette.hairDark, opacity: 0.6 });
  }
}
