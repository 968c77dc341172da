// Landmarks come as 68 points (iBUG 300-W order), five (eyes, nose, mouth corners) or four (eyes, mouth corners).
// "Left" is the picture's left.

import { FaceGeometryError, midpoint, type Point } from './geometry.js';

/** Eyes and mouth corners, as the reference's alignment takes them. */
export interface FourPoints {
  leftEye: Point;
  rightEye: Point;
  leftMouth: Point;
  rightMouth: Point;
}

/** Numbers of points that are understood. */
export const LANDMARK_COUNTS: readonly number[] = [68, 5, 4];

/**
 * @param flat x0, y0, x1, y1, … in pixels
 * @throws FaceGeometryError when a coordinate is not finite, or the count is none of 68, 5, 4
 */
export function landmarkPoints(flat: readonly number[]): Point[] {
  if (flat.length % 2 === 1 || !LANDMARK_COUNTS.includes(flat.length / 2))
    throw new FaceGeometryError(`${flat.length} landmark coordinates, not those of 68, 5 or 4 points`);
  if (!flat.every(Number.isFinite)) throw new FaceGeometryError('landmarks that are no finite numbers');
  return Array.from({ length: flat.length / 2 }, (_, i) => ({
    x: flat[2 * i] as number,
    y: flat[2 * i + 1] as number,
  }));
}

const at = (points: readonly Point[], index: number) => points[index] as Point;

function meanOf(points: readonly Point[]): Point {
  const sum = points.reduce((total, { x, y }) => ({ x: total.x + x, y: total.y + y }));
  return { x: sum.x / points.length, y: sum.y / points.length };
}

/** Of 68 points an eye is the middle of its two corners, as in the reference. */
export function fourPoints(flat: readonly number[]): FourPoints {
  const points = landmarkPoints(flat);
  if (points.length === 68)
    return {
      leftEye: midpoint(at(points, 36), at(points, 39)),
      rightEye: midpoint(at(points, 42), at(points, 45)),
      leftMouth: at(points, 48),
      rightMouth: at(points, 54),
    };
  const mouth = points.length - 2;
  return {
    leftEye: at(points, 0),
    rightEye: at(points, 1),
    leftMouth: at(points, mouth),
    rightMouth: at(points, mouth + 1),
  };
}

/**
 * Left eye, right eye, nose tip, left and right mouth corner; of 68 points an eye is the mean of its six, which is
 * nearer to what five-point detectors mark than the middle of its corners.
 * @throws FaceGeometryError when there are only four points
 */
export function fivePoints(flat: readonly number[]): Point[] {
  const points = landmarkPoints(flat);
  if (points.length === 5) return points;
  if (points.length === 4) throw new FaceGeometryError('4 landmarks, without the tip of the nose');
  return [
    meanOf(points.slice(36, 42)),
    meanOf(points.slice(42, 48)),
    at(points, 30),
    at(points, 48),
    at(points, 54),
  ];
}
