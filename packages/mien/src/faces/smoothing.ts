// Landmarks over time without their jitter and without lag: around each frame a polynomial is laid through the face's
// positions, by least squares (Savitzky and Golay, 1964), and what it says of the frame itself is taken. A face at rest, or
// in even motion, comes out as it went in.

import type { FoundFace } from './finder.js';
import type { Box } from './geometry.js';

export interface SmoothingOptions {
  /** Frames before and after that take part. Default: 3. */
  radius?: number | undefined;
  /** Frames after that are waited for, up to the radius; 0 for a camera. Default: the radius. */
  ahead?: number | undefined;
}

/**
 * Weights with which values at the offsets make the value of the fitted polynomial at offset 0.
 * @param offsets different ones, 0 among them
 * @param degree below their number
 */
export function fitWeights(offsets: readonly number[], degree: number): number[] {
  const zero = offsets.indexOf(0);
  const weights = offsets.map(() => 0);
  const basis: number[][] = [];
  const dot = (a: readonly number[], b: readonly number[]) =>
    a.reduce((sum, x, i) => sum + x * (b[i] as number), 0);
  for (let power = 0; power <= degree; power++) {
    let next = offsets.map((offset) => offset ** power);
    for (const one of basis) {
      const share = dot(next, one);
      next = next.map((x, i) => x - share * (one[i] as number));
    }
    const length = Math.sqrt(dot(next, next));
    next = next.map((x) => x / length);
    basis.push(next);
    next.forEach((x, i) => {
      weights[i] = (weights[i] as number) + x * (next[zero] as number);
    });
  }
  return weights;
}

/** A curve where the face is seen on both sides and often enough; a line otherwise, which noise bends less at its end. */
function degreeFor(offsets: readonly number[]): number {
  const bothSides = offsets.some((offset) => offset < 0) && offsets.some((offset) => offset > 0);
  return Math.min(offsets.length - 1, bothSides && offsets.length >= 5 ? 2 : 1);
}

const BOX_KEYS = ['x', 'y', 'width', 'height'] as const;
const numbersOf = (box: Box): number[] => BOX_KEYS.map((key) => box[key]);

function blend(lists: readonly (readonly number[])[], weights: readonly number[]): number[] {
  const first = lists[0] ?? [];
  return first.map((_, i) =>
    lists.reduce((sum, list, k) => sum + (list[i] as number) * (weights[k] as number), 0),
  );
}

export interface FaceSmoother<Face extends FoundFace> {
  /** Takes the faces of the next frame. @returns those of the frame `ahead` frames before, smoothed, once there is one */
  push(faces: readonly Face[]): Face[] | undefined;
  /** @returns the frames that are still to come */
  end(): Face[][];
}

/** Smooths landmarks and boxes of each track. Faces without a number are left as they are. */
export function createSmoother<Face extends FoundFace>({
  radius = 3,
  ahead: asked = radius,
}: SmoothingOptions = {}): FaceSmoother<Face> {
  const ahead = Math.min(asked, radius);
  /** The last frames, up to `radius` before the next to come out. */
  const frames: (readonly Face[])[] = [];
  let next = 0;

  function smooth(face: Face): Face {
    if (face.id === undefined || face.landmarks === undefined) return face;
    const offsets: number[] = [];
    const seen: Face[] = [];
    for (let at = Math.max(0, next - radius); at < Math.min(frames.length, next + ahead + 1); at++) {
      const same = frames[at]?.find(({ id }) => id === face.id);
      if (same?.landmarks?.length !== face.landmarks.length) continue;
      offsets.push(at - next);
      seen.push(same);
    }
    const weights = fitWeights(offsets, degreeFor(offsets));
    const landmarks = blend(
      seen.map((one) => one.landmarks ?? []),
      weights,
    );
    const boxes = seen.flatMap(({ box }) => (box === undefined ? [] : [numbersOf(box)]));
    if (boxes.length < seen.length) return { ...face, landmarks };
    const [x, y, width, height] = blend(boxes, weights) as [number, number, number, number];
    return { ...face, landmarks, box: { x, y, width, height } };
  }

  function take(): Face[] {
    const faces = (frames[next] as readonly Face[]).map(smooth);
    next++;
    while (next > radius) {
      frames.shift();
      next--;
    }
    return faces;
  }

  return {
    push(faces) {
      frames.push(faces);
      return frames.length > next + ahead ? take() : undefined;
    },
    end() {
      const rest: Face[][] = [];
      while (next < frames.length) rest.push(take());
      return rest;
    },
  };
}

/** All frames of a video, smoothed. */
export function smoothFrames<Face extends FoundFace>(
  frames: readonly (readonly Face[])[],
  options: SmoothingOptions = {},
): Face[][] {
  const smoother = createSmoother<Face>(options);
  const smooth = frames.flatMap((faces) => {
    const ready = smoother.push(faces);
    return ready === undefined ? [] : [ready];
  });
  return [...smooth, ...smoother.end()];
}
