// Draws what was read onto frames: the picture with its faces marked, beside it a panel about the main face.

import { basename } from 'node:path';
import { type Box, warp } from '../faces/index.js';
import type { RgbImage } from '../images/index.js';
import type { LabelSchema, Task } from '../labels/index.js';
import type { FaceReading, FrameReading } from '../reading/index.js';
import { COURSE_SECONDS, createCourse, createPlane, drawCourseGround, drawPlaneGround } from './affect.js';
import { drawExpressions, drawExpressionsGround, drawUnits, drawUnitsGround } from './bars.js';
import { drawFaceMarks } from './face-marks.js';
import { type Affect, createHistory, type Moment } from './history.js';
import { type Block, type Layout, layOut } from './layout.js';
import { createMainFaceChooser, type MainFace } from './main-face.js';
import { FAINT_TEXT, GROUND, TEXT } from './palette.js';
import { createStyle, type Style } from './style.js';
import { blank, cut, place, Surface } from './surface.js';
import { clock, share } from './words.js';

export interface AnnotatorOptions {
  schema: LabelSchema;
  /** What there is to be shown. */
  tasks: readonly Task[];
  /** Of the pictures that come, whole pixels. */
  width: number;
  height: number;
  /** Of action units by name, probabilities: marked at their bars. Default: no marks */
  thresholds?: Readonly<Record<string, number>> | undefined;
}

export interface Annotator {
  /** Of what it draws, pixels; even, larger than the pictures. */
  readonly width: number;
  readonly height: number;
  /**
   * Frames of a video in the order of their time. The frame's own picture stays as it is; one of another size than was
   * said is scaled to fit.
   * @returns always the same memory: it holds this frame until the next one is drawn
   * @throws TypeError when the frame has no picture
   */
  draw(frame: FrameReading): RgbImage;
}

/** Two of them know nothing of each other. @throws RangeError if the size is not one of whole pixels */
export function createAnnotator(options: AnnotatorOptions): Annotator {
  const { schema, tasks, thresholds = {} } = options;
  const layout = layOut(options, schema, tasks);
  const { width, height, picture, panel } = layout;
  const style = createStyle(layout);
  const image = blank(width, height, GROUND);
  const pictureSurface = new Surface(image, picture);
  const panelSurface = new Surface(image, panel);
  drawGround(panelSurface, layout, style, thresholds);
  const ground = cut(image, panel);
  const painters = layout.blocks.map((block) => painterOf(block, style, thresholds));
  const chooseMain = createMainFaceChooser();
  const history = createHistory(COURSE_SECONDS);
  return {
    width,
    height,
    draw(frame) {
      if (!frame.picture) throw new TypeError('a frame without its picture cannot be annotated');
      const { shown, boxOf } = fitted(frame.picture, picture);
      const main = chooseMain(frame);
      const { face } = main;
      if (frame.time !== undefined)
        history.add(`${main.number} ${frame.source}`, { time: frame.time, affect: affectOf(face) });
      const moments = frame.time === undefined ? [] : history.moments;
      place(shown, image, picture.x, picture.y);
      drawFaceMarks(pictureSurface, style, frame.faces, face, boxOf);
      place(ground, image, panel.x, panel.y);
      drawHeader(panelSurface, layout, style, frame, main);
      for (const paint of painters) paint(panelSurface, face, moments);
      return image;
    },
  };
}

function affectOf(face: FaceReading | undefined): Affect | undefined {
  const { valence, arousal } = face ?? {};
  return valence === undefined || arousal === undefined ? undefined : { valence, arousal };
}

/** What of the panel stays the same in all frames. */
function drawGround(
  surface: Surface,
  { blocks }: Layout,
  style: Style,
  thresholds: Readonly<Record<string, number>>,
): void {
  for (const block of blocks) {
    if (block.kind === 'units') drawUnitsGround(surface, block, style, thresholds);
    else if (block.kind === 'expressions') drawExpressionsGround(surface, block, style);
    else if (block.kind === 'plane') drawPlaneGround(surface, block, style);
    else drawCourseGround(surface, block, style);
  }
}

type Painter = (surface: Surface, face: FaceReading | undefined, moments: readonly Moment[]) => void;

function painterOf(block: Block, style: Style, thresholds: Readonly<Record<string, number>>): Painter {
  switch (block.kind) {
    case 'units':
      return (surface, face) => drawUnits(surface, block, style, thresholds, face);
    case 'expressions':
      return (surface, face) => drawExpressions(surface, block, style, face);
    case 'plane':
      return createPlane(block, style);
    case 'course': {
      const draw = createCourse(block, style);
      return (surface, _, moments) => draw(surface, moments);
    }
  }
}

/** The picture at the size that was said, as it is or scaled, and where the boxes of its faces then lie. */
function fitted(picture: RgbImage, area: Box): { shown: RgbImage; boxOf(face: FaceReading): Box } {
  const { width, height } = area;
  const scale = Math.min(width / picture.width, height / picture.height);
  const [left, top] = [(width - picture.width * scale) / 2, (height - picture.height * scale) / 2];
  const same = picture.width === width && picture.height === height;
  return {
    shown: same
      ? picture
      : warp(picture, [1 / scale, 0, -left / scale, 0, 1 / scale, -top / scale], area, 'bilinear'),
    boxOf: ({ box }) => ({
      x: area.x + left + box.x * scale,
      y: area.y + top + box.y * scale,
      width: box.width * scale,
      height: box.height * scale,
    }),
  };
}

/** When it is, and whose face the panel is about. */
function drawHeader(
  surface: Surface,
  { header, em, roomy }: Layout,
  { text, small, large, bold }: Style,
  { source, frame, time, faces }: FrameReading,
  { number, face }: MainFace,
): void {
  const [left, right] = [header.x, header.x + header.width];
  const first = header.y + 1.1 * em;
  const stands = face ? undefined : faces.length > 0 ? `#${number} not seen` : 'no face';
  if (roomy) {
    const second = first + 1.6 * em;
    const counted = time === undefined ? '' : `frame ${frame}`;
    const room = right - left - small.width(counted) - em;
    const name = time === undefined ? basename(source) : clock(time);
    large.draw(surface, large.elided(name, room), left, first, TEXT);
    small.draw(surface, counted, right, first, FAINT_TEXT, 'right');
    const who = stands ?? `face #${number}${faces.length > 1 ? ` · ${faces.length} in view` : ''}`;
    text.draw(surface, who, left, second, face ? TEXT : FAINT_TEXT);
    if (face) text.draw(surface, `score ${share(face.score)}`, right, second, FAINT_TEXT, 'right');
    return;
  }
  const who = stands ?? `face #${number}  ${share(face?.score ?? 0)}`;
  const name = time === undefined ? basename(source) : clock(time);
  bold.draw(surface, bold.elided(name, right - left - text.width(who) - em), left, first, TEXT);
  text.draw(surface, who, right, first, FAINT_TEXT, 'right');
}
