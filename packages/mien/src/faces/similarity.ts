// Scale, rotation and shift that carry one set of points onto another. In the plane the singular value decomposition of
// Kabsch (1976) and Umeyama (1991) has a closed form: with points as complex numbers about their means, the rotation
// without reflection is the phase of Σ conj(source)·target.

import { type Affine, applyAffine, FaceGeometryError, type Point } from './geometry.js';

function moments(source: readonly Point[], target: readonly Point[]) {
  const n = source.length;
  if (n < 2 || target.length !== n)
    throw new RangeError(`a similarity needs two or more pairs of points, not ${n} and ${target.length}`);
  const centre = { source: { x: 0, y: 0 }, target: { x: 0, y: 0 } };
  for (let i = 0; i < n; i++) {
    const [s, t] = [source[i] as Point, target[i] as Point];
    centre.source.x += s.x / n;
    centre.source.y += s.y / n;
    centre.target.x += t.x / n;
    centre.target.y += t.y / n;
  }
  let [dot, cross, ofSource, ofTarget] = [0, 0, 0, 0];
  for (let i = 0; i < n; i++) {
    const [s, t] = [source[i] as Point, target[i] as Point];
    const [sx, sy] = [s.x - centre.source.x, s.y - centre.source.y];
    const [tx, ty] = [t.x - centre.target.x, t.y - centre.target.y];
    dot += sx * tx + sy * ty;
    cross += sx * ty - sy * tx;
    ofSource += sx * sx + sy * sy;
    ofTarget += tx * tx + ty * ty;
  }
  if (!(ofSource > 0)) throw new FaceGeometryError('landmarks that all lie in one place');
  return { centre, dot, cross, ofSource, ofTarget };
}

/** Scaled rotation (scale·cos, scale·sin) about the centres, as an affine map. */
function about(cos: number, sin: number, from: Point, to: Point): Affine {
  const turned = applyAffine([cos, -sin, 0, sin, cos, 0], from);
  return [cos, -sin, to.x - turned.x, sin, cos, to.y - turned.y];
}

/**
 * The similarity with the least sum of squared distances (Umeyama 1991), never a reflection.
 * @throws FaceGeometryError when the source points coincide
 */
export function leastSquaresSimilarity(source: readonly Point[], target: readonly Point[]): Affine {
  const { centre, dot, cross, ofSource } = moments(source, target);
  return about(dot / ofSource, cross / ofSource, centre.source, centre.target);
}

/**
 * Kabsch's rotation with the ratio of the point sets' root mean squares as scale (OpenFace's `AlignShapesWithScale`):
 * unlike least squares it does not shrink where the shapes differ.
 * @throws FaceGeometryError when the source points coincide
 */
export function rmsSimilarity(source: readonly Point[], target: readonly Point[]): Affine {
  const { centre, dot, cross, ofSource, ofTarget } = moments(source, target);
  const scale = Math.sqrt(ofTarget / ofSource);
  const length = Math.hypot(dot, cross);
  const [cos, sin] = length > 0 ? [dot / length, cross / length] : [1, 0];
  return about(scale * cos, scale * sin, centre.source, centre.target);
}
