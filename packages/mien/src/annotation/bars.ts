// Rows of the panel: a name, a bar as long as its probability, the number. What is present, or most probable, has a mark,
// a bold name and a coloured bar.

import { unitName } from '../labels/index.js';
import type { FaceReading } from '../reading/index.js';
import { type Block, TITLE } from './layout.js';
import { FAINT_TEXT, GUIDE, ORANGE, PLAIN, SKY_BLUE, TEXT, TRACK } from './palette.js';
import { HALF_CAPITAL, type Style } from './style.js';
import type { Surface } from './surface.js';
import { share } from './words.js';

export type UnitsBlock = Extract<Block, { kind: 'units' }>;
export type ExpressionsBlock = Extract<Block, { kind: 'expressions' }>;

/** In ems: where a row's label begins, where a name of an action unit does, and what its number takes at the right. */
const LABEL = 1.15;
const UNIT_NAME = 4.7;
const NUMBER = 2.7;
/** Where bars begin. */
const BARS = { roomy: 14, compact: { units: 4.6, expressions: 7.4 } };
const BAR_HEIGHT = 0.62;
/** How far a threshold's mark reaches beyond its bar. */
const MARK = 0.2;
const MARK_WIDTH = 0.11;

/** Mutual information of class and model, nats, from which on the words change. */
const AGREEMENT = [
  [0.1, 'models agree'],
  [0.3, 'models differ'],
  [Number.POSITIVE_INFINITY, 'models disagree'],
] as const;

interface Row {
  /** Of the middle. */
  y: number;
  baseline: number;
  label: number;
  bar: { x: number; y: number; width: number; height: number };
  /** Right end of the number. */
  number: number;
}

function rowOf(block: UnitsBlock | ExpressionsBlock, i: number, { em, roomy }: Style): Row {
  const { area, pitch, kind } = block;
  const height = Math.round(BAR_HEIGHT * em);
  const top = Math.round(area.y + TITLE * em + (i + 0.5) * pitch - height / 2);
  const y = top + height / 2;
  const start = Math.round(area.x + (roomy ? BARS.roomy : BARS.compact[kind]) * em);
  const width = Math.round(area.x + area.width - NUMBER * em) - start;
  return {
    y,
    baseline: y + HALF_CAPITAL * em,
    label: area.x + LABEL * em,
    bar: { x: start, y: top, width, height },
    number: area.x + area.width,
  };
}

export function drawTitle(surface: Surface, title: string, { area }: Block, style: Style): void {
  style.bold.draw(surface, title, area.x, area.y + style.em, TEXT);
}

/** What several models say together, at the right of a title. @param remarks the first that has room is written */
export function drawRemark(
  surface: Surface,
  remarks: readonly string[],
  title: string,
  { area }: Block,
  { em, bold, small }: Style,
): void {
  const room = area.width - bold.width(title) - 0.8 * em;
  const remark = remarks.find((one) => small.width(one) <= room);
  if (remark) small.draw(surface, remark, area.x + area.width, area.y + em, FAINT_TEXT, 'right');
}

/** Of a standard deviation between models. */
export const spreadRemarks = (spread: number): string[] => [`models ±${share(spread)}`, `±${share(spread)}`];

const TITLES = { units: 'Action units', expressions: 'Expression' };

/** What stays the same in all frames. @param thresholds by unit */
export function drawUnitsGround(
  surface: Surface,
  block: UnitsBlock,
  style: Style,
  thresholds: Readonly<Record<string, number>>,
): void {
  if (block.first) drawTitle(surface, TITLES.units, block, style);
  block.units.forEach((unit, i) => {
    const { bar, label, baseline } = rowOf(block, i, style);
    surface.rectangle(bar, TRACK);
    const name = unitName(unit);
    if (!style.roomy || name === undefined) return;
    const x = label + (UNIT_NAME - LABEL) * style.em;
    const shown = style.small.elided(name, bar.x - x - 0.4 * style.em);
    style.small.draw(surface, shown, x, baseline, FAINT_TEXT);
  });
  drawThresholds(surface, block, style, thresholds);
}

function drawThresholds(
  surface: Surface,
  block: UnitsBlock,
  style: Style,
  thresholds: Readonly<Record<string, number>>,
): void {
  block.units.forEach((unit, i) => {
    const threshold = thresholds[unit];
    if (threshold === undefined || threshold < 0 || threshold > 1) return;
    const { bar } = rowOf(block, i, style);
    const width = Math.max(1, Math.round(MARK_WIDTH * style.em));
    const x = Math.round(bar.x + threshold * bar.width - width / 2);
    const [y, height] = [bar.y - MARK * style.em, bar.height + 2 * MARK * style.em];
    surface.rectangle({ x, y, width, height }, TEXT);
  });
}

/** @param face undefined where there is none: the rows stay, empty */
export function drawUnits(
  surface: Surface,
  block: UnitsBlock,
  style: Style,
  thresholds: Readonly<Record<string, number>>,
  face: FaceReading | undefined,
): void {
  block.units.forEach((unit, i) => {
    const row = rowOf(block, i, style);
    const reading = face?.actionUnits?.[unit];
    const present = reading?.present === true;
    if (reading) drawBar(surface, row, reading.probability, present ? ORANGE : PLAIN);
    drawBox(surface, row, block, style, present);
    const letters = present ? style.bold : style.text;
    letters.draw(surface, unit, row.label, row.baseline, present ? TEXT : FAINT_TEXT);
    drawNumber(surface, row, reading?.probability, style, present);
  });
  drawThresholds(surface, block, style, thresholds);
  const differing = face?.disagreement?.AU;
  if (block.first && differing !== undefined)
    drawRemark(surface, spreadRemarks(differing), TITLES.units, block, style);
}

function drawBar(surface: Surface, { bar }: Row, probability: number, colour: typeof TEXT): void {
  surface.rectangle({ ...bar, width: bar.width * Math.max(0, Math.min(1, probability)) }, colour);
}

function drawNumber(
  surface: Surface,
  { number, baseline }: Row,
  probability: number | undefined,
  style: Style,
  strong: boolean,
): void {
  const words = probability === undefined ? '–' : share(probability);
  const letters = strong ? style.bold : style.text;
  letters.draw(surface, words, number, baseline, strong ? TEXT : FAINT_TEXT, 'right');
}

/** A little box, filled where the unit is present. */
function drawBox(surface: Surface, { y }: Row, { area }: Block, style: Style, present: boolean): void {
  const side = Math.round(0.6 * style.em);
  const box = {
    x: Math.round(area.x + 0.1 * style.em),
    y: Math.round(y - side / 2),
    width: side,
    height: side,
  };
  if (present) surface.rectangle(box, ORANGE);
  else surface.frame(box, style.hairline, GUIDE);
}

export function drawExpressionsGround(surface: Surface, block: ExpressionsBlock, style: Style): void {
  if (block.first) drawTitle(surface, TITLES.expressions, block, style);
  block.expressions.forEach((_, i) => {
    surface.rectangle(rowOf(block, i, style).bar, TRACK);
  });
}

/** @param face undefined where there is none: the rows stay, empty */
export function drawExpressions(
  surface: Surface,
  block: ExpressionsBlock,
  style: Style,
  face: FaceReading | undefined,
): void {
  const { em } = style;
  block.expressions.forEach((expression, i) => {
    const row = rowOf(block, i, style);
    const probability = face?.expression?.probabilities[expression];
    const wins = face?.expression?.label === expression;
    if (probability !== undefined) drawBar(surface, row, probability, wins ? SKY_BLUE : PLAIN);
    if (wins) surface.pointer(block.area.x + 0.1 * em, row.y, 0.75 * em, SKY_BLUE);
    const letters = wins ? style.bold : style.text;
    const shown = letters.elided(expression, row.bar.x - row.label - 0.4 * em);
    letters.draw(surface, shown, row.label, row.baseline, wins ? TEXT : FAINT_TEXT);
    drawNumber(surface, row, probability, style, wins);
  });
  const information = face?.disagreement?.EXPR;
  const agreement = AGREEMENT.find(([below]) => information !== undefined && information < below);
  if (block.first && agreement) drawRemark(surface, [agreement[1]], TITLES.expressions, block, style);
}
