// The face models that the set-up fetched, on ONNX Runtime.

import { fileURLToPath } from 'node:url';
import type { FaceFinders } from '../datasets/index.js';
import {
  createDetector,
  createFaceFinder,
  createFaceTracker,
  createLandmarkFinder,
  type DetectorKind,
  type DetectorOptions,
  type FaceDetector,
  type FaceFinder,
  type LandmarkFinder,
  RETINA_FACE,
  RFB_320,
  type TrackerOptions,
} from '../faces/index.js';
import { DataError, statIfThere } from '../files/index.js';
import { openSession } from '../models/runners/index.js';

/** Detectors by name: the default, and RetinaFace, which is for research only and therefore fetched apart. */
const DETECTORS: Readonly<Record<FaceDetectorName, DetectorKind>> = {
  'rfb-320': RFB_320,
  retinaface: RETINA_FACE,
};
export const FACE_DETECTORS = ['rfb-320', 'retinaface'] as const;
export type FaceDetectorName = (typeof FACE_DETECTORS)[number];

export interface FaceModelOptions extends DetectorOptions {
  detector?: FaceDetectorName | undefined;
  /** Threads of each network. Default 1: they are small, and several pictures at a time use the cores better. */
  threads?: number | undefined;
}

export interface FaceModels {
  detect: FaceDetector;
  landmarks: LandmarkFinder;
  close(): Promise<void>;
}

/** @throws DataError when the file is not there, saying how to get it */
async function assetFile(name: string): Promise<string> {
  const file = fileURLToPath(new URL(`../../assets/faces/${name}.onnx`, import.meta.url));
  if ((await statIfThere(file)) === undefined)
    throw new DataError(
      { file },
      { found: 'nothing', expected: 'a face model', hint: `Run: node scripts/fetch-assets.mjs ${name}` },
    );
  return file;
}

/** The networks' files. @throws DataError when one is not there, saying how to get it */
export async function faceModelFiles(detector: FaceDetectorName = 'rfb-320') {
  return { detector: await assetFile(detector), landmarks: await assetFile('face-mesh') };
}

export async function openFaceModels({
  detector = 'rfb-320',
  threads = 1,
  ...options
}: FaceModelOptions = {}): Promise<FaceModels> {
  const files = await faceModelFiles(detector);
  const detection = await openSession(files.detector, { threads });
  const mesh = await openSession(files.landmarks, { threads });
  return {
    detect: createDetector(DETECTORS[detector], detection, options),
    landmarks: createLandmarkFinder(mesh),
    close: async () => {
      await Promise.all([detection.close(), mesh.close()]);
    },
  };
}

/** Finds the faces in pictures, each with box, 68 landmarks and score. */
export async function openFaceFinder(options: FaceModelOptions = {}): Promise<FaceFinder> {
  const { detect, landmarks } = await openFaceModels(options);
  return createFaceFinder(detect, landmarks);
}

/** Finders for pictures, and for videos, in which faces are followed; all on the same networks. */
export async function openFaceFinders({
  every,
  longestGap,
  ...options
}: FaceModelOptions & TrackerOptions = {}): Promise<FaceFinders> {
  const { detect, landmarks } = await openFaceModels(options);
  return {
    ofPictures: createFaceFinder(detect, landmarks),
    ofVideo: () => createFaceTracker(detect, landmarks, { every, longestGap }),
  };
}
