// Eyes: lids that open (AU5), tighten (AU7), are pushed up from below (AU6), droop (AU43) and blink (AU45).

import { colour, hex, mix, shade } from './colour.js';
import type { Face, Side } from './face.js';
import { between, type Point, smooth, stroke } from './svg.js';

/** Samples along a lid, from the inner corner to the outer one. */
const T = [0, 0.1, 0.25, 0.42, 0.6, 0.78, 0.92, 1] as const;
/** The upper lid is highest nearer the nose, the lower lid lowest nearer the temple. */
const upperShape = (t: number) => Math.sin(Math.PI * t ** 0.85) ** 0.8;
const lowerShape = (t: number) => Math.sin(Math.PI * t ** 1.25) ** 0.85;

interface Eye {
  side: Side;
  centre: Point;
  half: number;
  /** Of the lids above and below the line between the corners, in drawing units; `upper` is < 0 when it is closed. */
  upper: number;
  lower: number;
  closed: number;
}

function eyeOf({ identity, act }: Face, side: Side): Eye {
  const { size, apart, opening } = identity.eyes;
  const closed = Math.min(1, Math.max(act('AU45', side), act('AU43', side)));
  const lower =
    size *
    Math.max(
      1.2,
      4.6 -
        2.6 * act('AU7', side) -
        2.6 * act('AU6', side) -
        0.5 * act('AU12', side) +
        0.5 * act('AU5', side),
    );
  const open =
    size *
    opening *
    Math.max(
      2.6,
      6.6 + 3.8 * act('AU5', side) - 2.2 * act('AU7', side) - 1 * act('AU6', side) - 0.8 * act('AU9', side),
    );
  return {
    side,
    centre: [side * 26 * apart, 0],
    half: 13.2 * size,
    upper: open * (1 - closed) - lower * 0.82 * closed,
    lower,
    closed,
  };
}

/** A curve over the eye: `height(t)` above the line between the corners. */
function lid(face: Face, eye: Eye, height: (t: number) => number, grow = 0): Point[] {
  const { view, head, identity } = face;
  const { side, centre, half } = eye;
  return T.map((t) => {
    const x = centre[0] + side * (2 * t - 1) * (half + grow);
    const base = centre[1] + 1.2 - (1.2 + identity.eyes.tilt) * t;
    return view.project(head.surface(x, base - height(t), -2));
  });
}

export function drawEyes(face: Face): void {
  for (const side of [-1, 1] as const) drawEye(face, eyeOf(face, side));
}

function drawEye(face: Face, eye: Eye): void {
  const { canvas, palette, view, identity, act } = face;
  const { upper, lower, side, closed } = eye;
  const top = lid(face, eye, (t) => upper * upperShape(t));
  const bottom = lid(face, eye, (t) => -lower * lowerShape(t));
  // The skin of the upper lid, up to its crease: more of it is seen the further the lid comes down.
  const crease = 1.6 + (3.4 - 1.2 * act('AU5', side)) * (1 - 0.6 * identity.eyes.hooded) + 3.2 * closed;
  const fold = lid(face, eye, (t) => upper * upperShape(t) + crease * (0.35 + 0.65 * upperShape(t)), 1.2);
  canvas.path(between(fold, top), { fill: palette.lid });
  canvas.path(stroke(fold, 1.3 * view.scale), {
    fill: palette.crease,
    opacity: 0.75 * (1 - 0.55 * identity.eyes.hooded) + 0.15 * act('AU5', side),
  });
  if (upper > -lower * 0.7) drawBall(face, eye, between(top, bottom));
  drawLashes(face, eye, top, bottom);
}

function drawBall(
  { canvas, palette, view, head, identity, actions, light }: Face,
  eye: Eye,
  aperture: string,
): void {
  const { centre, side, upper } = eye;
  const clip = canvas.clip(aperture);
  canvas.path(aperture, { fill: '#f3ede7' });
  const [gx, gy] = actions.gaze ?? [0, 0];
  const { size } = identity.eyes;
  const iris = colour(identity.eyes.iris);
  const r = 6.4 * size * view.scale;
  const at = view.project(head.surface(centre[0] + gx * 4.5, centre[1] - 1.4 + gy * 2.5, -1));
  const [cx, cy] = at;
  const [sx, sy] = view.project(head.surface(centre[0] - side * 9, 0, -2));
  canvas.spot([sx, sy], 6, 7, '#c99d92', 0.6, clip);
  const paint = canvas.radial([cx, cy + r * 0.25], r, [
    [0, hex(mix(iris, [255, 240, 220], 0.28))],
    [0.65, hex(iris)],
    [1, hex(shade(iris, 0.42))],
  ]);
  canvas.circle(at, r, { fill: paint, clip });
  canvas.circle(at, r * (0.4 + 0.22 * (actions.pupil ?? 0)), { fill: '#0e0a09', clip });
  // The upper lid's shadow on the ball, then the light's reflection.
  const [, topY] = view.project(head.surface(centre[0], centre[1] - upper, -2));
  canvas.ellipse([cx, topY - 1], 15 * view.scale, 4.2 * view.scale, {
    fill: palette.lash,
    opacity: 0.28,
    clip,
  });
  canvas.circle([cx + light.from * r * 0.4, cy - r * 0.35], r * 0.24, {
    fill: '#ffffff',
    opacity: 0.95,
    clip,
  });
}

function drawLashes(
  { canvas, palette, view, identity }: Face,
  eye: Eye,
  top: Point[],
  bottom: Point[],
): void {
  const { side, closed } = eye;
  const k = view.scale * (0.75 + 0.35 * identity.eyes.lashes);
  const [ox, oy] = top.at(-1) as Point;
  const flick: Point = [ox + side * 2.2 * identity.eyes.lashes, oy - 1.6 * identity.eyes.lashes + 3 * closed];
  canvas.path(
    stroke([...top, flick], 2.7 * k, (t) => 0.35 + 0.65 * Math.sin(Math.PI * Math.min(1, t * 0.95) ** 1.3)),
    {
      fill: palette.lash,
    },
  );
  canvas.path(stroke(bottom, 1.1 * k), { fill: palette.lash, opacity: 0.55 });
  if (identity.eyes.lashes < 0.7) return;
  let lashes = '';
  for (const t of [4, 5, 6, 7]) {
    const [x, y] = top[t] as Point;
    const long = (1.2 + 0.55 * t) * identity.eyes.lashes * 0.8;
    lashes += smooth([
      [x, y],
      [x + side * long * 0.75, y - long * (closed > 0.6 ? -0.7 : 0.8)],
    ]);
  }
  canvas.path(lashes, { stroke: palette.lash, width: 0.8 * k });
}
