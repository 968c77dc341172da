// All faces of a picture, with their landmarks: a detector and a landmark network one after the other.

import type { FaceDetector } from './detector.js';
import type { FaceFinder } from './finder.js';
import type { LandmarkFinder } from './mesh.js';

/** Faces in whose square the landmark network sees none are none. */
export const LEAST_PRESENCE = 0.1;

/** From the surest face down; a face's score is the detector's times the landmark network's. */
export function createFaceFinder(detect: FaceDetector, landmarks: LandmarkFinder): FaceFinder {
  return async (picture) => {
    const detections = await detect(picture);
    return (await landmarks.find(picture, detections))
      .map(({ presence, box, landmarks }, i) => ({
        box,
        landmarks,
        presence,
        score: (detections[i]?.score ?? 0) * presence,
      }))
      .filter(({ presence }) => presence >= LEAST_PRESENCE)
      .map(({ presence: _, ...face }) => face)
      .sort((one, other) => other.score - one.score);
  };
}
