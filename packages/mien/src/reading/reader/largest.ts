// The largest face of each frame, without flicker between two of about the same size.

import type { LocatedFace } from './stages.js';

/** Another face must be larger by this much, in area, to become the one that is read. */
const CLEARLY_LARGER = 1.3;

const areaOf = ({ box: { width, height } }: LocatedFace) => width * height;

/** @returns a function that is given the faces of one video's frames in their order */
export function createLargest(): (faces: readonly LocatedFace[]) => readonly LocatedFace[] {
  let last: number | undefined;
  return (faces) => {
    const [first, ...others] = faces;
    if (first === undefined) return [];
    const largest = others.reduce((best, one) => (areaOf(one) > areaOf(best) ? one : best), first);
    const before = faces.find(({ face }) => face === last);
    const chosen = before && areaOf(largest) < CLEARLY_LARGER * areaOf(before) ? before : largest;
    last = chosen.face;
    return [chosen];
  };
}
