// Where the landmarks of a frontal, neutral face lie: the targets of the similarity alignments.

import type { Point } from './geometry.js';

/**
 * The picture's right half of a symmetric adult face in millimetres, iBUG 300-W numbering, eye line at y = 0, y down.
 * Drawn for Mien to typical adult proportions, not computed from a data set: outer eye corners 89 apart, inner ones 33,
 * nose wings 33, mouth corners 52, cheekbones 135; from the root of the nose to its base 52, from there to the lips' line
 * 21, from there to the chin 47. OpenFace's own mean shape, which its licence does not let us ship, is of about this size;
 * how closely the crops agree was not measured.
 */
const HALF: Readonly<Record<number, readonly [x: number, y: number]>> = {
  8: [0, 112],
  9: [17, 110],
  10: [32, 102.5],
  11: [45.5, 92],
  12: [56, 78],
  13: [63, 62],
  14: [67.5, 44],
  15: [70, 25],
  16: [71, 6],
  22: [12, -19],
  23: [22, -23.5],
  24: [34, -24.5],
  25: [46, -21.5],
  26: [57, -13],
  27: [0, -4],
  28: [0, 7],
  29: [0, 18],
  30: [0, 29.5],
  33: [0, 44],
  34: [7, 42.5],
  35: [14, 40],
  42: [16.5, 0.5],
  43: [25, -5],
  44: [36, -5],
  45: [44.5, -0.5],
  46: [36.5, 3],
  47: [25.5, 3],
  51: [0, 58.5],
  52: [7, 57],
  53: [16.5, 60],
  54: [26, 65],
  55: [17, 72.5],
  56: [8, 76],
  57: [0, 76.5],
  62: [0, 64],
  63: [8, 63.5],
  64: [22.5, 65],
  65: [8, 66.5],
  66: [0, 67],
};

/** Pairs [right half, its mirror image], the chin and the middle line excepted. */
const MIRRORED: readonly (readonly [number, number])[] = [
  ...Array.from({ length: 8 }, (_, i) => [9 + i, 7 - i] as const),
  ...Array.from({ length: 5 }, (_, i) => [22 + i, 21 - i] as const),
  [34, 32],
  [35, 31],
  [42, 39],
  [43, 38],
  [44, 37],
  [45, 36],
  [46, 41],
  [47, 40],
  [52, 50],
  [53, 49],
  [54, 48],
  [55, 59],
  [56, 58],
  [63, 61],
  [64, 60],
  [65, 67],
];

function wholeFace(): Point[] {
  const points: Point[] = [];
  for (const [index, [x, y]] of Object.entries(HALF)) points[Number(index)] = { x, y };
  for (const [right, left] of MIRRORED) {
    const { x, y } = points[right] as Point;
    points[left] = { x: -x, y };
  }
  const middle = points.reduce((sum, { y }) => sum + y, 0) / points.length;
  return points.map(({ x, y }) => ({ x, y: y - middle }));
}

/** 68 points in millimetres about their mean. */
export const MEAN_SHAPE: readonly Point[] = wholeFace();

/** Points that move little with expressions: jaw, ridge and base of the nose, eye corners and lower lids. */
export const RIGID_POINTS: readonly number[] = [
  1, 2, 3, 4, 12, 13, 14, 15, 27, 28, 29, 31, 32, 33, 34, 35, 36, 39, 40, 41, 42, 45, 46, 47,
];

/** Pixels a millimetre of the mean shape takes in a crop of `SIMILARITY_SIZE` pixels (OpenFace's `sim_scale`). */
export const SIMILARITY_SCALE = 0.7;
export const SIMILARITY_SIZE = 112;

/**
 * The five points of a face in a crop of 112 × 112 pixels that ArcFace (Deng et al. 2019) made common: left eye, right
 * eye, nose tip, left and right mouth corner.
 */
export const FIVE_POINT_TEMPLATE: readonly Point[] = [
  { x: 38.2946, y: 51.6963 },
  { x: 73.5318, y: 51.5014 },
  { x: 56.0252, y: 71.7366 },
  { x: 41.5493, y: 92.3655 },
  { x: 70.7299, y: 92.2041 },
];
export const FIVE_POINT_SIZE = 112;
