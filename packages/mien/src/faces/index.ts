// Faces in pictures: landmarks, alignment, crops. Pure: runs in Node and in the browser.

export { ALIGNMENTS, type Alignment, type CropRecipe, cropFace, type Face } from './crop.js';
export type { FaceFinder, FoundFace } from './finder.js';
export {
  type Affine,
  applyAffine,
  type Box,
  composeAffine,
  FaceGeometryError,
  invertAffine,
  type Point,
  type Size,
} from './geometry.js';
export { type FourPoints, fivePoints, fourPoints, LANDMARK_COUNTS, landmarkPoints } from './landmarks.js';
export { levelSquare, type ReferenceGeometry, referenceGeometry } from './level-eyes.js';
export { FIVE_POINT_TEMPLATE, MEAN_SHAPE, RIGID_POINTS } from './mean-shape.js';
export { leastSquaresSimilarity, rmsSimilarity } from './similarity.js';
export { cutOut, type Sampling, warp } from './warp.js';
