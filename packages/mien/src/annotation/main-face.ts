// Whose readings the panel shows where there are several faces: the largest one's, without jumping to and fro.

import type { FaceReading, FrameReading } from '../reading/index.js';

/** A face that is not seen stays the main one for so long, seconds. */
const PATIENCE = 1;
/** Another face takes over when it has been so many times larger, in area, for as many seconds. */
const LARGER = 1.5;

const areaOf = ({ box }: FaceReading) => box.width * box.height;

export interface MainFace {
  /** Its number; undefined while there has been none. */
  number: number | undefined;
  /** Undefined where it is not in this frame. */
  face: FaceReading | undefined;
}

/** @returns frames in the order of their time to main faces; of pictures, which have no time, always the largest */
export function createMainFaceChooser(): (frame: FrameReading) => MainFace {
  let number: number | undefined;
  let lastSeen = 0;
  let outgrownSince: number | undefined;
  let read: string | undefined;
  return ({ source, faces, time }) => {
    if (source !== read) number = undefined;
    read = source;
    const largest = faces.reduce<FaceReading | undefined>(
      (best, face) => (best === undefined || areaOf(face) > areaOf(best) ? face : best),
      undefined,
    );
    if (time === undefined) return { number: largest?.face, face: largest };
    const main = faces.find(({ face }) => face === number);
    const outgrown = main && largest && areaOf(largest) > LARGER * areaOf(main);
    outgrownSince = outgrown ? Math.min(time, outgrownSince ?? time) : undefined;
    if (main && !(outgrown && time - (outgrownSince as number) >= PATIENCE)) {
      lastSeen = time;
      return { number, face: main };
    }
    const waiting = number !== undefined && time >= lastSeen && time - lastSeen < PATIENCE;
    if (!main && (waiting || !largest)) return { number, face: undefined };
    [number, lastSeen, outgrownSince] = [largest?.face, time, undefined];
    return { number, face: largest };
  };
}
