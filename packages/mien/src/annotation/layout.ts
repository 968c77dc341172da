// Where everything lies: the picture at the left, beside it a panel of one or more columns. All sizes are in ems of one font
// size that follows from the picture's, so that a small video looks like a large one as far as it can be read.

import type { Box, Size } from '../faces/index.js';
import type { ActionUnit, LabelSchema, Task } from '../labels/index.js';

export type Block =
  | { kind: 'units'; units: readonly ActionUnit[]; first: boolean; area: Box; pitch: number }
  | { kind: 'expressions'; expressions: readonly string[]; first: boolean; area: Box; pitch: number }
  | { kind: 'plane'; area: Box; side: number; beside: boolean }
  | { kind: 'course'; area: Box };

export interface Layout {
  /** Of the whole, even in both directions, as video encoders want it. */
  width: number;
  height: number;
  picture: Box;
  panel: Box;
  /** Pixels. */
  em: number;
  /** Whether there is room for names of action units and a second line at the head. */
  roomy: boolean;
  header: Box;
  blocks: readonly Block[];
}

/** Smaller letters cannot be read after a video's compression. */
const SMALLEST_EM = 11;
/** Lines of text that a picture is high. */
const EMS = 56;
/** An upright picture counts as this many times its width high, where that is less. */
const UPRIGHT = 1.25;
/** Below so many pixels, only what must be is written. */
const ROOMY_EM = 12.5;
/** A panel's least height, ems: for smaller pictures the ground goes on below and above. */
const LEAST_HEIGHT = 32;

/** In ems. */
export const PADDING = 0.9;
const COLUMN_GAP = 1.6;
const BLOCK_GAP = 0.8;
export const TITLE = 1.7;
const PITCH = { least: 1.2, most: 1.65 };
const COURSE = { least: 5.2, most: 8.5 };
/** Room for the numbers beside the plane, or below it. */
export const READOUT = { beside: 5.6, below: 2.2 };

const sizes = (roomy: boolean) =>
  roomy ? { column: 23, header: 3.9, plane: 11.5 } : { column: 15, header: 2.1, plane: 7 };

/** A block before it has its place: its height in ems, at least and at most. */
interface Draft {
  block: DraftBlock;
  least: number;
  most: number;
}

type DraftBlock =
  | { kind: 'units'; units: readonly ActionUnit[]; first: boolean }
  | { kind: 'expressions'; expressions: readonly string[]; first: boolean }
  | { kind: 'plane' }
  | { kind: 'course' };

/** @returns the list in as many parts, of about the same length, as it takes for none to be longer than `most` */
function parts<T>(list: readonly T[], most: number): T[][] {
  const count = Math.ceil(list.length / most);
  const length = Math.ceil(list.length / count);
  return Array.from({ length: count }, (_, i) => list.slice(i * length, (i + 1) * length));
}

const rowsDraft = (block: DraftBlock, rows: number): Draft => ({
  block,
  least: TITLE + rows * PITCH.least,
  most: TITLE + rows * PITCH.most,
});

function draftsOf(schema: LabelSchema, tasks: readonly Task[], room: number, roomy: boolean): Draft[] {
  const rows = Math.floor((room - TITLE) / PITCH.least);
  const drafts: Draft[] = [];
  if (tasks.includes('AU'))
    parts(schema.actionUnits, rows).forEach((units, i) => {
      drafts.push(rowsDraft({ kind: 'units', units, first: i === 0 }, units.length));
    });
  if (tasks.includes('EXPR'))
    parts(schema.expressions, rows).forEach((expressions, i) => {
      drafts.push(rowsDraft({ kind: 'expressions', expressions, first: i === 0 }, expressions.length));
    });
  if (tasks.includes('VA')) {
    const { column, plane } = sizes(roomy);
    drafts.push({
      block: { kind: 'plane' },
      least: TITLE + plane,
      most: TITLE + column + READOUT.below,
    });
  }
  return drafts;
}

const heightOf = (column: readonly Draft[]) =>
  column.reduce((sum, { least }) => sum + least, 0) + BLOCK_GAP * Math.max(0, column.length - 1);

/** Each block into the first column that has room. The course of valence and arousal is taken where a column has room left. */
function columnsOf(drafts: readonly Draft[], room: number): Draft[][] {
  const columns: Draft[][] = [];
  const put = (draft: Draft): boolean => {
    const column = columns.find(
      (one) => heightOf(one) + (one.length > 0 ? BLOCK_GAP : 0) + draft.least <= room,
    );
    column?.push(draft);
    return column !== undefined;
  };
  for (const draft of drafts) if (!put(draft)) columns.push([draft]);
  const plane = columns.find((column) => column.some(({ block }) => block.kind === 'plane'));
  if (plane) {
    const course: Draft = {
      block: { kind: 'course' },
      least: TITLE + COURSE.least,
      most: TITLE + COURSE.most,
    };
    if (heightOf(plane) + BLOCK_GAP + course.least <= room) plane.push(course);
    else put(course);
  }
  return columns;
}

/** A column's blocks at their places, stretched evenly into the room that is left. */
function placed(
  column: readonly Draft[],
  x: number,
  y: number,
  room: number,
  em: number,
  roomy: boolean,
): Block[] {
  const most = column.reduce((sum, one) => sum + one.most, 0);
  const least = column.reduce((sum, one) => sum + one.least, 0);
  const free = room - heightOf(column);
  const share = most > least ? Math.min(1, free / (most - least)) : 0;
  let top = y;
  return column.map((draft) => {
    const height = draft.least + share * (draft.most - draft.least);
    const area = { x, y: top * em, width: sizes(roomy).column * em, height: height * em };
    top += height + BLOCK_GAP;
    return finished(draft.block, area, em);
  });
}

function finished(block: DraftBlock, area: Box, em: number): Block {
  const inner = area.height - TITLE * em;
  switch (block.kind) {
    case 'units':
      return { ...block, area, pitch: inner / block.units.length };
    case 'expressions':
      return { ...block, area, pitch: inner / block.expressions.length };
    case 'plane': {
      const beside = Math.min(inner, area.width - READOUT.beside * em);
      const above = Math.min(inner - READOUT.below * em, area.width);
      return { ...block, area, side: Math.floor(Math.max(beside, above)), beside: beside >= above };
    }
    case 'course':
      return { ...block, area };
  }
}

const even = (length: number) => 2 * Math.ceil(length / 2);

/**
 * @param size of the picture, pixels
 * @throws RangeError if the size is not one of whole pixels
 */
export function layOut({ width, height }: Size, schema: LabelSchema, tasks: readonly Task[]): Layout {
  if (!(Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0))
    throw new RangeError(`a picture of ${width} × ${height} pixels; expected whole pixels, at least 1 × 1`);
  const em = Math.max(SMALLEST_EM, Math.min(height, UPRIGHT * width) / EMS);
  const roomy = em >= ROOMY_EM;
  const { column, header } = sizes(roomy);
  const whole = even(Math.max(height, LEAST_HEIGHT * em));
  const top = PADDING + header;
  const room = whole / em - top - PADDING;
  const columns = columnsOf(draftsOf(schema, tasks, room, roomy), room);
  const count = Math.max(1, columns.length);
  const inner = count * column + (count - 1) * COLUMN_GAP;
  const total = even(width + (2 * PADDING + inner) * em);
  const left = width + PADDING * em;
  const blocks = columns.flatMap((drafts, i) =>
    placed(drafts, left + i * (column + COLUMN_GAP) * em, top, room, em, roomy),
  );
  return {
    width: total,
    height: whole,
    picture: { x: 0, y: Math.floor((whole - height) / 2), width, height },
    panel: { x: width, y: 0, width: total - width, height: whole },
    em,
    roomy,
    header: { x: left, y: PADDING * em, width: inner * em, height: header * em },
    blocks,
  };
}
