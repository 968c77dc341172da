// Tables of landmarks: our own columns (picture or video and frame, points, box), JSON Lines of the same, and the CSV
// that OpenFace writes.

import { type Box, LANDMARK_COUNTS } from '../../faces/index.js';
import { DataError, parseNumber, show } from '../../files/index.js';
import { readRecords, type TableRecord } from './records.js';

/** A face of a table. */
export interface LandmarkRow {
  /** Line of the file, from 1. */
  line: number;
  /** Path as the table has it; without one of these two, the table's own name says which video it belongs to. */
  image?: string | undefined;
  video?: string | undefined;
  /** From 0. */
  frame?: number | undefined;
  /** Number of the face in its frame or of its track, from 0. */
  face?: number | undefined;
  clip?: string | undefined;
  /** Flat; undefined with `box` where no face was found. */
  landmarks?: number[] | undefined;
  box?: Box | undefined;
}

/** Coordinates beyond this are no pixels. */
const PIXELS = { min: -1e6, max: 1e6 };
const COUNT = { min: 0, max: 2 ** 31 - 1, integer: true };
const BOX = ['box_x', 'box_y', 'box_width', 'box_height'] as const;

const isEmpty = (value: unknown) => value === undefined || value === null || value === '';

/** What a table's rows have in common, found out from the first. */
interface Layout {
  /** Names of the coordinates in order: x0, y0, x1, … */
  points: string[];
  /** OpenFace counts frames from 1, and tells by `success` whether it found the face. */
  openFace: boolean;
}

function layoutOf(names: readonly string[], file: string): Layout {
  const axis = (letter: string) => names.filter((name) => new RegExp(`^${letter}_?\\d+$`).test(name));
  const [xs, ys] = [axis('x'), axis('y')];
  const openFace = names.includes('success') && xs.includes('x_0');
  if (xs.length === 0 && ys.length === 0) return { points: [], openFace };
  const separator = xs[0]?.includes('_') ? '_' : '';
  const points = Array.from({ length: xs.length }, (_, i) => [
    `x${separator}${i}`,
    `y${separator}${i}`,
  ]).flat();
  const missing = points.find((name) => !names.includes(name));
  if (!LANDMARK_COUNTS.includes(xs.length) || ys.length !== xs.length || missing !== undefined)
    throw new DataError(
      { file, row: 1 },
      {
        found:
          missing === undefined
            ? `${xs.length} columns x… and ${ys.length} columns y…`
            : `no column ${missing}`,
        expected: `columns x0, y0, x1, … of ${LANDMARK_COUNTS.join(', ')} points`,
      },
    );
  return { points, openFace };
}

/** Reads values of one row, with errors that name its place. */
function rowReader({ row, values }: TableRecord, file: string) {
  const number = (column: string, value: unknown, range: typeof COUNT | typeof PIXELS): number => {
    if (typeof value === 'number' && value >= range.min && value <= range.max) {
      if (!('integer' in range) || Number.isInteger(value)) return value;
    }
    return parseNumber(typeof value === 'string' ? value : show(value), { file, row, column }, range);
  };
  const optional = (column: string): number | undefined =>
    isEmpty(values[column]) ? undefined : number(column, values[column], COUNT);
  const text = (column: string): string | undefined => {
    const value = values[column];
    if (isEmpty(value)) return undefined;
    if (typeof value !== 'string')
      throw new DataError({ file, row, column }, { found: show(value), expected: 'a text' });
    return value;
  };
  return { number, optional, text };
}

type RowReader = ReturnType<typeof rowReader>;

function numbersOf(value: unknown, column: string, { number }: RowReader): number[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.flat().map((one) => number(column, one, PIXELS));
}

/** Of columns x0, y0, …, or of a list `landmarks` (flat, or of pairs). */
function landmarksOf(
  record: TableRecord,
  { points }: Layout,
  file: string,
  read: RowReader,
): number[] | undefined {
  const { row, values } = record;
  const listed = numbersOf(values.landmarks, 'landmarks', read);
  if (listed !== undefined) {
    if (listed.length % 2 === 0 && LANDMARK_COUNTS.includes(listed.length / 2)) return listed;
    throw new DataError(
      { file, row, column: 'landmarks' },
      { found: `${listed.length} numbers`, expected: `x and y of ${LANDMARK_COUNTS.join(', ')} points` },
    );
  }
  if (points.every((name) => isEmpty(values[name]))) return undefined;
  return points.map((name) => read.number(name, values[name], PIXELS));
}

/** Of columns box_x, …, or of a list or object `box`. */
function boxOf({ row, values }: TableRecord, file: string, read: RowReader): Box | undefined {
  const { box } = values;
  const parts = isEmpty(box)
    ? BOX.map((name) => values[name])
    : Array.isArray(box)
      ? box
      : ['x', 'y', 'width', 'height'].map((name) => (box as Record<string, unknown>)[name]);
  if (parts.every(isEmpty)) return undefined;
  if (parts.length !== 4)
    throw new DataError(
      { file, row, column: 'box' },
      { found: show(JSON.stringify(box)), expected: 'x, y, width, height' },
    );
  const [x = 0, y = 0, width = 0, height = 0] = parts.map((part, i) =>
    read.number(BOX[i] as string, part, PIXELS),
  );
  return { x, y, width, height };
}

/**
 * Rows in the table's order.
 * @throws DataError naming the line: of coordinates that are no numbers, a number of points other than 68, 5 or 4, …
 */
export async function* readLandmarkTable(file: string): AsyncGenerator<LandmarkRow> {
  let layout: Layout | undefined;
  for await (const record of readRecords(file)) {
    layout ??= layoutOf(Object.keys(record.values), file);
    const { openFace } = layout;
    const read = rowReader(record, file);
    const frame = read.optional('frame');
    if (openFace && frame === 0)
      throw new DataError(
        { file, row: record.row, column: 'frame' },
        { found: '0', expected: 'frames from 1' },
      );
    const found = !openFace || read.number('success', record.values.success, COUNT) !== 0;
    yield {
      line: record.row,
      image: read.text('image'),
      video: read.text('video'),
      frame: openFace && frame !== undefined ? frame - 1 : frame,
      face: read.optional(openFace ? 'face_id' : 'face'),
      clip: read.text('clip'),
      landmarks: found ? landmarksOf(record, layout, file, read) : undefined,
      box: found ? boxOf(record, file, read) : undefined,
    };
  }
  if (layout === undefined)
    throw new DataError({ file }, { found: 'no rows', expected: 'a table of landmarks' });
}
