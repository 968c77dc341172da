// RetinaFace (MobileNet 0.25): boxes and five points on three grids, each decoded from an anchor, a square that stands there.

import type { Detection } from './boxes.js';
import type { DetectorKind } from './detector.js';
import { applyAffine } from './geometry.js';
import { outputOf } from './model-input.js';
import { boxInPicture } from './views.js';

const INPUT = 640;
/** Sides of the two anchors at each place of a grid, by the grid's pixels per place. */
const ANCHORS = new Map([
  [32, [512, 256]],
  [16, [128, 64]],
  [8, [32, 16]],
]);
/** Where the first anchor of every grid stands. */
const FIRST = 8;
/** Points were divided by this in training, as shares of the anchor. */
const POINT_SCALE = 0.2;

/** An anchor: centre and side in pixels of the input. */
export interface Anchor {
  x: number;
  y: number;
  side: number;
}

/** The anchors of one grid, in the order of its outputs: all places for one side, then for the other. */
export function anchorsOf(stride: number, input = INPUT): Anchor[] {
  const places = input / stride;
  return (ANCHORS.get(stride) ?? []).flatMap((side) =>
    Array.from({ length: places * places }, (_, i) => ({
      x: FIRST + (i % places) * stride,
      y: FIRST + Math.floor(i / places) * stride,
      side,
    })),
  );
}

/** Offsets → corners: centre by shares of the side, width and height by its logarithm. */
export function decodeBox(
  { x, y, side }: Anchor,
  [dx, dy, dw, dh]: readonly [number, number, number, number],
) {
  const [cx, cy] = [x + dx * side, y + dy * side];
  const [width, height] = [side * Math.exp(dw), side * Math.exp(dh)];
  return [cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2] as const;
}

/** InsightFace's network; its weights are for research. Input RGB, 0 … 255. */
export const RETINA_FACE: DetectorKind = {
  input: { width: INPUT, height: INPUT },
  inputName: 'data',
  normalisation: { mean: [0, 0, 0], scale: 1 },
  smallestFace: 32,
  decode(outputs, view, leastScore) {
    const found: Detection[] = [];
    for (const stride of ANCHORS.keys()) {
      const scores = outputOf(outputs, `face_rpn_cls_prob_reshape_stride${stride}`);
      const boxes = outputOf(outputs, `face_rpn_bbox_pred_stride${stride}`);
      const points = outputOf(outputs, `face_rpn_landmark_pred_stride${stride}`);
      const places = (INPUT / stride) ** 2;
      anchorsOf(stride).forEach((anchor, i) => {
        // Channels: the scores of "nothing" of both anchors, then those of "face"; four offsets, ten of points per anchor.
        const score = scores[2 * places + i] as number;
        if (!(score >= leastScore)) return;
        const [one, place] = [Math.floor(i / places), i % places];
        const offset = (values: Float32Array, count: number, k: number) =>
          values[(one * count + k) * places + place] as number;
        const box = decodeBox(anchor, [0, 1, 2, 3].map((k) => offset(boxes, 4, k)) as never);
        const landmarks = [0, 1, 2, 3, 4].flatMap((k) => {
          const [dx, dy] = [offset(points, 10, 2 * k), offset(points, 10, 2 * k + 1)];
          const side = anchor.side * POINT_SCALE;
          const { x, y } = applyAffine(view, { x: anchor.x + dx * side, y: anchor.y + dy * side });
          return [x, y];
        });
        found.push({ box: boxInPicture(view, ...box), score, landmarks });
      });
    }
    return found;
  },
};
