// Hair: a mass behind the head, and one in front that ends at the hairline. Both follow the head as it turns.

import { Random } from '../random/index.js';
import type { Face, Side } from './face.js';
import { outline, type Section } from './head.js';
import type { HairStyle } from './identity.js';
import { drawScarf } from './scarf.js';
import { between, disc, type Point, resample, smooth, stroke } from './svg.js';

interface Style {
  /** How far it stands out from the skull above and at the sides, in drawing units. */
  top: number;
  sides: number;
  /** Down to which height it falls at the sides. */
  end: number;
  /** The hairline from the middle to the side: [share of the half width, above the identity's hairline]. */
  fringe: readonly Point[];
  /** Down to which height it falls behind the head. */
  back?: number;
  /** How the strands end at the hairline: combed up from it, or hanging over it. */
  locks?: 'up' | 'down';
  wave?: number;
}

const HIGH: readonly Point[] = [
  [0, 0],
  [0.35, 1],
  [0.62, -5],
  [0.8, -16],
  [0.88, -30],
  [0.95, -42],
];
const PARTED: readonly Point[] = [
  [0, 7],
  [0.3, 2],
  [0.62, -10],
  [0.86, -26],
  [0.98, -44],
];
const FRINGE: readonly Point[] = [
  [0, -8],
  [0.3, -7],
  [0.6, -9],
  [0.8, -17],
  [0.9, -30],
  [0.96, -42],
];

const STYLES: Readonly<Record<Exclude<HairStyle, 'bald' | 'scarf'>, Style>> = {
  buzz: { top: 1.5, sides: 0.5, end: 6, fringe: HIGH },
  short: { top: 10, sides: 3, end: 12, fringe: HIGH, locks: 'up' },
  parted: { top: 11, sides: 4, end: 14, fringe: HIGH, locks: 'up' },
  fringe: { top: 9, sides: 5, end: 12, fringe: FRINGE, locks: 'down' },
  curls: { top: 12, sides: 9, end: 14, fringe: HIGH },
  bob: { top: 8, sides: 11, end: 60, fringe: FRINGE, back: 58, locks: 'down' },
  long: { top: 6, sides: 8, end: 150, fringe: PARTED, back: 150 },
  wavy: { top: 9, sides: 14, end: 150, fringe: PARTED, back: 150, wave: 4 },
  bun: { top: 4, sides: 2.5, end: 10, fringe: HIGH },
};

/** What hangs lower than this no longer follows the skull. */
const EARS = 20;

/** Sections of the hair's outside, down to `end`: over the skull it follows it, below the ears it hangs. */
function outside({ head, identity }: Face, style: Style, end: number): Section[] {
  const { volume } = identity.hair;
  const skull = head.sections.filter(({ y }) => y < 0);
  const widest = Math.max(...skull.map(({ w }) => w));
  const grown = skull.map(({ y, w, zc, d }): Section => {
    const up = Math.max(0, -y / 84);
    const out = volume * (style.sides + (style.top - style.sides) * up ** 2);
    return { y: y - out * up ** 3, w: w + out * (1 - 0.35 * up), zc, d: d + out };
  });
  if (end < EARS) {
    grown.push({ ...head.at(end), w: head.at(end).w * 0.97 });
    return grown;
  }
  const hanging = widest + volume * style.sides;
  for (let y = 10; y < end - 14; y += 14)
    grown.push({ y, w: hanging + (style.wave ?? 0) * Math.sin(y / 9), zc: -2, d: 52 });
  grown.push({ y: end - 4, w: hanging - 1, zc: -2, d: 52 }, { y: end, w: hanging - 6, zc: -2, d: 50 });
  return grown;
}

export function drawBackHair(face: Face): void {
  const { identity, canvas, palette, view } = face;
  const { style: name } = identity.hair;
  if (name === 'bald') return;
  if (name === 'scarf') {
    drawScarf(face, 'behind');
    return;
  }
  const style = STYLES[name];
  if (name === 'bun') {
    const at = view.project([0, -92, -18]);
    canvas.circle(at, 21 * view.scale, { fill: palette.hair });
    canvas.circle([at[0], at[1] + 5], 17 * view.scale, { fill: palette.hairDark, opacity: 0.4 });
  }
  const sections = outside(face, style, style.back ?? style.end);
  if (style.end < EARS) sections.pop(); // no hair shows behind the ears
  const last = sections.at(-1) as Section;
  sections.push({ ...last, y: last.y + 4, w: last.w * 0.6, d: last.d * 0.6 });
  canvas.path(smooth(outline(view, sections), true), { fill: palette.hairDark });
  if (name !== 'curls') return;
  const random = Random.keyed(identity.seed, 3);
  const rim = sections.slice(0, -2).flatMap((section) => view.ends(section));
  const bumps = rim.map((at) => disc(at, random.between(8, 12) * view.scale)).join('');
  canvas.path(bumps, { fill: palette.hairDark });
}

/** The hairline from left to right, as seen. */
function hairline({ identity, head, view }: Face, style: Style): Point[] {
  const { line, part } = identity.hair;
  const lean = style.locks === undefined ? 0 : part;
  const half = (side: Side) =>
    style.fringe.map(([share, up]): Point => {
      const y = -line - up - lean * side * 5 * (1 - share);
      return view.project(head.surface(side * share * head.at(y).w, y, 1.5));
    });
  return [...half(-1).reverse(), ...half(1).slice(1)];
}

/** Below the hairline's outer end the hair hangs beside the face. */
function besideFace({ head, view }: Face, side: Side, end: number): Point[] {
  const place = (y: number): Point => {
    const face = Math.min(y, 34);
    const [x, seen] = view.project(head.surface(side * head.at(face).w * 0.975, face, 1));
    return [x, seen + (y - face) * view.scale];
  };
  const points: Point[] = [];
  for (let y = -2; y < end - 7; y += 14) points.push(place(y));
  return [...points, place(end)];
}

export function drawFrontHair(face: Face): void {
  const { identity, canvas, palette, view, light } = face;
  const { style: name } = identity.hair;
  if (name === 'bald') return;
  if (name === 'scarf') {
    drawScarf(face, 'front');
    return;
  }
  const style = STYLES[name];
  const ends = outside(face, style, style.end).map((section) => view.ends(section));
  const outer = [...ends.map(([left]) => left).reverse(), ...ends.slice(1).map(([, right]) => right)];
  const line = hairline(face, style);
  if (name === 'curls') {
    drawCurls(face, outer, line);
    return;
  }
  const [left, right] = [besideFace(face, -1, style.end), besideFace(face, 1, style.end)];
  const inside = [...left.reverse(), ...line, ...right];
  const paint = canvas.linear(
    view.project([light.from * 50, -80, 20]),
    view.project([-light.from * 50, 20, 20]),
    [
      [0, palette.hairLight],
      [0.35, palette.hair],
      [1, palette.hairDark],
    ],
  );
  if (name === 'buzz') {
    canvas.path(between(outer, inside), { fill: palette.hair, opacity: 0.82 });
    return;
  }
  canvas.path(between(outer, inside), { fill: paint });
  drawStrands(face, outer, inside);
  if (style.locks !== undefined) drawLocks(face, style.locks, outer, line);
}

/** A point at t in 0 … 1 of a curve given by points. */
function sample(points: readonly Point[], t: number): Point {
  const place = t * (points.length - 1);
  const i = Math.min(points.length - 2, Math.floor(place));
  return blend(points[i] as Point, points[i + 1] as Point, place - i);
}

const blend = (a: Point, b: Point, share: number): Point => [
  a[0] + (b[0] - a[0]) * share,
  a[1] + (b[1] - a[1]) * share,
];

/** Brush strokes between the outside and the hairline, the way the hair is combed. */
function drawStrands({ canvas, palette, view }: Face, outer: Point[], inside: Point[]): void {
  const strands = { light: '', dark: '' };
  for (let layer = 1; layer <= 4; layer++)
    for (const [from, to] of [
      [0.04, 0.46],
      [0.96, 0.54],
    ] as const) {
      const line = Array.from({ length: 9 }, (_, i) => {
        const t = from + ((to - from) * i) / 8;
        return blend(sample(outer, t), sample(inside, t), layer / 5);
      });
      if (layer % 2 === 0) strands.light += stroke(line, 2.4 * view.scale);
      else strands.dark += stroke(line, 1.8 * view.scale);
    }
  canvas.path(strands.dark, { fill: palette.hairDark, opacity: 0.4 });
  canvas.path(strands.light, { fill: palette.hairLight, opacity: 0.4 });
}

/** Locks that break up the hairline. */
function drawLocks(face: Face, way: 'up' | 'down', outer: Point[], line: Point[]): void {
  const { canvas, palette, view, identity } = face;
  const random = Random.keyed(identity.seed, 4);
  const n = 15;
  const locks = new Map<string, string>();
  const lean = (identity.hair.part >= 0 ? 1 : -1) * (0.05 + 0.07 * Math.abs(identity.hair.part));
  for (let i = 0; i < n; i++) {
    const t = 0.14 + (0.72 * (i + random.between(0.2, 0.8))) / n;
    const root = sample(line, t);
    const far = sample(outer, Math.min(1, Math.max(0, t + lean * 2)));
    const reach = random.between(0.35, 0.6);
    const over = random.between(2, way === 'up' ? 5 : 9);
    const tip: Point = [root[0] + lean * -20 * (way === 'up' ? 1 : -1), root[1] + over * view.scale];
    const middle = blend(blend(root, far, reach * 0.4), [root[0] + lean * 30, root[1]], 0.15);
    const lock = resample([tip, root, middle, blend(root, far, reach)], 9);
    const tone = [palette.hair, palette.hairDark, palette.hair, palette.hairLight][
      random.integer(4)
    ] as string;
    const width = (at: number) => Math.sin(Math.PI * at ** 0.8);
    locks.set(tone, (locks.get(tone) ?? '') + stroke(lock, random.between(6, 9) * view.scale, width));
  }
  for (const [tone, shape] of locks)
    canvas.path(shape, { fill: tone, opacity: tone === palette.hairLight ? 0.35 : 0.85 });
}

/** Round curls, from the crown to the temples. */
function drawCurls({ canvas, identity, palette, view }: Face, outer: Point[], line: Point[]): void {
  const random = Random.keyed(identity.seed, 2);
  const rings = 5;
  for (let ring = 0; ring < rings; ring++) {
    const curls = { middle: '', dark: '', light: '' };
    const n = 16 - ring;
    for (let i = 0; i <= n; i++) {
      const share = 0.05 + (0.9 * (rings - 1 - ring)) / (rings - 1);
      const [x, y] = blend(sample(line, i / n), sample(outer, i / n), share);
      const centre: Point = [x + random.between(-2, 2), y + random.between(-2, 2)];
      const r = random.between(6, 9) * view.scale;
      curls[random.chance(0.5) ? 'middle' : 'dark'] += disc(centre, r);
      curls.light += disc([centre[0] - 1.2, centre[1] - 1.5], r * 0.55);
    }
    canvas.path(curls.middle, { fill: palette.hair });
    canvas.path(curls.dark, { fill: palette.hairDark });
    canvas.path(curls.light, { fill: palette.hairLight, opacity: 0.3 });
  }
}
