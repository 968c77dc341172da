// Neck, shoulders and clothes. The body does not turn with the head, but stays under it.

import { colour, hex, mix, shade } from './colour.js';
import type { Face } from './face.js';
import type { CLOTHES } from './identity.js';
import { type Point, smooth } from './svg.js';

/** From a place on the body, in face coordinates of a head that looks straight ahead, to the picture. */
type Place = (x: number, y: number) => Point;

export function drawBody(face: Face): void {
  const { canvas, identity, view, head, palette, light } = face;
  const [cx, cy] = view.project([0, 60, 0]);
  const p: Place = (x, y) => [cx + x * view.scale, cy + (y - 60) * view.scale];
  const neck = 27 + 20 * (identity.head.jaw - 1);
  const right: readonly Point[] = [
    [neck, 50],
    [neck + 0.5, 78],
    [neck + 4, 96],
    [60, 118],
  ];
  const column = smooth(
    [...right.map(([x, y]) => p(x, y)), ...right.map(([x, y]) => p(-x, y)).reverse()],
    true,
  );
  canvas.path(column, { fill: palette.skin });
  const side = canvas.linear(p(light.from * neck, 80), p(-light.from * neck, 80), [
    [0, palette.shadow, 0.25],
    [1, palette.shadow, 0.4 + 0.5 * light.contrast],
  ]);
  canvas.path(column, { fill: side });
  const [sx, sy] = view.project([0, head.sections.at(-1)?.y ?? 0, 40]);
  const chinShadow: Point = [sx, sy + 2 * view.scale];
  canvas.spot(chinShadow, 44 * view.scale, 24 * view.scale, palette.crease, 0.75, canvas.clip(column));
  drawClothes(face, p, neck);
}

/** Height of the collar at the side of the neck, and how far it dips in front. */
const NECKLINE: Readonly<Record<(typeof CLOTHES)[number], { collar: number; dip: number }>> = {
  crew: { collar: 97, dip: 13 },
  shirt: { collar: 97, dip: 20 },
  hood: { collar: 97, dip: 12 },
  rollneck: { collar: 86, dip: 4 },
  jacket: { collar: 97, dip: 30 },
};

function drawClothes({ canvas, identity, view }: Face, p: Place, neck: number): void {
  const { style, colour: fabric, accent } = identity.clothes;
  const dark = hex(shade(colour(fabric), 0.62));
  const light = hex(mix(colour(fabric), [255, 255, 255], 0.16));
  const paint = canvas.linear(p(-70, 100), p(70, 130), [
    [0, light],
    [0.5, fabric],
    [1, dark],
  ]);
  const { collar, dip } = NECKLINE[style];
  const rim = (depth: number): Point[] => [
    p(-neck - 3, collar),
    p(-neck * 0.55, collar + depth * 0.75),
    p(0, collar + depth),
    p(neck * 0.55, collar + depth * 0.75),
    p(neck + 3, collar),
  ];
  const garment = (depth: number) => {
    const top = [p(-120, 150), p(-92, 122), p(-58, 110), ...rim(depth), p(58, 110), p(92, 122), p(120, 150)];
    return `${smooth(top)}L${p(120, 260).join(' ')}L${p(-120, 260).join(' ')}Z`;
  };
  if (style === 'jacket') canvas.path(garment(12), { fill: accent });
  canvas.path(garment(dip), { fill: paint });
  if (style === 'crew' || style === 'rollneck')
    canvas.path(smooth(rim(dip)), { stroke: dark, width: (style === 'rollneck' ? 10 : 4) * view.scale });
  const flap = FLAPS[style];
  if (flap === undefined) return;
  for (const side of [-1, 1]) {
    const shape = flap.map(([fromNeck = 0, x = 0, y = 0]) => p(side * (x + fromNeck * neck), y));
    canvas.path(smooth(shape, true), { fill: style === 'shirt' ? light : dark });
  }
}

/** One side of a collar, lapel or hood: [share of the neck's width, plus x, y]. */
const FLAPS: Readonly<Partial<Record<(typeof CLOTHES)[number], readonly (readonly number[])[]>>> = {
  hood: [
    [1, -2, 90],
    [1, 16, 96],
    [1, 26, 112],
    [1, 2, 118],
    [0, 6, 112],
  ],
  shirt: [
    [1, 2, 88],
    [1, 10, 104],
    [0, 16, 122],
    [0, 5, 112],
    [1, -4, 100],
  ],
  jacket: [
    [1, 2, 88],
    [1, 10, 104],
    [0, 16, 134],
    [0, 5, 118],
    [1, -4, 100],
  ],
};
