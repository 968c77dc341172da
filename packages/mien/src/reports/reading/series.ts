// What is read of a video, frame by frame, in memory that stays small: above a limit neighbouring frames become bins with
// their means, lows and highs. All faces share the bins, so that their timelines stand over each other.

import type { LabelSchema } from '../../labels/index.js';
import type { FaceReading } from '../../reading/index.js';

/** A list of numbers that grows. */
class Numbers<T extends Float32Array | Float64Array | Int32Array | Uint32Array> {
  length = 0;
  #values: T;
  readonly #make: (length: number) => T;

  constructor(make: (length: number) => T) {
    this.#make = make;
    this.#values = make(64);
  }

  /** Adds `count` zeros. @returns where the first one lies */
  grow(count: number): number {
    const first = this.length;
    this.length += count;
    if (this.length > this.#values.length) {
      const more = this.#make(Math.max(this.length, 2 * this.#values.length));
      more.set(this.#values);
      this.#values = more;
    }
    return first;
  }

  push(value: number): void {
    const at = this.grow(1); // before `#values` is looked at: it may become another one
    this.#values[at] = value;
  }

  /** Valid until it grows. */
  get values(): T {
    return this.#values.subarray(0, this.length) as T;
  }

  /** All of the memory, for writing at places that `grow` gave. */
  get memory(): T {
    return this.#values;
  }
}

const float32s = () => new Numbers((length) => new Float32Array(length));
const int32s = () => new Numbers((length) => new Int32Array(length));

/**
 * A row of numbers for each bin in which a face was seen. Sums, but for lows and highs:
 * frames with VA, valence (sum, low, high), arousal (sum, low, high), frames with EXPR, probability of each expression,
 * frames in which it is the most probable, frames with AU, probability of each unit, frames in which it is present.
 */
export interface SeriesLayout {
  affect: number;
  expressions: number;
  units: number;
  numbers: number;
}

export function seriesLayout({ expressions, actionUnits }: LabelSchema): SeriesLayout {
  const second = 7;
  const third = second + 1 + 2 * expressions.length;
  return { affect: 0, expressions: second, units: third, numbers: third + 1 + 2 * actionUnits.length };
}

/** One face: in which bins it was seen, ascending, and a row for each of them. */
export interface SeriesTrack {
  bins: Int32Array;
  rows: Float32Array;
}

/** What numbers of a row are extremes, not sums: [low, high] of valence and of arousal. */
const EXTREMES: readonly (readonly [sum: number, low: number, high: number])[] = [
  [1, 2, 3],
  [4, 5, 6],
];

/** Adds a row to another one. */
function addRow(target: Float32Array, to: number, source: Float32Array, from: number, layout: SeriesLayout) {
  const [before, added] = [target[to] as number, source[from] as number];
  for (const [, low, high] of EXTREMES) {
    const [newLow, newHigh] = [source[from + low] as number, source[from + high] as number];
    if (added > 0) {
      target[to + low] = before > 0 ? Math.min(target[to + low] as number, newLow) : newLow;
      target[to + high] = before > 0 ? Math.max(target[to + high] as number, newHigh) : newHigh;
    }
  }
  for (let k = 0; k < layout.numbers; k++)
    if (k !== 2 && k !== 3 && k !== 5 && k !== 6) (target[to + k] as number) += source[from + k] as number;
}

/** Bins of `factor` old ones. */
export function merged(track: SeriesTrack, factor: number, layout: SeriesLayout): SeriesTrack {
  const { numbers } = layout;
  const bins = int32s();
  const rows = float32s();
  for (const [k, bin] of track.bins.entries()) {
    const wide = Math.floor(bin / factor);
    if (bins.length === 0 || bins.memory[bins.length - 1] !== wide) {
      bins.push(wide);
      rows.grow(numbers);
    }
    addRow(rows.memory, rows.length - numbers, track.rows, k * numbers, layout);
  }
  return { bins: bins.values, rows: rows.values };
}

/** Every `factor`th value. */
const thinned = (values: ArrayLike<number>, factor: number): number[] =>
  Array.from({ length: Math.ceil(values.length / factor) }, (_, k) => values[k * factor] as number);

export interface Series {
  layout: SeriesLayout;
  framesPerBin: number;
  /** Seconds, and number of the first frame, of each bin. */
  times: Float64Array;
  frames: Uint32Array;
  /** By face. */
  tracks: ReadonlyMap<number, SeriesTrack>;
}

export interface SeriesCollector {
  add(time: number, frame: number, faces: readonly FaceReading[]): void;
  /** @param bins at most so many @returns a copy, or what is held itself: valid until more is added */
  series(bins: number): Series;
}

/** A face's row for one frame. */
function rowOf(face: FaceReading, schema: LabelSchema, layout: SeriesLayout, row: Float32Array): void {
  row.fill(0);
  const { valence, arousal, expression, actionUnits } = face;
  if (valence !== undefined && arousal !== undefined)
    row.set([1, valence, valence, valence, arousal, arousal, arousal], layout.affect);
  if (expression !== undefined) {
    const [at, count] = [layout.expressions, schema.expressions.length];
    row[at] = 1;
    schema.expressions.forEach((name, k) => {
      row[at + 1 + k] = expression.probabilities[name] ?? 0;
      row[at + 1 + count + k] = name === expression.label ? 1 : 0;
    });
  }
  if (actionUnits !== undefined) {
    const [at, count] = [layout.units, schema.actionUnits.length];
    row[at] = 1;
    schema.actionUnits.forEach((name, k) => {
      row[at + 1 + k] = actionUnits[name]?.probability ?? 0;
      row[at + 1 + count + k] = actionUnits[name]?.present === true ? 1 : 0;
    });
  }
}

/** @param limit even: most bins that are kept */
export function collectSeries(schema: LabelSchema, limit: number): SeriesCollector {
  const layout = seriesLayout(schema);
  const row = new Float32Array(layout.numbers);
  type Growing = { bins: ReturnType<typeof int32s>; rows: ReturnType<typeof float32s> };
  const tracks = new Map<number, Growing>();
  let times = new Numbers((length) => new Float64Array(length));
  let frames = new Numbers((length) => new Uint32Array(length));
  let [count, framesPerBin] = [0, 1];

  function startBin(time: number, frame: number) {
    times.push(time);
    frames.push(frame);
  }

  function halve() {
    const [oldTimes, oldFrames] = [times.values, frames.values];
    times = new Numbers((length) => new Float64Array(length));
    frames = new Numbers((length) => new Uint32Array(length));
    for (let k = 0; k < oldTimes.length; k += 2) startBin(oldTimes[k] as number, oldFrames[k] as number);
    for (const track of tracks.values()) {
      const narrow = merged({ bins: track.bins.values, rows: track.rows.values }, 2, layout);
      track.bins = int32s();
      track.rows = float32s();
      track.bins.grow(narrow.bins.length);
      track.bins.memory.set(narrow.bins);
      track.rows.grow(narrow.rows.length);
      track.rows.memory.set(narrow.rows);
    }
    framesPerBin *= 2;
  }

  return {
    add(time, frame, faces) {
      if (count === limit * framesPerBin) halve();
      if (count % framesPerBin === 0) startBin(time, frame);
      const bin = Math.floor(count / framesPerBin);
      count++;
      for (const face of faces) {
        let track = tracks.get(face.face);
        if (track === undefined) {
          track = { bins: int32s(), rows: float32s() };
          tracks.set(face.face, track);
        }
        const { bins, rows } = track;
        if (bins.length === 0 || bins.memory[bins.length - 1] !== bin) {
          bins.push(bin);
          rows.grow(layout.numbers);
        }
        rowOf(face, schema, layout, row);
        addRow(rows.memory, rows.length - layout.numbers, row, 0, layout);
      }
    },
    series(bins) {
      const factor = Math.max(1, Math.ceil(times.length / bins));
      const narrow = [...tracks].map(([face, track]) => {
        const whole = { bins: track.bins.values, rows: track.rows.values };
        return [face, factor === 1 ? whole : merged(whole, factor, layout)] as const;
      });
      return {
        layout,
        framesPerBin: framesPerBin * factor,
        times: Float64Array.from(thinned(times.values, factor)),
        frames: Uint32Array.from(thinned(frames.values, factor)),
        tracks: new Map(narrow),
      };
    },
  };
}
