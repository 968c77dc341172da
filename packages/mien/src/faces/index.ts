// Faces in pictures: finding and following them, landmarks, alignment, crops. Pure: runs in Node and in the browser.

export { type Detection, intersection, overlap, suppress } from './boxes.js';
export { ALIGNMENTS, type Alignment, type CropRecipe, cropFace, type Face } from './crop.js';
export {
  createDetector,
  type DetectorKind,
  type DetectorOptions,
  type FaceDetector,
  RFB_320,
} from './detector.js';
export { createFaceFinder } from './find-faces.js';
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
export { createLandmarkFinder, type LandmarkFinder, type MeshFace, type Region } from './mesh.js';
export { MESH_POINTS } from './mesh-points.js';
export type { FaceModel, Floats } from './model-input.js';
export { pairUp } from './pairing.js';
export { anchorsOf, decodeBox, RETINA_FACE } from './retinaface.js';
export { leastSquaresSimilarity, rmsSimilarity } from './similarity.js';
export {
  createSmoother,
  type FaceSmoother,
  fitWeights,
  type SmoothingOptions,
  smoothFrames,
} from './smoothing.js';
export { createFaceTracker, type TrackedFace, type TrackerOptions } from './tracker.js';
export { viewsOf } from './views.js';
export { cutOut, type Sampling, warp } from './warp.js';
