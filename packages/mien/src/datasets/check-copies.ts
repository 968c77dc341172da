// Pictures that are the same, pixel by pixel: copies under several names, and one name on several rows. Harmless where
// they carry labels of different tasks; not where they lie on both sides of a split or contradict each other.

import type { Split } from './face-row.js';
import type { FaceTable } from './face-table.js';

/** The first 128 bits of a hash: among a million pictures, a chance of 1 in 10^27 that two different ones share it. */
export const HASH_WORDS = 4;

/** The distinct files of one kind that rows name. */
export interface NamedFiles {
  /** First row of each [files]. */
  firstRow: number[];
  /** File of each row, −1 where the row names none [rows]. */
  ofRow: Int32Array;
}

export interface Copy {
  dataset: string;
  image: string;
  split: Split | null;
  /** From 1. */
  row: number;
}

/** Rows that show the same pixels. */
export type CopyGroup = Copy[];

export interface CopyReport {
  /** Groups of pictures with different names and the same pixels. */
  groups: number;
  /** Pictures in these groups. */
  images: number;
  /** Pictures that several rows name, for the same face. */
  repeated: number;
  /** Groups, and repeated pictures, of which rows lie in different splits. */
  acrossSplits: { count: number; examples: CopyGroup[] };
  /** Groups, and repeated pictures, of which rows label the same face differently. */
  contradicting: { count: number; examples: CopyGroup[] };
  /** Of the other groups. */
  examples: CopyGroup[];
}

interface Pixels {
  /** [images, HASH_WORDS] */
  hashes: Uint32Array;
  /** 1 where the picture could be decoded [images]. */
  readable: Uint8Array;
}

/** Pictures in an order in which equal ones are neighbours; among equals in the order of the manifest. */
function sortedByHash({ hashes, readable }: Pixels): {
  order: Int32Array;
  same: (a: number, b: number) => boolean;
} {
  const compare = (a: number, b: number) => {
    for (let word = 0; word < HASH_WORDS; word++) {
      const difference =
        (hashes[a * HASH_WORDS + word] as number) - (hashes[b * HASH_WORDS + word] as number);
      if (difference !== 0) return difference;
    }
    return 0;
  };
  const order = Int32Array.from(readable.keys())
    .filter((image) => readable[image] === 1)
    .sort((a, b) => compare(a, b) || a - b);
  return { order, same: (a, b) => compare(a, b) === 0 };
}

/** The rows of each picture, ascending: those of picture i lie at `start[i]` … `start[i + 1]`. */
function rowsByImage(ofRow: Int32Array, images: number) {
  const start = new Int32Array(images + 1);
  for (const image of ofRow) if (image >= 0) start[image + 1] = (start[image + 1] as number) + 1;
  for (let image = 0; image < images; image++)
    start[image + 1] = (start[image + 1] as number) + (start[image] as number);
  const next = start.slice();
  const rows = new Int32Array(start[images] as number);
  ofRow.forEach((image, row) => {
    if (image < 0) return;
    rows[next[image] as number] = row;
    next[image] = (next[image] as number) + 1;
  });
  return (image: number) => rows.subarray(start[image], start[image + 1]);
}

/** Tells faces of one picture apart. */
function faceTest(faces: FaceTable): (row: number) => string {
  const box = ['box_x', 'box_y', 'box_width', 'box_height'].map((name) => faces.optional(name));
  if (box.every((column) => column === undefined)) return () => '';
  return (row) => box.map((column) => column?.get(row)).join();
}

/** Are there two rows with different labels for the same thing? */
function contradict(faces: FaceTable, rows: readonly number[]): boolean {
  const columns: ((row: number) => unknown)[] = [
    (row) => faces.expression.code(row),
    (row) => faces.valence.get(row),
    (row) => faces.arousal.get(row),
    ...faces.actionUnits.map((unit) => (row: number) => unit.get(row)),
  ];
  return columns.some((label) => new Set(rows.map(label).filter((value) => value !== undefined)).size > 1);
}

interface Group {
  /** Different pictures. */
  images: number;
  /** All rows that name one of them, ascending. */
  rows: number[];
}

/** Every set of two or more rows with the same pixels, in the order of the manifest. */
function sameRows({ firstRow, ofRow }: NamedFiles, pixels: Pixels): Group[] {
  const { order, same } = sortedByHash(pixels);
  const rowsOf = rowsByImage(ofRow, firstRow.length);
  const groups: Group[] = [];
  for (let from = 0, to = 0; from < order.length; from = to) {
    while (to < order.length && same(order[from] as number, order[to] as number)) to++;
    if (to === from + 1 && rowsOf(order[from] as number).length === 1) continue;
    const rows = Array.from(order.subarray(from, to)).flatMap((image) => Array.from(rowsOf(image)));
    groups.push({ images: to - from, rows: rows.sort((a, b) => a - b) });
  }
  return groups.sort((a, b) => (a.rows[0] as number) - (b.rows[0] as number));
}

/** Rows in sets of the same face. */
function byFace(rows: readonly number[], faceOf: (row: number) => string): number[][] {
  const sets = new Map<string, number[]>();
  for (const row of rows) {
    const set = sets.get(faceOf(row)) ?? [];
    set.push(row);
    sets.set(faceOf(row), set);
  }
  return [...sets.values()];
}

/** @param examples the most of each kind */
export function findCopies(
  faces: FaceTable,
  images: NamedFiles,
  pixels: Pixels,
  examples: number,
): CopyReport {
  const report: CopyReport = {
    groups: 0,
    images: 0,
    repeated: 0,
    acrossSplits: { count: 0, examples: [] },
    contradicting: { count: 0, examples: [] },
    examples: [],
  };
  const faceOf = faceTest(faces);
  const add = (list: CopyGroup[], rows: readonly number[]) => {
    if (list.length < examples)
      list.push(
        rows.map((row) => ({
          dataset: faces.dataset.get(row) ?? '',
          image: faces.image.get(row) ?? '',
          split: (faces.split.get(row) as Split | undefined) ?? null,
          row: row + 1,
        })),
      );
  };
  for (const { images: count, rows } of sameRows(images, pixels)) {
    const sets = byFace(rows, faceOf);
    if (count > 1) {
      report.groups++;
      report.images += count;
    } else if (sets.some((set) => set.length > 1)) report.repeated++;
    const splits = new Set(rows.map((row) => faces.split.code(row)).filter((code) => code !== undefined));
    const bad = [
      ...(splits.size > 1 ? [report.acrossSplits] : []),
      ...(sets.some((set) => contradict(faces, set)) ? [report.contradicting] : []),
    ];
    for (const kind of bad) {
      kind.count++;
      add(kind.examples, rows);
    }
    if (bad.length === 0 && count > 1) add(report.examples, rows);
  }
  return report;
}
