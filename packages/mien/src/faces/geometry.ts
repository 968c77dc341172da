// Points, boxes and affine maps. Coordinates are continuous: x to the right, y down, the picture's first pixel covers
// [0, 1) × [0, 1), so pixel i has its centre at i + 0.5 (Pillow's convention).

export interface Point {
  x: number;
  y: number;
}

/** Of a face in its picture or video frame, in pixels; may reach beyond the picture. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Size {
  width: number;
  height: number;
}

/** x' = a·x + b·y + c, y' = d·x + e·y + f, as [a, b, c, d, e, f]. */
export type Affine = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

/** A face's landmarks or box of which no crop can be made. */
export class FaceGeometryError extends Error {
  override readonly name = 'FaceGeometryError';
}

export function applyAffine([a, b, c, d, e, f]: Affine, { x, y }: Point): Point {
  return { x: a * x + b * y + c, y: d * x + e * y + f };
}

/** First `inner`, then `outer`. */
export function composeAffine(outer: Affine, inner: Affine): Affine {
  const [a, b, c, d, e, f] = outer;
  const [g, h, i, j, k, l] = inner;
  return [a * g + b * j, a * h + b * k, a * i + b * l + c, d * g + e * j, d * h + e * k, d * i + e * l + f];
}

/** @throws FaceGeometryError when the map has no inverse: it puts everything on a line or a point */
export function invertAffine([a, b, c, d, e, f]: Affine): Affine {
  const determinant = a * e - b * d;
  if (!(Math.abs(determinant) > Number.MIN_VALUE) || !Number.isFinite(determinant))
    throw new FaceGeometryError('landmarks that all lie in one place');
  const [p, q, r, s] = [e / determinant, -b / determinant, -d / determinant, a / determinant];
  return [p, q, -(p * c + q * f), r, s, -(r * c + s * f)];
}

export const midpoint = (one: Point, other: Point): Point => ({
  x: (one.x + other.x) / 2,
  y: (one.y + other.y) / 2,
});
