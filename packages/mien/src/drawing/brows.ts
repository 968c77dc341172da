// Eyebrows: where AU1, AU2 and AU4 act.

import { Random } from '../random/index.js';
import type { Face, Side } from './face.js';
import { type Point, resample, smooth, stroke } from './svg.js';

/** Points of a brow from its inner to its outer end, for an average face. */
const X = [11, 19, 28, 37, 45] as const;
const Y = [-16.2, -18.4, -20, -19.4, -14.8] as const;
/** How far each point rises with a unit at its strongest (FACS: AU1 the inner part, AU2 the outer, AU4 all, inward). */
const AU1 = [12.5, 9.8, 4.2, 0.4, -0.6] as const;
const AU2 = [0, 1.8, 7.5, 11, 9] as const;
const AU4 = [-9, -8.4, -6, -3, -0.6] as const;
/** AU1 holds the inner part up against AU4: together they make the oblique brow of grief. */
const AU1_HOLDS = [1, 0.8, 0.3, 0, 0] as const;
const AU4_INWARD = [5, 4.2, 3, 1.8, 0.8] as const;
const AU9 = [-4, -3, -1, 0, 0] as const;
const AU6 = [0, 0, -0.5, -1.6, -2.2] as const;

/** @returns the middle line from the inner to the outer end, in face coordinates, `side` included */
export function browLine({ identity, act }: Face, side: Side): Point[] {
  const { brows, eyes } = identity;
  const raised = act('AU1', side);
  const lowered = act('AU4', side);
  return X.map((x, i): Point => {
    const of = (profile: readonly number[]) => profile[i] ?? 0;
    const rise =
      raised * of(AU1) +
      act('AU2', side) * of(AU2) +
      lowered * of(AU4) * (1 - 0.75 * raised * of(AU1_HOLDS)) +
      act('AU9', side) * of(AU9) +
      act('AU6', side) * of(AU6) +
      brows.height +
      (i === 2 || i === 3 ? brows.arch : 0);
    const out = 11 + (x - 11) * brows.length;
    return [side * (out * eyes.apart - act('AU4', side) * of(AU4_INWARD)), of(Y) - rise];
  });
}

export function drawBrows(face: Face): void {
  const { canvas, identity, view, head, palette } = face;
  const random = Random.seeded(identity.seed + 1);
  for (const side of [-1, 1] as const) {
    const seen = browLine(face, side).map(([x, y]) => view.project(head.surface(x, y, 2.5)));
    const line = resample(seen, 13);
    const widest = 6 * identity.brows.thickness * view.scale;
    const width = (t: number) =>
      t < 0.35 ? 0.3 + 0.7 * Math.sin((Math.PI / 2) * (t / 0.35)) : 1 - ((t - 0.35) / 0.65) ** 1.4 * 0.88;
    canvas.path(stroke(line, widest * 1.35, width), { fill: palette.shadow, opacity: 0.35 });
    canvas.path(stroke(line, widest, width), { fill: identity.brows.colour, opacity: 0.92 });
    // Single hairs, which lean more the further out they grow.
    let hairs = '';
    for (let i = 0; i < 11; i++) {
      const t = 0.02 + (0.72 * (i + random.float())) / 11;
      const at = Math.floor(t * 12);
      const [[ax, ay], [bx, by]] = [line[at] as Point, line[at + 1] as Point];
      const [x, y] = [ax + (bx - ax) * (t * 12 - at), ay + (by - ay) * (t * 12 - at)];
      const length = Math.hypot(bx - ax, by - ay);
      const [dx, dy] = [(bx - ax) / length, (by - ay) / length];
      const long = widest * (0.5 - 0.25 * t);
      const lean = 0.25 + 1.3 * t;
      const hair: Point[] = [
        [x - dx * long * lean * 0.5, y - dy * long * lean * 0.5 + long * 0.5],
        [x + dx * long * lean, y + dy * long * lean - long * 0.95],
      ];
      hairs += smooth(hair);
    }
    canvas.path(hairs, { stroke: identity.brows.colour, width: 0.6 * view.scale, opacity: 0.75 });
  }
}
