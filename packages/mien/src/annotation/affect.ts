// Valence and arousal: a plane with the point of now and the way it came, and their course over the last seconds.

import type { Box } from '../faces/index.js';
import type { FaceReading } from '../reading/index.js';
import { drawRemark, drawTitle, spreadRemarks } from './bars.js';
import { type Affect, type Moment, steps } from './history.js';
import { type Block, READOUT, TITLE } from './layout.js';
import { FAINT_TEXT, GROUND, GUIDE, ORANGE, SKY_BLUE, TEXT, TRACK, YELLOW } from './palette.js';
import { Strokes } from './strokes.js';
import { HALF_CAPITAL, type Style } from './style.js';
import { Surface } from './surface.js';
import { signed } from './words.js';

export type PlaneBlock = Extract<Block, { kind: 'plane' }>;
export type CourseBlock = Extract<Block, { kind: 'course' }>;

const titleOf = ({ roomy }: Style) => (roomy ? 'Valence and arousal' : 'Valence, arousal');
/** How long the way in the plane is, seconds. */
const TRAIL = 4;
/** How long the course is, seconds. */
export const COURSE_SECONDS = 10;
/** Arousal is a dashed line: seconds of a dash, and from one to the next. */
const DASH = { on: 0.22, every: 0.36 };

const inside = (value: number) => Math.max(-1, Math.min(1, value));

const wholePixels = ({ x, y, width, height }: Box): Box => ({
  x: Math.floor(x),
  y: Math.floor(y),
  width: Math.floor(width),
  height: Math.floor(height),
});

const squareOf = ({ area, side }: PlaneBlock, { em }: Style): Box =>
  wholePixels({ x: area.x, y: area.y + TITLE * em, width: side, height: side });

/** Where valence and arousal lie in the plane, pixels. */
export function planePoint(block: PlaneBlock, style: Style, valence: number, arousal: number) {
  const { x, y, width, height } = squareOf(block, style);
  return { x: x + ((1 + inside(valence)) / 2) * width, y: y + ((1 - inside(arousal)) / 2) * height };
}

function drawField(surface: Surface, field: Box, { hairline }: Style): void {
  surface.rectangle(field, TRACK, 0.55);
  surface.frame(field, hairline, GUIDE);
  const y = Math.round(field.y + field.height / 2 - hairline / 2);
  surface.rectangle({ x: field.x, y, width: field.width, height: hairline }, GUIDE);
}

export function drawPlaneGround(surface: Surface, block: PlaneBlock, style: Style): void {
  const { em, small, hairline } = style;
  drawTitle(surface, titleOf(style), block, style);
  const square = squareOf(block, style);
  drawField(surface, square, style);
  const middle = { x: square.x + square.width / 2, y: square.y + square.height / 2 };
  const axis = { x: Math.round(middle.x - hairline / 2), width: hairline };
  surface.rectangle({ ...axis, y: square.y, height: square.height }, GUIDE);
  const gap = 0.4 * em;
  const fits = small.width('unpleasant') + 2 * gap < square.width / 2;
  const [left, right, top, bottom] = fits
    ? ['unpleasant', 'pleasant', 'excited', 'calm']
    : ['', 'V', 'A', ''];
  const [start, end] = [square.x + gap, square.x + square.width - gap];
  small.draw(surface, left as string, start, middle.y - gap, FAINT_TEXT);
  small.draw(surface, right as string, end, middle.y - gap, FAINT_TEXT, 'right');
  small.draw(surface, top as string, middle.x + gap, square.y + gap + 0.75 * small.size, FAINT_TEXT);
  small.draw(surface, bottom as string, middle.x + gap, square.y + square.height - gap, FAINT_TEXT);
}

/** @returns draws the plane of frame after frame */
export function createPlane(block: PlaneBlock, style: Style) {
  const { em } = style;
  const square = squareOf(block, style);
  const strokes = new Strokes(square);
  return (surface: Surface, face: FaceReading | undefined, moments: readonly Moment[]): void => {
    const plane = new Surface(surface.image, square);
    const now = moments.at(-1)?.time ?? 0;
    for (const [from, to] of steps(moments)) {
      const strength = 1 - (now - to.time) / TRAIL;
      if (strength <= 0) continue;
      const one = planePoint(block, style, from.affect.valence, from.affect.arousal);
      const other = planePoint(block, style, to.affect.valence, to.affect.arousal);
      strokes.line(one.x, one.y, other.x, other.y, 0.09 * em, 0.9 * strength);
    }
    strokes.paint(surface, YELLOW);
    const { valence, arousal } = face ?? {};
    drawReadout(surface, block, style, 0, 'valence', valence);
    drawReadout(surface, block, style, 1, 'arousal', arousal);
    if (valence === undefined || arousal === undefined) return;
    const { x, y } = planePoint(block, style, valence, arousal);
    const differing = face?.disagreement?.VA;
    if (differing !== undefined) {
      plane.disc(x, y, (differing * square.width) / 2, YELLOW, 0.25);
      drawRemark(surface, spreadRemarks(differing), titleOf(style), block, style);
    }
    plane.disc(x, y, 0.5 * em, GROUND);
    plane.disc(x, y, 0.36 * em, YELLOW);
  };
}

/** The number beside the plane, one above the other, or below it, side by side. */
function drawReadout(
  surface: Surface,
  block: PlaneBlock,
  style: Style,
  place: 0 | 1,
  name: 'valence' | 'arousal',
  value: number | undefined,
): void {
  const { em, roomy, text, large, bold } = style;
  const { x, y, width, height } = squareOf(block, style);
  const words = value === undefined ? '–' : signed(value);
  const colour = value === undefined ? FAINT_TEXT : TEXT;
  if (block.beside) {
    const left = x + width + em;
    const top = y + place * 3.4 * em;
    text.draw(surface, name, left, top + 0.85 * em, FAINT_TEXT);
    large.draw(surface, words, left, top + 2.4 * em, colour);
  } else {
    const left = x + (place * block.area.width) / 2;
    const baseline = y + height + (READOUT.below - 0.6) * em;
    const called = roomy ? name : (name[0] as string).toUpperCase();
    text.draw(surface, called, left, baseline, FAINT_TEXT);
    const numbers = roomy ? large : bold;
    numbers.draw(surface, words, left + text.width(called) + 0.6 * em, baseline, colour);
  }
}

/** Room for letters at the right end of the lines, ems. */
const ENDS = 1.3;

const fieldOf = ({ area }: CourseBlock, { em }: Style): Box =>
  wholePixels({
    x: area.x,
    y: area.y + TITLE * em,
    width: area.width - ENDS * em,
    height: area.height - TITLE * em,
  });

const LINES = [
  { name: 'valence', letter: 'V', colour: SKY_BLUE, dash: undefined },
  { name: 'arousal', letter: 'A', colour: ORANGE, dash: DASH },
] as const;

export function drawCourseGround(surface: Surface, block: CourseBlock, style: Style): void {
  drawTitle(surface, `Last ${COURSE_SECONDS} s`, block, style);
  drawField(surface, fieldOf(block, style), style);
  if (style.roomy) drawLegend(surface, block, style);
}

/** A piece of each line and its name, from the right. */
function drawLegend(surface: Surface, { area }: CourseBlock, { em, text }: Style): void {
  const baseline = area.y + em;
  const sample = { y: baseline - 0.45 * em, height: 0.18 * em };
  let right = area.x + area.width;
  for (const { name, colour, dash } of [...LINES].reverse()) {
    text.draw(surface, name, right, baseline, FAINT_TEXT, 'right');
    right -= text.width(name) + 1.9 * em;
    const dashes = dash ? { starts: [0, 0.9], width: 0.6 } : { starts: [0], width: 1.5 };
    for (const start of dashes.starts)
      surface.rectangle({ ...sample, x: right + start * em, width: dashes.width * em }, colour);
    right -= 1.1 * em;
  }
}

/** @returns draws the course of frame after frame; of pictures, which have none, nothing stays of it */
export function createCourse(block: CourseBlock, style: Style) {
  const { em, small } = style;
  const field = fieldOf(block, style);
  const strokes = new Strokes(field);
  const xAt = (ago: number) => field.x + field.width * (1 - ago / COURSE_SECONDS);
  const yAt = (value: number) => field.y + ((1 - inside(value)) / 2) * field.height;
  const drawLine = (
    moments: readonly Moment[],
    value: (affect: Affect) => number,
    dash: typeof DASH | undefined,
  ) => {
    const now = moments.at(-1)?.time ?? 0;
    for (const [from, to] of steps(moments)) {
      const [start, end] = [value(from.affect), value(to.affect)];
      const duration = to.time - from.time;
      const at = (time: number) => ({
        x: xAt(now - time),
        y: yAt(start + ((end - start) * (time - from.time)) / (duration || 1)),
      });
      for (const [one, other] of dash ? dashes(from.time, to.time, dash) : [[from.time, to.time] as const]) {
        const [a, b] = [at(one), at(other)];
        strokes.line(a.x, a.y, b.x, b.y, 0.08 * em);
      }
    }
  };
  return (surface: Surface, moments: readonly Moment[]): void => {
    if (moments.length === 0) surface.rectangle(wholePixels(block.area), GROUND);
    const affect = moments.at(-1)?.affect;
    for (const { name, colour, dash } of LINES) {
      drawLine(moments, (one) => one[name], dash);
      strokes.paint(surface, colour);
    }
    if (!affect) return;
    const heights = apart(yAt(affect.valence), yAt(affect.arousal), 0.95 * small.size);
    LINES.forEach(({ letter, colour }, i) => {
      const baseline = (heights[i] as number) + HALF_CAPITAL * small.size;
      small.draw(surface, letter, field.x + field.width + 0.35 * em, baseline, colour);
    });
  };
}

/** Two heights, moved away from their middle where they are nearer than `least`. */
function apart(one: number, other: number, least: number): [number, number] {
  const lacking = (least - Math.abs(one - other)) / 2;
  if (lacking <= 0) return [one, other];
  return one <= other ? [one - lacking, other + lacking] : [one + lacking, other - lacking];
}

/** The parts of a stretch of time that dashes cover; they stay at their moments while time goes on. */
function* dashes(from: number, to: number, { on, every }: typeof DASH): Generator<readonly [number, number]> {
  for (let dash = Math.floor(from / every); dash * every < to; dash++) {
    const [start, end] = [Math.max(from, dash * every), Math.min(to, dash * every + on)];
    if (start < end) yield [start, end];
  }
}
