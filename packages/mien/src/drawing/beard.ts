// Beards: on the skin, under the lips, so that the mouth stays to be seen.

import type { Face, Side } from './face.js';
import { mouthOf } from './mouth.js';
import { between, type Point, smooth, stroke } from './svg.js';

export function drawBeard(face: Face): void {
  const { identity, canvas, palette, onHead } = face;
  const { beard } = identity;
  if (beard === 'none') return;
  if (beard === 'stubble') {
    drawStubble(face);
    return;
  }
  if (beard === 'full') canvas.path(jaw(face), { fill: palette.hair, clip: onHead, opacity: 0.94 });
  if (beard === 'goatee') canvas.path(goatee(face), { fill: palette.hair, opacity: 0.94 });
  canvas.path(moustache(face), { fill: palette.hair, opacity: 0.94 });
  if (beard === 'full') drawStrands(face);
}

const projected = ({ view, head }: Face, points: readonly Point[], lift = 0.8) =>
  points.map(([x, y]) => view.project(head.surface(x, y, lift)));

/** From ear to ear along the jaw, free of the cheeks and of a field under the lower lip. */
function jaw(face: Face): string {
  const { head, view } = face;
  const mouth = mouthOf(face);
  const half = (side: Side): Point[] => {
    const [x, y] = mouth.corner(side);
    const edge = (height: number): number => side * head.at(height).w * 0.985;
    return [
      [edge(6), 6],
      [side * 47, 28],
      [side * (Math.abs(x) + 12), 42],
      [side * (Math.abs(x) + 3), y - 4],
      [side * (Math.abs(x) + 1), y + 3],
    ];
  };
  const low = mouth.middle + 0.72 * mouth.gap + mouth.lower + 2;
  const upper = [
    ...half(-1),
    [-8, low] as Point,
    [0, low + 1] as Point,
    [8, low] as Point,
    ...half(1).reverse(),
  ];
  const bottom = head.sections
    .filter(({ y }) => y > 6)
    .map((section) => view.ends({ ...section, w: section.w + 1.5, d: section.d + 1.5 }));
  const contour = [...bottom.map(([left]) => left), ...bottom.map(([, right]) => right).reverse()];
  return between(projected(face, upper), contour);
}

function moustache(face: Face): string {
  const mouth = mouthOf(face);
  const [left, right] = [mouth.corner(-1), mouth.corner(1)];
  const up = mouth.middle - 0.28 * mouth.gap - mouth.upper;
  const top: Point[] = [
    [left[0] - 2, left[1] + 1],
    [-15, (up + left[1]) / 2 - 5],
    [-7, up - 5.5],
    [0, up - 4],
    [7, up - 5.5],
    [15, (up + right[1]) / 2 - 5],
    [right[0] + 2, right[1] + 1],
  ];
  const low: Point[] = [
    [left[0] - 2, left[1] + 1.5],
    [-14, (up + left[1]) / 2 + 2.5],
    [-6, up + 2],
    [0, up + 1.5],
    [6, up + 2],
    [14, (up + right[1]) / 2 + 2.5],
    [right[0] + 2, right[1] + 1.5],
  ];
  return between(projected(face, top, 3), projected(face, low, 3));
}

function goatee(face: Face): string {
  const mouth = mouthOf(face);
  const chin = (face.head.sections.at(-1)?.y ?? 85) - 1;
  const low = mouth.middle + 0.72 * mouth.gap + mouth.lower + 2.5;
  const points: Point[] = [
    [-4, low],
    [4, low],
    [13, low + 4],
    [15, (low + chin) / 2 + 3],
    [8, chin - 1],
    [0, chin],
    [-8, chin - 1],
    [-15, (low + chin) / 2 + 3],
    [-13, low + 4],
  ];
  return smooth(projected(face, points), true);
}

/** Shadows where a beard would grow. */
function drawStubble({ canvas, palette, view, head, onHead, units }: Face): void {
  const spot = (x: number, y: number, rx: number, ry: number) =>
    canvas.spot(
      view.project(head.surface(x, y)),
      rx * view.scale,
      ry * view.scale,
      palette.hairDark,
      0.4,
      onHead,
    );
  for (const side of [-1, 1]) {
    spot(side * 45, 34, 9, 22);
    spot(side * 36, 58, 16, 19);
    spot(side * 17, 70, 20, 15);
    spot(side * 11, 46 - 2 * units.AU12, 13, 5.5);
  }
  spot(0, 76, 22, 13);
}

function drawStrands(face: Face): void {
  const { canvas, palette, view, onHead } = face;
  const strands = ['', ''];
  for (let i = -5; i <= 5; i++) {
    const x = i * 7;
    const line: Point[] = [
      [x, 66 - Math.abs(i) * 2.4],
      [x * 0.96, 73 - Math.abs(i) * 2],
      [x * 0.9, 80 - Math.abs(i) * 1.8],
    ];
    strands[Math.abs(i) % 2] += stroke(projected(face, line), 1.6 * view.scale);
  }
  canvas.path(strands[0] ?? '', { fill: palette.hairLight, opacity: 0.5, clip: onHead });
  canvas.path(strands[1] ?? '', { fill: palette.hairDark, opacity: 0.5, clip: onHead });
}
