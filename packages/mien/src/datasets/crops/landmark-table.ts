// Tables of landmarks: our own columns (picture or video and frame, points, box), JSON Lines of the same, and the CSV
// that OpenFace writes.

import { type Box, LANDMARK_COUNTS } from '../../faces/index.js';
import { DataError, parseNumber, readTable, show } from '../../files/index.js';

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
const LISTED = `a list of x and y of ${LANDMARK_COUNTS.join(', ')} points`;
const BOXED = 'x, y, width, height';
const BOX = ['box_x', 'box_y', 'box_width', 'box_height'] as const;

/** A row of the table. */
interface TableRecord {
  /** Line of the file, from 1. */
  row: number;
  /** By column; lists and objects of JSON Lines as JSON. */
  values: Readonly<Record<string, string | undefined>>;
}

const isEmpty = (value: string | undefined) => value === undefined || value.trim() === '';

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
  const number = (column: string, value: string | undefined, range: typeof COUNT | typeof PIXELS): number =>
    parseNumber(value ?? '', { file, row, column }, range);
  const optional = (column: string): number | undefined =>
    isEmpty(values[column]) ? undefined : number(column, values[column], COUNT);
  const text = (column: string): string | undefined => values[column]?.trim() || undefined;
  /** A cell that holds JSON. */
  const json = (column: string, expected: string): unknown => {
    const cell = values[column];
    if (cell === undefined || isEmpty(cell)) return undefined;
    try {
      return JSON.parse(cell);
    } catch (cause) {
      throw new DataError({ file, row, column }, { found: show(cell), expected, cause });
    }
  };
  return { number, optional, text, json };
}

type RowReader = ReturnType<typeof rowReader>;

/** Of columns x0, y0, …, or of a list `landmarks` (flat, or of pairs). */
function landmarksOf(
  record: TableRecord,
  { points }: Layout,
  file: string,
  read: RowReader,
): number[] | undefined {
  const { row, values } = record;
  const list = read.json('landmarks', LISTED);
  if (list !== undefined) {
    if (!Array.isArray(list))
      throw new DataError(
        { file, row, column: 'landmarks' },
        { found: show(JSON.stringify(list)), expected: LISTED },
      );
    const listed = list.flat().map((one) => read.number('landmarks', String(one), PIXELS));
    if (listed.length % 2 === 0 && LANDMARK_COUNTS.includes(listed.length / 2)) return listed;
    throw new DataError(
      { file, row, column: 'landmarks' },
      { found: `${listed.length} numbers`, expected: LISTED },
    );
  }
  if (points.every((name) => isEmpty(values[name]))) return undefined;
  return points.map((name) => read.number(name, values[name], PIXELS));
}

/** Of columns box_x, …, or of a list or object `box`. */
function boxOf({ row, values }: TableRecord, file: string, read: RowReader): Box | undefined {
  const box = read.json('box', BOXED);
  const listed: unknown[] | undefined = Array.isArray(box)
    ? box
    : typeof box === 'object' && box !== null
      ? ['x', 'y', 'width', 'height'].map((name) => (box as Record<string, unknown>)[name])
      : undefined;
  const parts = listed?.map(String) ?? BOX.map((name) => values[name]);
  if (parts.every(isEmpty)) return undefined;
  if (parts.length !== 4)
    throw new DataError({ file, row, column: 'box' }, { found: show(JSON.stringify(box)), expected: BOXED });
  const [x = 0, y = 0, width = 0, height = 0] = parts.map((part, i) =>
    read.number(BOX[i] as string, part, PIXELS),
  );
  return { x, y, width, height };
}

function faceOf(record: TableRecord, layout: Layout, file: string): LandmarkRow {
  const { openFace } = layout;
  const read = rowReader(record, file);
  const frame = read.optional('frame');
  if (openFace && frame === 0)
    throw new DataError(
      { file, row: record.row, column: 'frame' },
      { found: '0', expected: 'frames from 1' },
    );
  const found = !openFace || read.number('success', record.values.success, COUNT) !== 0;
  return {
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

/**
 * Rows in the table's order.
 * @throws DataError naming the line: of coordinates that are no numbers, a number of points other than 68, 5 or 4, …
 */
export async function* readLandmarkTable(file: string): AsyncGenerator<LandmarkRow> {
  const table = await readTable(file);
  const layout = layoutOf(table.columns, file);
  let rows = 0;
  for await (const batch of table)
    for (const { number: row, cells } of batch) {
      rows++;
      const values = Object.fromEntries(table.columns.map((name, k) => [name, cells[k]]));
      yield faceOf({ row, values }, layout, file);
    }
  if (rows === 0) throw new DataError({ file }, { found: 'no rows', expected: 'a table of landmarks' });
}
