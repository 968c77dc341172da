// From pictures on disk to batches for training: decoding, transforms, windows over clips, packed shards, prefetching.

export { type Augmenter, createAugmenter } from './augment.js';
export { AUGMENTATION, type Augmentation, type AugmentationDraw, drawAugmentation } from './augmentation.js';
export type { BrokenImage, LoadingReport } from './broken.js';
export { type ClipOptions, clipsOf, type Windows, windowsOf } from './clips.js';
export { type Crop, centreCrop, paperEdge, randomCrop, writeCrop } from './crop.js';
export type { FaceSource } from './face-source.js';
export { openPacked } from './image-source.js';
export { type LabelBatch, labelGatherer } from './labels.js';
export { createLoader, type LoadedBatch, type Loader, type LoaderOptions } from './loader.js';
export { createLoaderPool, type LoaderPool } from './loader-pool.js';
export {
  FER_PLUS_NORMALIZATION,
  IMAGENET_NORMALIZATION,
  NORMALIZATION,
  type Normalization,
  normalizationTable,
  SFEW_NORMALIZATION,
} from './normalization.js';
export { batchesOf } from './order.js';
export { type PackOptions, type PackResult, packManifest } from './pack.js';
export { PACK_FORMATS, type PackFormat, parsePackedPath } from './pack-format.js';
export { openPack, type PackReader } from './pack-reader.js';
export { resize, resizeShorterEdge } from './resize.js';
export {
  createTransform,
  TRANSFORM,
  type Transform,
  type TransformInput,
  type TransformSpec,
} from './transform.js';
export {
  PAPER_WINDOW_USES,
  type PaperWindowUse,
  paperWindows,
  type Window,
  type WindowUse,
  windowsOver,
} from './windows.js';
