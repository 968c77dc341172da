// Follows faces from frame to frame: each keeps its number for as long as it is seen, and through short gaps. In most frames
// only the landmark network looks, where the face was expected; the detector looks every few frames, and when one is lost.

import type { RgbImage } from '../images/index.js';
import { type Detection, overlap } from './boxes.js';
import type { FaceDetector } from './detector.js';
import { LEAST_PRESENCE } from './find-faces.js';
import type { FoundFace } from './finder.js';
import type { Box, Point } from './geometry.js';
import type { LandmarkFinder, MeshFace } from './mesh.js';
import { pairUp } from './pairing.js';

export interface TrackerOptions {
  /** The detector looks at least every so many frames. Default: 5. */
  every?: number | undefined;
  /** A face that is not seen for so many frames keeps its number when it comes back. Default: 25. */
  longestGap?: number | undefined;
}

/** A face of a frame, with the number of its track, which no other face of the video has. */
export interface TrackedFace extends FoundFace {
  id: number;
  box: Box;
  landmarks: readonly number[];
  /**
   * How sure it is that a face is here, 0 … 1: the detector's score when it last saw the face, less a little for each frame
   * since, times the landmark network's own.
   */
  score: number;
}

interface Track {
  id: number;
  face: MeshFace;
  /** Pixels per frame, of the middle of its square. */
  velocity: Point;
  /** Number of the frame. */
  seen: number;
  detected: number;
  detectorScore: number;
}

/** A followed face whose square seems emptier is lost, until the detector sees it again. */
const FOLLOWED_PRESENCE = 0.3;
/** A followed face cannot move, or grow, by more than this share of its square in one frame. */
const LARGEST_STEP = 0.35;
/** Faces that overlap more are one. */
const SAME_FACE = 0.5;
/** A detection that overlaps a followed face by this much confirms it. */
const CONFIRMED = 0.25;
const FADE = 0.98;
/** Share of the newest step in the velocity. */
const NEWEST = 0.5;
/** A lost face is expected to go on for so many frames, then to have stopped. */
const GOES_ON = 10;
/** How far from where it is expected a lost face may come back, in sides of its box: at once, and more for each frame. */
const NEAR = { atOnce: 0.5, perFrame: 0.1, most: 1.5 };
const MOST_GROWTH = Math.log(1.6);

const sizeOf = ({ width, height }: Box) => Math.sqrt(width * height);
const middleOf = ({ x, y, width, height }: Box): Point => ({ x: x + width / 2, y: y + height / 2 });

/** Cost of taking a new face for a lost one: how far off it is; undefined when too far, or of another size. */
function comingBack({ face, velocity, seen }: Track, box: Box, frame: number): number | undefined {
  const gap = frame - seen;
  const steps = Math.min(gap, GOES_ON);
  const [was, is] = [middleOf(face.box), middleOf(box)];
  const away =
    Math.hypot(was.x + velocity.x * steps - is.x, was.y + velocity.y * steps - is.y) / sizeOf(face.box);
  const growth = Math.abs(Math.log(sizeOf(box) / sizeOf(face.box)));
  if (away > Math.min(NEAR.most, NEAR.atOnce + NEAR.perFrame * gap) || growth > MOST_GROWTH) return undefined;
  return away + growth;
}

/**
 * A function that is given the frames of one video in their order, one at a time.
 * @returns its faces by their numbers, which count from 0 in order of appearance
 */
export function createFaceTracker(
  detect: FaceDetector,
  landmarks: LandmarkFinder,
  { every = 5, longestGap = 25 }: TrackerOptions = {},
): (picture: RgbImage) => Promise<TrackedFace[]> {
  let tracks: Track[] = [];
  let frame = -1;
  let nextId = 0;
  let lastLook = Number.NEGATIVE_INFINITY;

  function move(track: Track, face: MeshFace): void {
    const { region } = track.face;
    const frames = frame - track.seen;
    const blend = (old: number, step: number) => old + NEWEST * (step / frames - old);
    track.velocity = {
      x: blend(track.velocity.x, face.region.x - region.x),
      y: blend(track.velocity.y, face.region.y - region.y),
    };
    track.face = face;
    track.seen = frame;
  }

  /** Looks for the faces of the frame before where they are expected. */
  async function follow(picture: RgbImage): Promise<void> {
    const active = tracks.filter(({ seen }) => seen === frame - 1);
    const expected = active.map(({ face: { region }, velocity }) => ({
      ...region,
      x: region.x + velocity.x,
      y: region.y + velocity.y,
    }));
    const faces = await landmarks.follow(picture, expected);
    const steps = faces.map(({ region }, i) => {
      const before = expected[i] as MeshFace['region'];
      const moved = Math.hypot(region.x - before.x, region.y - before.y);
      return Math.max(moved, Math.abs(region.side - before.side)) / before.side;
    });
    // Of two tracks that run onto the same face, the one that expected it there has it.
    const nearestFirst = active.map((_, i) => i).sort((a, b) => (steps[a] as number) - (steps[b] as number));
    const kept: MeshFace[] = [];
    for (const i of nearestFirst) {
      const face = faces[i] as MeshFace;
      if (face.presence < FOLLOWED_PRESENCE || (steps[i] as number) > LARGEST_STEP) continue;
      if (kept.some(({ box }) => overlap(box, face.box) > SAME_FACE)) continue;
      kept.push(face);
      move(active[i] as Track, face);
    }
  }

  /** Confirms followed faces, brings lost ones back, and begins new ones. */
  async function look(picture: RgbImage): Promise<void> {
    lastLook = frame;
    const detections = await detect(picture);
    const followed = tracks.filter(({ seen }) => seen === frame);
    const confirmed = pairUp(followed, detections, ({ face }, { box }) => {
      const common = overlap(face.box, box);
      return common > CONFIRMED ? 1 - common : undefined;
    });
    for (const [i, k] of confirmed) {
      const track = followed[i] as Track;
      track.detected = frame;
      track.detectorScore = (detections[k] as Detection).score;
    }
    const used = new Set(confirmed.values());
    const unknown = detections.filter((_, k) => !used.has(k));
    const found = (await landmarks.find(picture, unknown))
      .map((face, k) => ({ face, score: (unknown[k] as Detection).score }))
      .filter(({ face }) => face.presence >= LEAST_PRESENCE);
    const fresh: typeof found = [];
    for (const one of found)
      if (![...followed, ...fresh].some(({ face }) => overlap(face.box, one.face.box) > SAME_FACE))
        fresh.push(one);
    const lost = tracks.filter(({ seen }) => seen < frame);
    const back = pairUp(lost, fresh, (track, { face }) => comingBack(track, face.box, frame));
    const trackOf = new Map([...back].map(([i, k]) => [k, lost[i] as Track]));
    fresh.forEach(({ face, score }, k) => {
      const track = trackOf.get(k);
      if (track !== undefined) {
        move(track, face);
        track.detected = frame;
        track.detectorScore = score;
        return;
      }
      const velocity = { x: 0, y: 0 };
      tracks.push({ id: nextId++, face, velocity, seen: frame, detected: frame, detectorScore: score });
    });
  }

  return async (picture) => {
    frame++;
    await follow(picture);
    const here = () => tracks.filter(({ seen }) => seen === frame);
    const anyLost = tracks.some(({ seen }) => seen < frame);
    if (anyLost || here().length === 0 || frame - lastLook >= every) await look(picture);
    tracks = tracks.filter(({ seen }) => frame - seen <= longestGap);
    return here()
      .sort((one, other) => one.id - other.id)
      .map(({ id, face: { box, landmarks: points, presence }, detected, detectorScore }) => ({
        id,
        box,
        landmarks: points,
        score: presence * detectorScore * FADE ** (frame - detected),
      }));
  };
}
