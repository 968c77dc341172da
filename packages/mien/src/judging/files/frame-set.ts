// What files say of frames, labels or predictions alike, whatever their format: a row per frame, columns by task.

import { type CategoryColumn, DataError } from '../../files/index.js';
import { type LabelSchema, TASKS, type Task } from '../../labels/index.js';
import { SparseRows } from './sparse-rows.js';

export interface Place {
  file: string;
  row: number;
}

/** A text file that has a line for every frame of one video. */
export interface VideoFile {
  task: Task;
  clip: string;
  file: string;
  /** Lines after the header. */
  lines: number;
}

/** Values and which of them are known: where the mask is 0 the value means nothing. */
interface Known<A> {
  values: A;
  known: Uint8Array;
}

/** n frames; C expressions and K action units of the schema. */
export interface FrameSet {
  /** As the user named it. */
  file: string;
  schema: LabelSchema;
  length: number;
  /** Names of clips; empty where frames are told by their images alone. */
  clips: readonly string[];
  /** [n] clip of each frame, an index of `clips`, and number of the frame in it, from 0. */
  clip: Int32Array;
  frame: Int32Array;
  /** [n] paths of images, where the file has them. */
  images?: readonly string[];
  /** [n] classes, and [n, C] probabilities, each row with sum 1. */
  EXPR?: Known<Int32Array> & { probabilities?: Float32Array };
  /** [n, K], 0 … 1. */
  AU?: Known<Float32Array>;
  /** [n, 2] valence and arousal. */
  VA?: Known<Float32Array>;
  /** Of tables: what frames belong together by. */
  groups: Partial<Record<GroupName, CategoryColumn>>;
  videoFiles: readonly VideoFile[];
  /** Whether anything is said of a frame, and where it stands. */
  says(task: Task, row: number): boolean;
  place(task: Task, row: number): Place;
  /** The row of a frame. */
  rowOf(clip: string, frame: number): number | undefined;
}

export type GroupName = 'dataset' | 'subject' | 'group';

/** Frames as people count and name them. */
export const frameName = (clip: string, frame: number): string =>
  clip === '' ? `frame ${frame}` : `frame ${frame} of ${clip}`;

/** Where the file first speaks of a frame. */
export function placeIn(set: FrameSet, row: number): Place {
  return set.place(TASKS.find((task) => set.says(task, row)) ?? 'EXPR', row);
}

/** Builds a set from pieces in any order. Columns are filled by the readers; rows come from `rowOf` and `rowOfImage`. */
export class FrameSetBuilder {
  readonly file: string;
  readonly schema: LabelSchema;
  readonly expression = new SparseRows(new Int32Array(0), 1);
  readonly probabilities: SparseRows<Float32Array>;
  readonly units: SparseRows<Float32Array>;
  readonly affect = new SparseRows(new Float32Array(0), 2);
  readonly groups: Partial<Record<GroupName, CategoryColumn>> = {};
  readonly #clips = new Map<string, { code: number; rows: Map<number, number> }>();
  readonly #clipOf = new SparseRows(new Int32Array(0), 1);
  readonly #frameOf = new SparseRows(new Int32Array(0), 1);
  readonly #rowsOfImages = new Map<string, number>();
  readonly #images: string[] = [];
  readonly #files: string[] = [];
  readonly #videoFiles: VideoFile[] = [];
  readonly #places: Readonly<Record<Task, SparseRows<Int32Array>>> = {
    EXPR: new SparseRows(new Int32Array(0), 2),
    AU: new SparseRows(new Int32Array(0), 2),
    VA: new SparseRows(new Int32Array(0), 2),
  };
  #length = 0;

  constructor(file: string, schema: LabelSchema) {
    this.file = file;
    this.schema = schema;
    this.probabilities = new SparseRows(new Float32Array(0), schema.expressions.length);
    this.units = new SparseRows(new Float32Array(0), schema.actionUnits.length);
  }

  get length(): number {
    return this.#length;
  }

  /** The row of a frame, a new one where there is none yet. @param image its path, where it is told too */
  rowOf(clip: string, frame: number, image?: string): number {
    let entry = this.#clips.get(clip);
    if (entry === undefined) {
      entry = { code: this.#clips.size, rows: new Map() };
      this.#clips.set(clip, entry);
    }
    let row = entry.rows.get(frame);
    if (row === undefined) {
      row = this.#length++;
      entry.rows.set(frame, row);
      this.#clipOf.set(row, 0, entry.code);
      this.#frameOf.set(row, 0, frame);
      if (image !== undefined) this.#images.push(image);
    }
    return row;
  }

  /** The row of an image that is told by its path alone. */
  rowOfImage(image: string): number {
    let row = this.#rowsOfImages.get(image);
    if (row === undefined) {
      row = this.#length++;
      this.#rowsOfImages.set(image, row);
      this.#images.push(image);
    }
    return row;
  }

  /** Announces a file. @returns the number by which `claim` knows it */
  open(file: string): number {
    return this.#files.push(file) - 1;
  }

  addVideoFile(file: VideoFile): void {
    this.#videoFiles.push(file);
  }

  /**
   * Says that a line speaks of a frame.
   * @throws DataError when another one has done so for this task
   */
  claim(task: Task, row: number, file: number, line: number): void {
    const places = this.#places[task];
    if (places.knows(row, 0)) {
      const before = this.#placeOf(task, row);
      throw new DataError(
        { file: this.#files[file] as string, row: line },
        {
          found: `${this.#nameOf(row)} for the second time`,
          expected: `each frame once; the first is ${before.file}:${before.row}`,
        },
      );
    }
    places.set(row, 0, file);
    places.set(row, 1, line);
  }

  #nameOf(row: number): string {
    const clip = this.#clipOf.get(row, 0);
    if (clip === undefined) return String(this.#images[row]);
    return frameName([...this.#clips.keys()][clip] as string, this.#frameOf.get(row, 0) ?? 0);
  }

  #placeOf(task: Task, row: number): Place {
    const places = this.#places[task];
    return { file: this.#files[places.get(row, 0) ?? -1] ?? this.file, row: places.get(row, 1) ?? 1 };
  }

  build(): FrameSet {
    const { file, schema, groups, probabilities, units, affect, expression } = this;
    const n = this.#length;
    return {
      file,
      schema,
      length: n,
      clips: [...this.#clips.keys()],
      clip: this.#clipOf.take(n).values,
      frame: this.#frameOf.take(n).values,
      ...(n > 0 && this.#images.length === n && { images: this.#images }),
      ...(expression.some && {
        EXPR: {
          ...expression.take(n),
          ...(probabilities.some && { probabilities: probabilities.take(n).values }),
        },
      }),
      ...(units.some && { AU: units.take(n) }),
      ...(affect.some && { VA: affect.take(n) }),
      groups,
      videoFiles: this.#videoFiles,
      says: (task, row) => this.#places[task].knows(row, 0),
      place: (task, row) => this.#placeOf(task, row),
      rowOf: (clip, frame) => this.#clips.get(clip)?.rows.get(frame),
    };
  }
}
