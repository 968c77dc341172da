// Faces that move as a test says, and a detector and a landmark network that see them without pictures.

import type { Box, FaceDetector, LandmarkFinder, MeshFace } from 'mien/faces';

/** A face at a frame; undefined where it is not seen. */
export type Actor = (frame: number) => { x: number; y: number; size: number } | undefined;

const PICTURE = { width: 1000, height: 1000, data: new Uint8Array(0) };

const boxOf = ({ x, y, size }: { x: number; y: number; size: number }): Box => ({
  x: x - size / 2,
  y: y - size / 2,
  width: size,
  height: size,
});

/** What the landmark network makes of a square: the face nearest to its middle, or nothing. */
function meshIn(
  region: { x: number; y: number; side: number },
  faces: readonly { x: number; y: number; size: number }[],
): MeshFace {
  const distance = (face: { x: number; y: number }) => Math.hypot(face.x - region.x, face.y - region.y);
  const [nearest] = [...faces].sort((one, other) => distance(one) - distance(other));
  if (nearest === undefined || distance(nearest) > region.side / 3)
    return {
      landmarks: [region.x, region.y],
      box: boxOf({ ...region, size: 1 }),
      region: { ...region, angle: 0 },
      presence: 0.001,
    };
  const { x, y, size } = nearest;
  return {
    landmarks: [x, y],
    box: boxOf(nearest),
    region: { x, y, side: 1.5 * size, angle: 0 },
    presence: 1,
  };
}

/** @param actors in front of one another: of two that overlap by more than half, only the earlier one is seen */
export function scene(actors: readonly Actor[]) {
  let frame = -1;
  let looks = 0;
  const visible = () => {
    const seen: { x: number; y: number; size: number }[] = [];
    for (const actor of actors) {
      const face = actor(frame);
      if (
        face !== undefined &&
        !seen.some((one) => Math.hypot(one.x - face.x, one.y - face.y) < face.size / 2)
      )
        seen.push(face);
    }
    return seen;
  };
  const detect: FaceDetector = async () => {
    looks++;
    return visible().map((face) => ({ box: boxOf(face), score: 0.9 }));
  };
  const landmarks: LandmarkFinder = {
    find: async (_, detections) =>
      detections.map(({ box }) =>
        meshIn({ x: box.x + box.width / 2, y: box.y + box.height / 2, side: box.width * 1.5 }, visible()),
      ),
    follow: async (_, regions) => regions.map((region) => meshIn(region, visible())),
  };
  return {
    detect,
    landmarks,
    looks: () => looks,
    /** The next frame's picture, which nobody looks at. */
    next: () => {
      frame++;
      return PICTURE;
    },
  };
}
