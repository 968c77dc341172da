// A face from parameters: the layers of the drawing, from back to front.

import { type DrawnUnit, type FaceActions, type Intensities, intensitiesOf } from './actions.js';
import { drawBackground, type FaceBackground } from './background.js';
import { drawBeard } from './beard.js';
import { drawBody } from './body.js';
import { drawBrows } from './brows.js';
import { drawEyes } from './eyes.js';
import { drawGlasses } from './glasses.js';
import { drawBackHair, drawFrontHair } from './hair.js';
import { createHead, createView, type FacePose, type Head, outline, SIDE, type View } from './head.js';
import type { FaceIdentity } from './identity.js';
import { drawLines } from './lines.js';
import { drawMouth } from './mouth.js';
import { drawNose } from './nose.js';
import { type Palette, paletteOf } from './palette.js';
import { drawEars, drawSkin } from './skin.js';
import { type Canvas, createCanvas, smooth } from './svg.js';

export interface FaceLight {
  /** −1 from the image's left … 1 from its right. */
  from?: number;
  /** 0 flat … 1 hard. */
  contrast?: number;
}

export interface FaceDrawing {
  identity: FaceIdentity;
  actions?: FaceActions;
  pose?: FacePose;
  light?: FaceLight;
  background?: FaceBackground;
}

export type Side = -1 | 1;

/** What the layers share. */
export interface Face {
  canvas: Canvas;
  identity: FaceIdentity;
  actions: FaceActions;
  head: Head;
  view: View;
  palette: Palette;
  light: Required<FaceLight>;
  /** Both sides' mean. */
  units: Intensities;
  /** A unit on the image's left (−1) or right (1). */
  act(unit: DrawnUnit, side: Side): number;
  /** A clip to the head's outline. */
  onHead: string;
}

/** How far the chin moves down, in drawing units: the lips must part for it. */
const jawDrop = ({ AU25, AU26 }: Intensities) => 12 * AU26 * Math.min(1, 1.3 * AU25);

/**
 * A face as an SVG picture, square, with the eyes at two fifths of its height as in an aligned crop. Pure: the same
 * parameters give the same text; no fonts, filters or scripts are used.
 * @param options.size pixels of a side
 * @param options.prefix of the ids in the picture, so that several can stand in one page
 */
export function drawFace(
  { identity, actions = {}, pose = {}, light = {}, background = {} }: FaceDrawing,
  { size = 112, prefix = 'f' }: { size?: number; prefix?: string } = {},
): string {
  const units = intensitiesOf(actions.units);
  const canvas = createCanvas(prefix);
  const head = createHead(identity, units, jawDrop(units));
  const view = createView(pose);
  const { lopsided = 0 } = actions;
  const face: Face = {
    canvas,
    identity,
    actions,
    head,
    view,
    palette: paletteOf(identity),
    light: { from: light.from ?? -0.5, contrast: light.contrast ?? 0.5 },
    units,
    act: (unit, side) => Math.min(1, units[unit] * (1 + side * lopsided)),
    onHead: canvas.clip(smooth(outline(view, head.sections), true)),
  };
  drawBackground(canvas, background);
  drawBackHair(face);
  drawBody(face);
  drawEars(face);
  drawSkin(face);
  drawLines(face);
  drawBeard(face);
  drawNose(face);
  drawEyes(face);
  drawBrows(face);
  drawMouth(face);
  drawFrontHair(face);
  drawGlasses(face);
  return canvas.finish(size, SIDE);
}
