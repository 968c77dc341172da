// The head as a solid: horizontal cross-sections, each an ellipse. All features lie on its surface, so that turning the
// head moves, foreshortens and hides them as it should.
//
// Face coordinates, in drawing units (a face is about 115 wide): x to the image's right, y down, z towards the viewer;
// the origin lies in the head's axis at the height of the eyes.

import type { Intensities } from './actions.js';
import type { FaceIdentity } from './identity.js';
import type { Point } from './svg.js';

export type Point3 = readonly [x: number, y: number, z: number];

/** An ellipse at height y: half as wide as `w`, reaching `d` forward of `zc`. */
export interface Section {
  y: number;
  w: number;
  zc: number;
  d: number;
}

export interface Head {
  /** From crown to chin. */
  sections: readonly Section[];
  /** The section at height y, interpolated. */
  at(y: number): Section;
  /** A point on the front of the face. @param lift above the surface */
  surface(x: number, y: number, lift?: number): Point3;
}

export interface FacePose {
  /** Degrees; > 0 turns to the image's right. */
  yaw?: number;
  /** Degrees; > 0 looks up. */
  pitch?: number;
  /** Degrees; > 0 is counter-clockwise in the image. */
  roll?: number;
  /** Of the face in the picture; 1 is as large as in an aligned crop. */
  scale?: number;
  /** Of the face to the right and down, in picture sides. */
  shift?: readonly [x: number, y: number];
}

/** Of an average head, from crown to chin. */
const SECTIONS: readonly Section[] = [
  { y: -84, w: 0.5, zc: 0, d: 0.5 },
  { y: -79, w: 24, zc: 0, d: 30 },
  { y: -66, w: 42, zc: 0, d: 48 },
  { y: -46, w: 53, zc: 1, d: 57 },
  { y: -24, w: 56.5, zc: 2, d: 60 },
  { y: -2, w: 57, zc: 2, d: 58 },
  { y: 18, w: 56, zc: 3, d: 58 },
  { y: 36, w: 52, zc: 6, d: 54 },
  { y: 52, w: 45, zc: 10, d: 50 },
  { y: 66, w: 35, zc: 18, d: 41 },
  { y: 77, w: 24.5, zc: 30, d: 28 },
  { y: 83, w: 13, zc: 42, d: 14 },
  { y: 85, w: 0.5, zc: 47, d: 0.5 },
];

/** Where the mouth is closed: below it, the jaw moves. */
const JAW_TOP = 40;

export function createHead({ head: shape }: FaceIdentity, units: Intensities, drop: number): Head {
  const bump = (y: number, centre: number, spread: number) => Math.exp(-(((y - centre) / spread) ** 2));
  const sections = SECTIONS.map(({ y, w, zc, d }): Section => {
    const lower = Math.max(0, y - JAW_TOP) / 45;
    const jaw = 1 + (shape.jaw - 1) * bump(y, 56, 18) + (shape.chin - 1) * bump(y, 80, 12);
    const cheeks = 1 + shape.cheekbones * 0.04 * bump(y, 20, 16) + (shape.forehead - 1) * bump(y, -42, 24);
    const pushed = 1.6 * units.AU12 * bump(y, 34, 16) + 1.5 * units.AU20 * bump(y, 54, 16);
    return {
      y: y * (y > 0 ? shape.lowerFace : 1) + lower * drop,
      w: w * shape.width * jaw * cheeks + pushed,
      zc: zc - lower * drop * 0.25,
      d,
    };
  });
  const at = (y: number): Section => {
    const i = sections.findIndex((section) => section.y >= y);
    const below = sections[i] ?? (sections.at(-1) as Section);
    const above = sections[i - 1] ?? below;
    const share = below.y > above.y ? (y - above.y) / (below.y - above.y) : 0;
    const blend = (key: 'w' | 'zc' | 'd') => above[key] + (below[key] - above[key]) * share;
    return { y, w: blend('w'), zc: blend('zc'), d: blend('d') };
  };
  return {
    sections,
    at,
    surface(x, y, lift = 0) {
      const { w, zc, d } = at(y);
      return [x, y, zc + d * Math.sqrt(Math.max(0.02, 1 - (x / Math.max(w, 1)) ** 2)) + lift];
    },
  };
}

/** The picture's side in drawing units. */
export const SIDE = 200;

/** Where the eyes' middle stands in the picture. */
const EYES: Point = [SIDE * 0.5, SIDE * 0.4];

/** At scale 1 the face spans two thirds of the picture's width. */
const ZOOM = 1.1;

/** The head turns about a point inside it, so that a crop that follows the eyes sees it turn. */
const PIVOT: Point3 = [0, 8, 42];

export interface View {
  project(point: Point3): Point;
  /** The left and right end of a section as seen. */
  ends(section: Section): readonly [left: Point, right: Point];
  /** Drawing units of the picture for one of the face. */
  scale: number;
  /** sin(yaw): −1 … 1. */
  turn: number;
  /** sin(pitch). */
  nod: number;
  /** Degrees, for what is drawn upright and then turned with the face. */
  tilt: number;
}

const radians = (degrees: number) => (degrees * Math.PI) / 180;

export function createView({
  yaw = 0,
  pitch = 0,
  roll = 0,
  scale: size = 1,
  shift = [0, 0],
}: FacePose): View {
  const scale = size * ZOOM;
  const [sy, cy] = [Math.sin(radians(yaw)), Math.cos(radians(yaw))];
  const [sp, cp] = [Math.sin(radians(pitch)), Math.cos(radians(pitch))];
  const [sr, cr] = [Math.sin(radians(-roll)), Math.cos(radians(-roll))];
  const place = (x: number, y: number): Point => [
    EYES[0] + shift[0] * SIDE + scale * (x * cr - y * sr),
    EYES[1] + shift[1] * SIDE + scale * (x * sr + y * cr),
  ];
  const turned = ([px, py, pz]: Point3): Point => {
    const [x, y, z] = [px - PIVOT[0], py - PIVOT[1], pz - PIVOT[2]];
    const depth = z * cy - x * sy;
    return [x * cy + z * sy + PIVOT[0], y * cp - depth * sp + PIVOT[1]];
  };
  return {
    project: (point) => place(...turned(point)),
    ends({ y, w, zc, d }) {
      const [x, height] = turned([0, y, zc]);
      const reach = Math.hypot(w * cy, d * sy);
      return [place(x - reach, height), place(x + reach, height)];
    },
    scale,
    turn: sy,
    nod: sp,
    tilt: -roll,
  };
}

/** The closed outline of sections as seen, clockwise from the crown. */
export function outline(view: View, sections: readonly Section[]): Point[] {
  const ends = sections.map((section) => view.ends(section));
  const right = ends.map(([, end]) => end);
  const left = ends
    .map(([end]) => end)
    .filter((_, i) => (sections[i] as Section).w > 1)
    .reverse();
  return [...right, ...left];
}
