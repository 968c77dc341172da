// Lines, folds and bulges that units make in the skin, beside those that age has left.

import type { Face, Side } from './face.js';
import { mouthOf } from './mouth.js';
import { type Point, stroke } from './svg.js';

const SIDES: readonly Side[] = [-1, 1];

/** Draws folds by their points in face coordinates. */
function folder({ canvas, view, head, palette }: Face) {
  return (points: readonly Point[], depth: number, widest = 2): void => {
    if (depth <= 0.02) return;
    const seen = (dy: number) => points.map(([x, y]) => view.project(head.surface(x, y + dy, 0.5)));
    const s = view.scale;
    // A fold is dark, with light on the skin that bulges below it.
    canvas.path(stroke(seen(1.5), widest * 1.2 * s), {
      fill: palette.light,
      opacity: 0.65 * Math.min(1, depth),
    });
    canvas.path(stroke(seen(0), widest * (0.6 + 0.4 * Math.min(1, depth)) * s), {
      fill: palette.crease,
      opacity: 0.85 * Math.min(1, depth),
    });
  };
}

export function drawLines(face: Face): void {
  drawForehead(face);
  drawFrown(face);
  drawAroundEyes(face);
  drawNoseWrinkles(face);
  drawCheekFolds(face);
  drawChin(face);
}

/** Of a furrow above the outer half of a brow. */
const LATERAL: readonly Point[] = [
  [14, 1],
  [23, -1],
  [32, -2],
  [41, -0.5],
  [46, 3],
];

/** AU1 furrows the middle of the forehead, AU2 its sides. */
function drawForehead(face: Face): void {
  const { identity, units, act } = face;
  const fold = folder(face);
  const age = 0.3 * Math.max(0, identity.age - 0.3);
  const rise = 2.5 * Math.max(units.AU1, units.AU2);
  for (const [row, y] of [-31, -37.5, -44].entries()) {
    const weak = 1 - 0.2 * row;
    const up = y - rise;
    const oblique = 2.5 * units.AU1 * (1 - units.AU2); // AU1 alone makes an arch that is highest in the middle
    fold(
      [-19, -10, 0, 10, 19].map((x): Point => [x, up + oblique * (x / 19) ** 2 - 0.5]),
      weak * (units.AU1 * 0.95 + age),
      2.1,
    );
    for (const side of SIDES)
      fold(
        LATERAL.map(([x, y]): Point => [side * x, up + y]),
        weak * (act('AU2', side) * 0.95 + age),
        2.1,
      );
  }
}

/** AU4: upright furrows between the brows, and the skin that bulges there. */
function drawFrown(face: Face): void {
  const { identity, units, canvas, view, head, palette } = face;
  const fold = folder(face);
  const depth = units.AU4;
  const age = 0.25 * Math.max(0, identity.age - 0.4);
  canvas.spot(view.project(head.surface(0, -13)), 9, 11, palette.shadow, 0.55 * depth, face.onHead);
  canvas.spot(view.project(head.surface(0, -16, 2)), 3.5, 8, palette.light, 0.6 * depth, face.onHead);
  for (const side of SIDES)
    fold(
      [
        [side * 6.5, -27],
        [side * 4.6, -20],
        [side * 4.8, -13],
        [side * 6.5, -8],
      ],
      depth + age,
      2.8,
    );
}

/** AU6: the cheek pushes up a pouch under the eye and fans lines at its corner; AU7 only straightens the lid. */
function drawAroundEyes(face: Face): void {
  const { identity, act, canvas, view, head, palette } = face;
  const { apart, size } = identity.eyes;
  const fold = folder(face);
  for (const side of SIDES) {
    const raised = act('AU6', side);
    const age = 0.4 * Math.max(0, identity.age - 0.35);
    const cx = 26 * apart;
    const p = (x: number, y: number, lift = 0) => view.project(head.surface(side * x, y, lift));
    canvas.spot(p(cx, 8), 14, 5, palette.shadow, 0.25 + 0.3 * age, face.onHead, side * 8);
    fold(
      [
        [side * (cx - 11), 7],
        [side * (cx - 5), 10.5 - 1.6 * raised],
        [side * (cx + 3), 11.5 - 2.4 * raised],
        [side * (cx + 12), 8 - 2.4 * raised],
      ],
      raised * 0.9 + 0.6 * age + 0.25 * act('AU7', side),
      2.4,
    );
    canvas.spot(p(cx + 5, 19 - 3 * raised, 2), 17, 8, palette.light, 0.75 * raised, face.onHead, side * -14);
    const corner = cx + 13.2 * size + 2;
    for (const [dy, slope] of [
      [-3.5, -5.5],
      [0.5, -0.5],
      [4, 5],
    ] as const)
      fold(
        [
          [side * corner, dy],
          [side * (corner + 4.5), dy + slope * 0.4],
          [side * Math.min(54, corner + 10), dy + slope],
        ],
        raised * 0.95 + 0.7 * age,
        1.9,
      );
  }
}

/** AU9: across the bridge and beside it. */
function drawNoseWrinkles(face: Face): void {
  const fold = folder(face);
  const { AU9 } = face.units;
  for (const y of [-4, 1.5, 7])
    fold(
      [
        [-7.5, y + 2],
        [0, y - 1],
        [7.5, y + 2],
      ],
      AU9 * 0.9,
      1.9,
    );
  for (const side of SIDES)
    fold(
      [
        [side * 8, 3],
        [side * 11, 12],
        [side * 14, 22],
      ],
      AU9 * 0.8,
      2,
    );
}

/** The fold from nose to mouth, which AU12 bows out, AU9 and AU10 deepen and AU15 draws down; lines at the corners. */
function drawCheekFolds(face: Face): void {
  const { identity, act, canvas, view, head, palette } = face;
  const fold = folder(face);
  const mouth = mouthOf(face);
  for (const side of SIDES) {
    const of = (unit: Parameters<typeof act>[0]) => act(unit, side);
    const [smile, down, stretch, upper] = [
      of('AU12'),
      of('AU15'),
      of('AU20'),
      Math.max(of('AU10'), of('AU9')),
    ];
    const age = 0.5 * Math.max(0, identity.age - 0.3);
    const [x, y] = mouth.corner(side);
    const reach = Math.abs(x) + 5.5 - 1.5 * down;
    const wing = 15.5 * identity.nose.width;
    fold(
      [
        [side * wing, 29 - 2.5 * upper],
        [side * (wing + 4 + 3 * smile + 2 * upper), 36 - 2 * upper],
        [side * (reach - 1 + 2 * smile), 45 - 2 * smile + 2 * stretch],
        [side * reach, y - 1 + 3 * (1 - smile)],
      ],
      0.14 + age + 0.8 * smile + 0.75 * upper + 0.15 * stretch + 0.1 * down + 0.2 * of('AU6'),
      2.5,
    );
    canvas.spot(
      view.project(head.surface(side * 35, 26 - 3 * smile, 2)),
      15,
      11,
      palette.light,
      0.5 * smile,
      face.onHead,
    );
    // AU15: the pouch below the corner. AU20: upright brackets beside it. AU12: the dimple.
    fold(
      [
        [side * (Math.abs(x) + 0.5), y + 0.5],
        [side * (Math.abs(x) + 3), y + 5],
        [side * (Math.abs(x) + 2.5), y + 12],
      ],
      0.95 * down + 0.5 * age,
      3.2,
    );
    canvas.spot(
      view.project(head.surface(side * (Math.abs(x) - 3), y + 7)),
      7,
      6,
      palette.shadow,
      0.8 * down,
      face.onHead,
    );
    fold(
      [
        [side * (Math.abs(x) + 4), y - 7],
        [side * (Math.abs(x) + 6), y - 0.5],
        [side * (Math.abs(x) + 5), y + 6],
      ],
      0.95 * stretch,
      2.8,
    );
  }
}

/** AU17 pushes the chin up into a dimpled ball; AU20 flattens it. */
function drawChin(face: Face): void {
  const { units, canvas, view, head, palette } = face;
  const fold = folder(face);
  const mouth = mouthOf(face);
  const top = mouth.middle + 0.72 * mouth.gap + mouth.lower;
  const p = (x: number, y: number, lift = 0) => view.project(head.surface(x, y, lift));
  canvas.spot(p(0, top + 3.5), 14, 5, palette.shadow, 0.4, face.onHead);
  const { AU17 } = units;
  fold(
    [
      [-14, top + 7],
      [-7, top + 3.5],
      [0, top + 2.5],
      [7, top + 3.5],
      [14, top + 7],
    ],
    0.9 * AU17,
    2.6,
  );
  canvas.spot(p(0, top + 11, 2), 11, 7, palette.light, 0.7 * AU17, face.onHead);
  for (const [x, y] of [
    [-5, 11],
    [0, 14],
    [5, 11],
    [-2, 9],
    [3, 15],
  ] as const)
    canvas.spot(p(x, top + y), 1.5, 1.3, palette.crease, 0.7 * AU17, face.onHead);
}
