// Spectacles, which stand off the face and so turn with it.

import type { Face } from './face.js';
import { type Point, smooth } from './svg.js';

export function drawGlasses({ canvas, identity, view, head, light }: Face): void {
  const { glasses, glassesColour: fill } = identity;
  if (glasses === 'none') return;
  const s = view.scale;
  const cx = 26 * identity.eyes.apart;
  const p = (x: number, y: number, lift: number): Point => view.project(head.surface(x, y, lift));
  const power = glasses === 'round' ? 1 : 0.6;
  for (const side of [-1, 1] as const) {
    const rim: Point[] = [];
    for (let i = 0; i < 16; i++) {
      const angle = (i / 16) * 2 * Math.PI;
      const [c, sn] = [Math.cos(angle), Math.sin(angle)];
      const x = side * cx + Math.sign(c) * Math.abs(c) ** power * 18.5;
      rim.push(
        p(
          x,
          3 + Math.sign(sn) * Math.abs(sn) ** power * (glasses === 'round' ? 16.5 : 14),
          7 - (Math.abs(x) / 57) * 3,
        ),
      );
    }
    const shape = smooth(rim, true);
    canvas.path(shape, { fill: '#ffffff', opacity: 0.07 });
    canvas.path(shape, { stroke: fill, width: 2 * s });
    const glare = [
      p(side * cx + light.from * 6 - 5, -7, 6),
      p(side * cx + light.from * 6 + 1, -8, 6),
      p(side * cx + light.from * 6 - 8, 10, 6),
    ];
    canvas.path(smooth(glare, true), { fill: '#ffffff', opacity: 0.12 });
    const [ends] = [view.ends(head.at(-3))];
    const ear = side < 0 ? ends[0] : ends[1];
    canvas.path(smooth([p(side * (cx + 18.5), -1, 4), ear]), { stroke: fill, width: 1.8 * s });
  }
  canvas.path(smooth([p(-cx + 18.5, -1, 8), p(0, -4, 10), p(cx - 18.5, -1, 8)]), {
    stroke: fill,
    width: 2 * s,
  });
}
