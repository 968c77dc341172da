// Faces as columns: what a manifest holds in memory.

import {
  CategoryColumn,
  type Column,
  type ColumnType,
  type NamedColumn,
  NumberColumn,
  TextColumn,
} from '../files/index.js';
import type { LabelSchema } from '../labels/index.js';
import type { FaceRow, Occurrence, Split } from './face-row.js';

/** The names of the optional columns that a schema brings. */
export const voteColumn = (expression: string) => `vote_${expression}`;
export const intensityColumn = (actionUnit: string) => `${actionUnit}_intensity`;

const BOX_COLUMNS = ['box_x', 'box_y', 'box_width', 'box_height'] as const;

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const numberOf = (value: unknown): number | undefined =>
  typeof value === 'number' ? value : typeof value === 'bigint' ? Number(value) : undefined;

export class FaceTable {
  readonly schema: LabelSchema;
  readonly image = new TextColumn();
  readonly video = new CategoryColumn();
  readonly dataset = new CategoryColumn();
  readonly split = new CategoryColumn();
  readonly subject = new CategoryColumn();
  readonly clip = new CategoryColumn();
  readonly frame = new NumberColumn('int32');
  readonly group = new CategoryColumn();
  readonly expression = new CategoryColumn();
  readonly valence = new NumberColumn('float64');
  readonly arousal = new NumberColumn('float64');
  /** One column per action unit of the schema. */
  readonly actionUnits: readonly NumberColumn[];
  /** Columns that few data sets have: made when the first value comes. */
  readonly #optional = new Map<string, NumberColumn | TextColumn>();
  #length = 0;

  constructor(schema: LabelSchema) {
    this.schema = schema;
    this.actionUnits = schema.actionUnits.map(() => new NumberColumn('uint8'));
  }

  get length(): number {
    return this.#length;
  }

  /** The row must suit the schema (`problemOf`); this is not checked again here. */
  push(row: FaceRow): void {
    this.image.push(row.image);
    this.video.push(row.video);
    this.dataset.push(row.dataset);
    this.split.push(row.split);
    this.subject.push(row.subject);
    this.clip.push(row.clip);
    this.frame.push(row.frame);
    this.group.push(row.group);
    this.expression.push(row.expression);
    this.valence.push(row.valence);
    this.arousal.push(row.arousal);
    const { actionUnits } = this;
    for (let k = 0; k < actionUnits.length; k++) actionUnits[k]?.push(row.actionUnits?.[k]);
    if (row.box) {
      const { x, y, width, height } = row.box;
      [x, y, width, height].forEach((value, k) => void this.#pushOptional(BOX_COLUMNS[k] as string, value));
    }
    if (row.landmarks) this.#pushOptional('landmarks', JSON.stringify(row.landmarks));
    row.votes?.forEach(
      (vote, k) => void this.#pushOptional(voteColumn(this.schema.expressions[k] ?? ''), vote),
    );
    row.intensities?.forEach((intensity, k) => {
      if (intensity !== undefined)
        this.#pushOptional(intensityColumn(this.schema.actionUnits[k] ?? ''), intensity);
    });
    this.#length++;
    for (const column of this.#optional.values()) if (column.length < this.#length) column.push(undefined);
  }

  #pushOptional(name: string, value: number | string): void {
    let column = this.#optional.get(name);
    if (column === undefined) {
      column = typeof value === 'string' ? new TextColumn() : new NumberColumn('float64');
      for (let row = 0; row < this.#length; row++) column.push(undefined);
      this.#optional.set(name, column);
    }
    (column as Column<number | string>).push(value);
  }

  /**
   * Adds rows that come as columns, in the layout that `columns` gives; columns that are absent are missing values, and
   * so are values of another type. Whether the rows suit the schema is for the caller to check.
   * @param rows how many; each of `chunk` has as many values, null and undefined for missing
   */
  append(chunk: ReadonlyMap<string, ArrayLike<unknown>>, rows: number): void {
    const known = new Set(this.columns().map(({ name }) => name));
    for (const { name, type, column } of this.columns({ all: true })) {
      const values = chunk.get(name);
      if (!known.has(name)) {
        if (!Array.prototype.some.call(values ?? [], (value) => value !== null && value !== undefined))
          continue;
        for (let row = 0; row < this.#length; row++) column.push(undefined);
        this.#optional.set(name, column as NumberColumn | TextColumn);
      }
      if (type === 'STRING')
        for (let i = 0; i < rows; i++) (column as Column<string>).push(textOf(values?.[i]));
      else for (let i = 0; i < rows; i++) (column as Column<number>).push(numberOf(values?.[i]));
    }
    this.#length += rows;
  }

  #number(name: string, row: number): number | undefined {
    return this.#optional.get(name)?.get(row) as number | undefined;
  }

  /** @param row 0 … length − 1 */
  row(row: number): FaceRow {
    const { schema } = this;
    const [x, y, width, height] = BOX_COLUMNS.map((name) => this.#number(name, row));
    const landmarks = this.#optional.get('landmarks')?.get(row) as string | undefined;
    const votes = schema.expressions.map((name) => this.#number(voteColumn(name), row));
    const intensities = schema.actionUnits.map((unit) => this.#number(intensityColumn(unit), row));
    const units = this.actionUnits.map((column) => column.get(row) as Occurrence);
    const result: FaceRow = { dataset: this.dataset.get(row) ?? '' };
    const set = <K extends keyof FaceRow>(key: K, value: FaceRow[K]) => {
      if (value !== undefined) result[key] = value;
    };
    set('image', this.image.get(row));
    set('video', this.video.get(row));
    set('split', this.split.get(row) as Split | undefined);
    set('subject', this.subject.get(row));
    set('clip', this.clip.get(row));
    set('frame', this.frame.get(row));
    set('group', this.group.get(row));
    if (x !== undefined && y !== undefined && width !== undefined && height !== undefined)
      result.box = { x, y, width, height };
    if (landmarks !== undefined) result.landmarks = JSON.parse(landmarks);
    set('expression', this.expression.get(row));
    if (votes.some((vote) => vote !== undefined)) result.votes = votes.map((vote) => vote ?? 0);
    set('valence', this.valence.get(row));
    set('arousal', this.arousal.get(row));
    if (units.some((unit) => unit !== undefined)) result.actionUnits = units;
    if (intensities.some((intensity) => intensity !== undefined)) result.intensities = intensities;
    return result;
  }

  *rows(): Generator<FaceRow> {
    for (let row = 0; row < this.#length; row++) yield this.row(row);
  }

  /** The optional number column of this name, or undefined where no row has a value. */
  optional(name: string): NumberColumn | undefined {
    const column = this.#optional.get(name);
    return column instanceof NumberColumn ? column : undefined;
  }

  /** Columns in the order of the file (units are in `docs/manifest.md`); optional ones only where some row has a value, unless `all`. */
  columns({ all = false } = {}): NamedColumn[] {
    const text = (name: string, column: Column<string>): NamedColumn => ({ name, type: 'STRING', column });
    const optional = (name: string, type: ColumnType): NamedColumn[] => {
      const column =
        this.#optional.get(name) ??
        (all ? (type === 'STRING' ? new TextColumn() : new NumberColumn('float64')) : undefined);
      return column === undefined ? [] : [{ name, type, column }];
    };
    return [
      text('image', this.image),
      text('video', this.video),
      text('dataset', this.dataset),
      text('split', this.split),
      text('subject', this.subject),
      text('clip', this.clip),
      { name: 'frame', type: 'INT32', column: this.frame },
      text('group', this.group),
      ...BOX_COLUMNS.flatMap((name) => optional(name, 'DOUBLE')),
      ...optional('landmarks', 'STRING'),
      text('expression', this.expression),
      ...this.schema.expressions.flatMap((name) => optional(voteColumn(name), 'DOUBLE')),
      { name: 'valence', type: 'DOUBLE', column: this.valence },
      { name: 'arousal', type: 'DOUBLE', column: this.arousal },
      ...this.schema.actionUnits.map(
        (name, k): NamedColumn => ({ name, type: 'INT32', column: this.actionUnits[k] as NumberColumn }),
      ),
      ...this.schema.actionUnits.flatMap((name) => optional(intensityColumn(name), 'DOUBLE')),
    ];
  }
}
