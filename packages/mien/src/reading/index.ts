// Reading faces: pictures and videos in, what is seen in them out.

export {
  FACE_DETECTORS,
  type FaceDetectorName,
  type FaceModelOptions,
  type FaceModels,
  openFaceFinder,
  openFaceFinders,
  openFaceModels,
} from './face-finder.js';
