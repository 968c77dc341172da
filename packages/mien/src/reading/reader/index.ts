// Faces in, readings out: videos and pictures read as a stream.

export { openReader } from './open-reader.js';
export {
  FACE_CHOICES,
  type FaceChoice,
  type Reader,
  type ReaderModel,
  type ReaderOptions,
  type ReadOptions,
  type ReadPicturesOptions,
  type StageTimes,
} from './types.js';
