// How a face is looked at: pose, gaze, light, background and camera, drawn at random.

import type { FaceBackground, FaceLight, FacePose } from '../../drawing/index.js';
import type { Random } from '../../random/index.js';
import type { Camera } from './camera.js';

export interface Scene {
  pose: Required<FacePose>;
  light: Required<FaceLight>;
  background: FaceBackground;
  camera: Camera;
  gaze: readonly [x: number, y: number];
  lopsided: number;
}

/** Degrees. */
export const MOST_POSE = { yaw: 25, pitch: 15, roll: 12 } as const;

const WALLS = [
  '#d8dde0',
  '#c9d3c4',
  '#e6dccb',
  '#b9c4d4',
  '#8f9aa3',
  '#56616b',
  '#2e343b',
  '#c7a98f',
  '#a7b9b2',
  '#e3c7c0',
  '#70806a',
  '#3d4a57',
] as const;

const limited = (value: number, most: number) => Math.min(most, Math.max(-most, value));

function drawBackground(random: Random): FaceBackground {
  const wall = () => WALLS[random.integer(WALLS.length)] as string;
  const kind = random.integer(3);
  if (kind === 0) return { colour: wall() };
  if (kind === 1) return { colour: wall(), to: wall() };
  return {
    colour: wall(),
    blobs: Array.from({ length: 3 + random.integer(4) }, () => ({
      at: [random.float(), random.float()] as const,
      radius: random.between(0.12, 0.4),
      colour: wall(),
    })),
  };
}

export function drawScene(random: Random): Scene {
  const { yaw, pitch, roll } = MOST_POSE;
  return {
    pose: {
      yaw: limited(random.normal() * 11, yaw),
      pitch: limited(random.normal() * 6, pitch),
      roll: limited(random.normal() * 4.5, roll),
      scale: random.between(0.94, 1.06),
      shift: [random.between(-0.02, 0.02), random.between(-0.02, 0.02)],
    },
    light: { from: random.between(-1, 1), contrast: random.between(0.1, 0.9) },
    background: drawBackground(random),
    camera: {
      blur: random.chance(0.5) ? random.between(0, 0.6) : 0,
      gain: random.between(0.8, 1.12),
      gamma: random.between(0.85, 1.2),
      warmth: random.between(-0.06, 0.06),
      noise: random.chance(0.8) ? random.between(0.5, 7) : 0,
      quality: 60 + random.integer(36),
    },
    gaze: [limited(random.normal() * 0.35, 1), limited(random.normal() * 0.25, 1)],
    lopsided: random.chance(0.2) ? random.between(-0.25, 0.25) : random.between(-0.06, 0.06),
  };
}
