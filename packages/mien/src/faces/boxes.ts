// Boxes about faces: how much two of them overlap, and which of many that mean the same face is kept.

import type { Box } from './geometry.js';

const area = ({ width, height }: Box) => Math.max(0, width) * Math.max(0, height);

/** Area that both boxes cover, in square pixels. */
export function intersection(one: Box, other: Box): number {
  const width = Math.min(one.x + one.width, other.x + other.width) - Math.max(one.x, other.x);
  const height = Math.min(one.y + one.height, other.y + other.height) - Math.max(one.y, other.y);
  return width > 0 && height > 0 ? width * height : 0;
}

/** Intersection over union, 0 … 1; 0 where both boxes are empty. */
export function overlap(one: Box, other: Box): number {
  const common = intersection(one, other);
  return common === 0 ? 0 : common / (area(one) + area(other) - common);
}

/** A face that a detector saw. */
export interface Detection {
  box: Box;
  /** Confidence, 0 … 1. */
  score: number;
  /** Five points, flat, of detectors that give them: eyes, nose tip, mouth corners. */
  landmarks?: readonly number[] | undefined;
}

/**
 * Non-maximum suppression: of detections that overlap by more than `limit`, the surest stays. Also drops one that lies
 * all but wholly inside a surer one, or about it: what a second look at a part of the picture makes of the same face.
 * @param limit intersection over union
 * @returns from the surest down; equal scores keep their order
 */
export function suppress(detections: readonly Detection[], limit: number): Detection[] {
  const kept: Detection[] = [];
  for (const one of [...detections].sort((a, b) => b.score - a.score))
    if (
      !kept.some(({ box }) => overlap(box, one.box) > limit || covers(box, one.box) || covers(one.box, box))
    )
      kept.push(one);
  return kept;
}

/** Share of the inner box that has to lie inside. */
const INSIDE = 0.85;
/** Inner boxes below this share of the outer's area are other faces: a child before its parent. */
const SAME_FACE_AREA = 0.3;

const covers = (outer: Box, inner: Box): boolean =>
  area(inner) > SAME_FACE_AREA * area(outer) && intersection(outer, inner) > INSIDE * area(inner);
