// The head itself: ears, the form of the face in light and shadow, and what skin shows by colour.

import { Random } from '../random/index.js';
import type { Face, Side } from './face.js';
import { outline } from './head.js';
import type { HairStyle } from './identity.js';
import { disc, type Point, smooth } from './svg.js';

const SIDES: readonly Side[] = [-1, 1];

/** Hair that hides the ears. */
const COVERED: ReadonlySet<HairStyle> = new Set(['scarf', 'bob', 'long', 'wavy']);

export function drawEars({ canvas, identity, view, head, palette }: Face): void {
  if (COVERED.has(identity.hair.style)) return;
  for (const side of SIDES) {
    const k = identity.ears;
    // The ear on the side that turns to the viewer is seen from further behind, and so is wider.
    const reach = Math.max(1.5, (7 - 6 * side * view.turn) * k);
    const edge = (y: number, out: number): Point => {
      const [left, right] = view.ends(head.at(y));
      const [x, height] = side < 0 ? left : right;
      return [x + side * out * view.scale, height];
    };
    const rim = [
      edge(-10, -4),
      edge(-11, reach * 0.5),
      edge(-5, reach),
      edge(6, reach * 0.8),
      edge(15, reach * 0.35),
      edge(20, -1),
      edge(12, -6),
    ];
    canvas.path(smooth(rim, true), { fill: palette.skin });
    canvas.path(smooth(rim, true), { fill: palette.shadow, opacity: 0.35 });
    canvas.path(smooth([edge(-5, 0), edge(-6, reach * 0.6), edge(2, reach * 0.5), edge(9, reach * 0.2)]), {
      stroke: palette.crease,
      width: 1.1 * view.scale,
      opacity: 0.5,
    });
    if (identity.earrings) {
      const [x, y] = edge(21, 0.5);
      canvas.circle([x, y], 2 * view.scale, { fill: '#e3bd62' });
      canvas.circle([x - 0.5, y - 0.6], 0.7 * view.scale, { fill: '#fff6d8' });
    }
  }
}

export function drawSkin(face: Face): void {
  const { canvas, view, head, palette, light } = face;
  const shape = smooth(outline(view, head.sections), true);
  canvas.path(shape, { fill: palette.skin });
  shadeForm(face, shape);
  drawColour(face);
  const p = (x: number, y: number, lift = 0) => view.project(head.surface(x, y, lift));
  // Lights where the face stands out: forehead, cheekbones, chin.
  const bright = 0.35 + 0.3 * light.contrast;
  canvas.spot(p(light.from * 20, -36), 30, 15, palette.light, bright * 0.8, face.onHead);
  canvas.spot(p(0, 74), 9, 6, palette.light, bright * 0.5, face.onHead);
}

/** Large shadows: away from the light, along the jaw, at the temples, in the sockets. */
function shadeForm({ canvas, view, head, palette, light, onHead, identity }: Face, shape: string): void {
  const { from, contrast } = light;
  const p = (x: number, y: number) => view.project(head.surface(x, y));
  const [litX, litY] = p(from * 57, -50);
  const [farX, farY] = p(-from * 57, 50);
  const away = canvas.linear(
    [litX, litY],
    [farX, farY],
    [
      [0, palette.light, 0.35 * contrast],
      [0.4, palette.skin, 0],
      [0.62, palette.shadow, 0.15 * contrast],
      [1, palette.shadow, 0.95 * contrast],
    ],
  );
  canvas.path(shape, { fill: away });
  const [x, y] = p(0, 8);
  const rim = canvas.radial([x, y], 84 * view.scale, [
    [0.55, palette.shadow, 0],
    [0.82, palette.shadow, 0.28],
    [1, palette.shadow, 0.75],
  ]);
  canvas.path(shape, { fill: rim });
  for (const side of SIDES) {
    canvas.spot(
      p(side * 44, 40),
      13,
      24,
      palette.shadow,
      0.28 + 0.1 * identity.head.cheekbones,
      onHead,
      side * 24,
    );
    canvas.spot(p(side * 24, -6), 17, 11, palette.shadow, 0.34, onHead);
    canvas.spot(p(side * 11, -4), 6, 11, palette.shadow, 0.3, onHead);
  }
}

/** Blush, which rises with `flush`, and freckles. */
function drawColour({ canvas, view, head, palette, onHead, identity, actions, units }: Face): void {
  const p = (x: number, y: number) => view.project(head.surface(x, y));
  const { flush = 0 } = actions;
  for (const side of SIDES) {
    const lifted = 4 * units.AU6;
    canvas.spot(p(side * 33, 25 - lifted), 17, 13, palette.blush, 0.22 + 0.75 * flush, onHead);
    canvas.spot(p(side * 36, 20 - lifted - 4 * units.AU12), 11, 8, palette.light, 0.42, onHead, side * -18);
  }
  canvas.spot(p(0, 32), 10, 8, palette.blush, 0.15 + 0.35 * flush, onHead);
  if (identity.skin.freckles > 0) {
    const random = Random.seeded(identity.seed);
    let freckles = '';
    for (let i = 0; i < 46; i++)
      freckles += disc(p(random.between(-38, 38), random.between(8, 30)), random.between(0.4, 0.9));
    canvas.path(freckles, { fill: palette.crease, opacity: 0.35 * identity.skin.freckles });
  }
}
