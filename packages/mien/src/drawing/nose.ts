// The nose: its ridge, wings and nostrils, which AU9 wrinkles and lifts.

import type { Face } from './face.js';
import { between, type Point, smooth, stroke } from './svg.js';

export function drawNose({ canvas, identity, view, head, palette, light, units, onHead }: Face): void {
  const { length, width, bridge, tip } = identity.nose;
  const { AU9, AU10, AU12, AU20 } = units;
  const lift = 2.6 * AU9 + 0.8 * AU10;
  const wide = width * (1 + 0.1 * AU9 + 0.06 * AU10 + 0.08 * AU12 + 0.05 * AU20);
  const y = (height: number) => height * length;
  const p = (x: number, height: number, out: number): Point => view.project(head.surface(x, height, out));
  const s = view.scale;
  const bottom = y(37) - lift;
  const shadowSide = light.from > 0 ? -1 : 1;

  for (const side of [-1, 1] as const) {
    const ridge = [
      p(side * 7, -17, 1),
      p(side * 4.8 * bridge, -9, 2),
      p(side * 4 * bridge, y(2), 6),
      p(side * 4.4 * bridge, y(16), 10),
      p(side * 6.5 * wide, y(28) - lift, 13),
      p(side * 10 * wide, y(33) - lift, 8),
    ];
    const cheek = [
      p(side * 7, -17, 1),
      p(side * 9.5, -9, 0),
      p(side * 9 * bridge, y(2), 1),
      p(side * 11 * bridge, y(16), 2),
      p(side * 14 * wide, y(27) - lift, 2),
      p(side * 15.5 * wide, y(35) - lift, 2),
    ];
    const dark = side === shadowSide ? 0.24 + 0.26 * light.contrast : 0.1;
    canvas.path(between(ridge, cheek), { fill: palette.shadow, opacity: dark, clip: onHead });
    const wing = [
      p(side * 11.5 * wide, y(26) - lift * 0.7, 5),
      p(side * 14.2 * wide, y(31) - lift, 4),
      p(side * 13.4 * wide, bottom + 0.5, 4),
      p(side * 9.5 * wide, bottom + 1.4, 6),
    ];
    canvas.path(stroke(wing, 2.1 * s), { fill: palette.crease, opacity: 0.75 });
    const nostril = [
      p(side * 9.4 * wide, bottom - 0.2, 7),
      p(side * 6.4 * wide, bottom - 2.4 - view.nod * 3, 10),
      p(side * 3.2 * wide, bottom + 0.6, 11),
      p(side * 6.4 * wide, bottom + 1.6, 9),
    ];
    canvas.path(smooth(nostril, true), { fill: palette.crease, opacity: 0.95 });
  }
  const under = [p(-8 * wide, bottom, 9), p(0, bottom + 3 + tip, 13), p(8 * wide, bottom, 9)];
  canvas.path(stroke(under, 2.2 * s), { fill: palette.crease, opacity: 0.5 });
  canvas.spot(p(0, bottom + 8, 3), 12 * s, 6 * s, palette.shadow, 0.4);
  const lit = light.from * 1.5;
  canvas.path(
    stroke([p(lit, -8, 4), p(lit, y(8), 9), p(lit, y(20), 13), p(lit, y(27) - lift, 16)], 4.5 * s * bridge),
    { fill: palette.light, opacity: 0.45 },
  );
  canvas.spot(p(lit, y(30) - lift, 17), 7 * s, 6 * s, palette.light, 0.75);
}
