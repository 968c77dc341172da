// The mouth: corners that are pulled up and out (AU12), down (AU15) and sideways (AU20), lips that part (AU25), thin
// (AU23, AU24), rise (AU10) and are pushed up from below (AU17), and what is seen between them.

import type { Face, Side } from './face.js';
import { between, type Point, smooth, stroke } from './svg.js';

/** Samples across the mouth, from its left corner to the right one. */
const T = [-1, -0.86, -0.66, -0.44, -0.22, 0, 0.22, 0.44, 0.66, 0.86, 1] as const;

/** Height of the mouth of an average face. */
const MOUTH_Y = 54;

export interface Mouth {
  /** Face coordinates; see `head.ts`. */
  corner(side: Side): Point;
  /** Height of the lips' line in the middle, closed. */
  middle: number;
  /** Between the lips in the middle, in drawing units. */
  gap: number;
  /** How far each lip is thick in the middle. */
  upper: number;
  lower: number;
}

export function mouthOf({ identity, units, act }: Pick<Face, 'identity' | 'units' | 'act'>): Mouth {
  const shape = identity.mouth;
  const { AU10, AU12, AU15, AU17, AU20, AU23, AU24, AU25, AU26 } = units;
  const middle =
    MOUTH_Y * (0.5 + 0.5 * identity.head.lowerFace) - 2.2 * AU17 - 1.2 * AU15 + 0.8 * AU12 - 1.2 * AU10;
  const thin = (1 - 0.28 * AU12) * (1 - 0.48 * AU20) * (1 - 0.5 * AU23) * (1 - 0.68 * AU24);
  return {
    middle,
    gap: AU25 * (7 + 12 * AU26),
    upper: 5.4 * shape.upper * thin * (1 + 0.2 * AU10 - 0.15 * AU25 * AU26),
    lower: 7.2 * shape.lower * thin * (1 + 0.12 * AU17 - 0.12 * AU25 * AU26),
    corner(side) {
      const [up, down, out] = [act('AU12', side), act('AU15', side), act('AU20', side)];
      const x =
        20.5 * shape.width + 6.5 * up + 10 * out + 0.6 * down - 3.5 * AU23 - 2 * AU24 - 3.5 * AU26 * AU25;
      return [side * x, middle - 0.7 * shape.corners - 9 * up + 10.5 * down + 0.4 * out + 4.5 * AU26 * AU25];
    },
  };
}

/** The four curves of the lips, left to right, as seen. */
function lips(face: Face, mouth: Mouth) {
  const { view, head, units, identity } = face;
  const [left, right] = [mouth.corner(-1), mouth.corner(1)];
  const square = 0.5 * units.AU20 + 0.25 * units.AU12; // of the opening: corners far from round
  const bow = identity.mouth.bow;
  const curve = (height: (t: number, line: number) => number, lift: number) =>
    T.map((t) => {
      const [x, y] = t < 0 ? left : right;
      const bend = 1.7 + 0.9 * units.AU15;
      const line = mouth.middle + (y - mouth.middle) * Math.abs(t) ** bend;
      return view.project(head.surface(Math.abs(t) * x, height(t, line), lift * (1 - 0.8 * t * t)));
    });
  const open = (t: number) => (1 - Math.abs(t) ** (2 + 2 * square)) ** 0.9;
  const raised = (t: number) => 2.6 * units.AU10 * (1 - Math.abs(t) ** 3) * Math.min(1, mouth.gap / 4);
  const innerUp = (t: number, line: number) => line - 0.28 * mouth.gap * open(t) - raised(t);
  const innerLow = (t: number, line: number) => line + 0.72 * mouth.gap * open(t);
  const peak = (t: number) => {
    const a = Math.abs(t);
    const dip = 0.3 * bow * Math.exp(-((a / 0.14) ** 2));
    const square10 = 0.55 * units.AU10 * Math.exp(-(((a - 0.5) / 0.25) ** 2));
    return (1 - a ** 1.6) ** 0.85 * (1.08 - dip) + square10;
  };
  const full = (t: number) => (1 - t * t) ** 0.75;
  return {
    outerUp: curve((t, line) => innerUp(t, line) - mouth.upper * peak(t), 3),
    innerUp: curve(innerUp, 4),
    innerLow: curve(innerLow, 4),
    outerLow: curve((t, line) => innerLow(t, line) + mouth.lower * full(t), 3),
    teeth: (tall: number) => curve((t, line) => innerUp(t, line) + tall * (1 - t ** 4), 1),
    lowerTeeth: (tall: number) => curve((t, line) => innerLow(t, line) - tall * (1 - t ** 4), 1),
    middle: curve((_, line) => line, 4),
  };
}

export function drawMouth(face: Face): void {
  const { canvas, palette, view, head, light, units } = face;
  const mouth = mouthOf(face);
  const curves = lips(face, mouth);
  const s = view.scale;
  const [mx, my] = view.project(head.surface(0, mouth.middle, 3));
  if (mouth.gap > 0.3) drawInside(face, mouth, curves);
  const upperPaint = canvas.linear(
    [mx, my - 8 * s],
    [mx, my + 2 * s],
    [
      [0, palette.lipLower],
      [1, palette.lipUpper],
    ],
  );
  canvas.path(between(curves.outerUp, curves.innerUp), { fill: upperPaint });
  canvas.path(between(curves.innerLow, curves.outerLow), { fill: palette.lipLower });
  const [lx, ly] = view.project(
    head.surface(light.from * 6, mouth.middle + 0.72 * mouth.gap + mouth.lower * 0.45, 4),
  );
  canvas.spot([lx, ly], 11 * s, 0.42 * mouth.lower * s, palette.lipLight, 0.8);
  // The shadow under the lower lip, and the line where closed lips meet.
  const low = curves.outerLow.slice(2, -2).map(([x, y]): Point => [x, y + 0.8 * s]);
  canvas.path(stroke(low, 1.8 * s), { fill: palette.crease, opacity: 0.45 });
  const tight = 1 + 0.8 * units.AU24 + 0.4 * units.AU23;
  canvas.path(
    stroke(curves.innerUp, 1.7 * s * tight, (t) => 0.5 + 0.5 * Math.sin(Math.PI * t)),
    {
      fill: palette.lipLine,
      opacity: mouth.gap > 1.5 ? 0.6 : 0.95,
    },
  );
  for (const side of [-1, 1] as const) {
    const [x, y] = mouth.corner(side);
    canvas.spot(view.project(head.surface(x, y, 2)), 3 * s, 2.6 * s, palette.crease, 0.85);
  }
}

function drawInside(
  { canvas, view, head, units }: Face,
  mouth: Mouth,
  curves: ReturnType<typeof lips>,
): void {
  const aperture = between(curves.innerUp, curves.innerLow);
  canvas.path(aperture, { fill: '#3f1215' });
  const clip = canvas.clip(aperture);
  const s = view.scale;
  if (mouth.gap > 8) {
    const at = view.project(head.surface(0, mouth.middle + 0.72 * mouth.gap + 1, -2));
    canvas.ellipse(at, 12 * s, 0.42 * mouth.gap * s, { fill: '#a8484c', clip });
  }
  const tall = Math.min(6.2 - 1.4 * units.AU26, 0.6 * mouth.gap + 1.2);
  const teeth = curves.teeth(tall);
  canvas.path(between(curves.innerUp, teeth), { fill: '#f1ebe2', clip });
  const gaps = [3, 4, 5, 6, 7].map((i) => smooth([curves.innerUp[i] as Point, teeth[i] as Point]));
  const lines = smooth(teeth.slice(1, -1)) + gaps.join('');
  canvas.path(lines, { stroke: '#b9a79c', width: 0.55 * s, opacity: 0.55, clip });
  const bared = Math.min(1, 1.4 * units.AU20) * (1 - 0.5 * units.AU26);
  if (bared > 0.05)
    canvas.path(between(curves.lowerTeeth(0.34 * mouth.gap * bared), curves.innerLow), {
      fill: '#e6ddd2',
      clip,
    });
}
