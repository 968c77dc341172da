// The reference's alignment: turn the picture until the eyes are level, cut a square about the middle of eyes and mouth.
// Twice: to the pixel as the reference does it, and without its two losses of precision.

import {
  type Affine,
  applyAffine,
  composeAffine,
  FaceGeometryError,
  midpoint,
  type Point,
  type Size,
} from './geometry.js';
import type { FourPoints } from './landmarks.js';

/** Angle of the line through the eyes in radians, clockwise as seen; by atan2, so that it also holds beyond ±90° (the
 * reference takes atan of the slope, which turns such faces upside down and fails on a vertical line). */
const eyeAngle = ({ leftEye, rightEye }: FourPoints) =>
  Math.atan2(rightEye.y - leftEye.y, rightEye.x - leftEye.x);

/** x' = cosθ·x + sinθ·y, y' = −sinθ·x + cosθ·y: what is turned clockwise by θ becomes level. */
const levelling = (angle: number): Affine => {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return [cos, sin, 0, -sin, cos, 0];
};

const mapPoints = (map: Affine, { leftEye, rightEye, leftMouth, rightMouth }: FourPoints): FourPoints => ({
  leftEye: applyAffine(map, leftEye),
  rightEye: applyAffine(map, rightEye),
  leftMouth: applyAffine(map, leftMouth),
  rightMouth: applyAffine(map, rightMouth),
});

/** Middle of eyes and mouth, and half the side of the square, of points whose eyes are level. */
function squareOf({ leftEye, rightEye, leftMouth, rightMouth }: FourPoints): { centre: Point; half: number } {
  const eyes = midpoint(leftEye, rightEye);
  const mouth = midpoint(leftMouth, rightMouth);
  const half = Math.max(rightEye.x - leftEye.x, mouth.y - eyes.y);
  if (!(half > 0)) throw new FaceGeometryError('landmarks that all lie in one place');
  return { centre: midpoint(eyes, mouth), half };
}

/** Python's `round`: ties to the even number. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest === 0.5) return floor % 2 === 0 ? floor : floor + 1;
  return rest < 0.5 ? floor : floor + 1;
}

/** Size of the smallest whole-pixel canvas that holds a picture turned about `centre`. */
function turnedCanvas(angle: number, { width, height }: Size, centre: Point): Size {
  const map = levelling(angle);
  const corners = [
    [0, 0],
    [width, 0],
    [width, height],
    [0, height],
  ].map(([x = 0, y = 0]) => {
    const turned = applyAffine(map, { x: x - centre.x, y: y - centre.y });
    return { x: turned.x + centre.x, y: turned.y + centre.y };
  });
  const extent = (values: number[]) => Math.ceil(Math.max(...values)) - Math.floor(Math.min(...values));
  return { width: extent(corners.map(({ x }) => x)), height: extent(corners.map(({ y }) => y)) };
}

export interface ReferenceGeometry {
  /** By which the picture is turned, in degrees; its eyes' line rises to the left when positive. */
  angleDegrees: number;
  /** Size of the turned picture. */
  rotatedCanvas: Size;
  /** Size that the points are mapped with: it often differs from the other by a pixel, a defect of the reference. */
  mappingCanvas: Size;
  /** The points in the turned picture, as the reference has them. */
  mapped: FourPoints;
  /** Left, top, right, bottom in the turned picture, before rounding. */
  square: readonly [number, number, number, number];
  /** Left, top, right, bottom in the turned picture, whole pixels. */
  crop: readonly [number, number, number, number];
  /** From the crop's pixels to the picture's. */
  toPicture: Affine;
}

/**
 * The reference's geometry to the pixel: canvas expansion as Pillow's `rotate`, points mapped with a
 * canvas of their own, bounds rounded to the even pixel.
 * @param margin share by which the square's side grows; the reference has 0
 * @throws FaceGeometryError when the points coincide
 */
export function referenceGeometry(points: FourPoints, picture: Size, margin = 0): ReferenceGeometry {
  const angle = eyeAngle(points);
  const centre = { x: picture.width / 2, y: picture.height / 2 };
  const rotatedCanvas = turnedCanvas(angle, picture, centre);
  const mappingCanvas = turnedCanvas(angle, picture, { x: 0, y: 0 });
  /** Level, with the picture's centre at the canvas's. */
  const onto = ({ width, height }: Size): Affine => {
    const [a, b, , d, e] = levelling(angle);
    const turned = applyAffine([a, b, 0, d, e, 0], centre);
    return [a, b, width / 2 - turned.x, d, e, height / 2 - turned.y];
  };
  const mapped = mapPoints(onto(mappingCanvas), points);
  const { centre: middle, half } = squareOf(mapped);
  const reach = half * (1 + margin);
  const square = [middle.x - reach, middle.y - reach, middle.x + reach, middle.y + reach] as const;
  const [left, top, right, bottom] = square.map(roundHalfEven) as [number, number, number, number];
  const [a, b, c, d, e, f] = onto(rotatedCanvas);
  const back: Affine = [a, d, -(a * c + d * f), b, e, -(b * c + e * f)];
  return {
    angleDegrees: (angle * 180) / Math.PI,
    rotatedCanvas,
    mappingCanvas,
    mapped,
    square,
    crop: [left, top, right, bottom],
    toPicture: composeAffine(back, [1, 0, left, 0, 1, top]),
  };
}

/**
 * The same square without the reference's half pixel and without rounding: its centre is exactly the middle of eyes
 * and mouth, and nothing depends on the picture's size.
 * @returns `toPicture`, from a unit square (0 … 1) to the picture, and the square's side in the picture's pixels
 * @throws FaceGeometryError when the points coincide
 */
export function levelSquare(points: FourPoints, margin = 0): { side: number; toPicture: Affine } {
  const level = levelling(eyeAngle(points));
  const { centre, half } = squareOf(mapPoints(level, points));
  const side = 2 * half * (1 + margin);
  const [a, b, , d, e] = level;
  const [left, top] = [centre.x - side / 2, centre.y - side / 2];
  return { side, toPicture: composeAffine([a, d, 0, b, e, 0], [side, 0, left, 0, side, top]) };
}
