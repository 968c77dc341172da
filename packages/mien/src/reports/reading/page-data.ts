// What the page of a reading holds for its script: one byte a value, so that an hour stays small. Pure: the page's own
// script and what draws the page both read it with this.

/** A number that says nothing: the task was not read there. */
const NONE = 255;
const LEVELS = 254;

/** A frame that shows the face at its most telling. */
export interface PageKey {
  /** Seconds. */
  time: number;
  /** Id of the picture in the page. */
  id: string;
  /** A word or two, such as `happiness`. */
  short: string;
  /** All of what is telling about it. */
  long: string;
}

export interface PageTrack {
  face: number;
  /** Bins in which the face was seen: the first one and how many. */
  runs: readonly (readonly [first: number, count: number])[];
  /** Base64 of bytes, a row for each of these bins (`rowOf`). */
  rows: string;
  keys: readonly PageKey[];
}

export interface PageVideo {
  /** Seconds at which the first frame begins and the last one ends. */
  from: number;
  to: number;
  /** Base64 of float32: seconds at which each bin begins. */
  times: string;
  /** Base64 of uint32: number of each bin's first frame. */
  frames: string;
  /** Frames that were read, to one bin. */
  framesPerBin: number;
  tracks: readonly PageTrack[];
}

export interface PageLabel {
  name: string;
  /** In words, where the name has none. */
  words: string;
  colour: string;
}

export interface PageData {
  /** Empty where the task was not read. */
  expressions: readonly PageLabel[];
  units: readonly PageLabel[];
  /** Whether valence and arousal were read, and their colours. */
  affect: { valence: string; arousal: string } | undefined;
  videos: readonly PageVideo[];
}

/** @param base64 of a page @returns bytes with a buffer of their own */
const decodeBytes = (base64: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));

/** Of −1 … 1 or of 0 … 1, as a byte. */
const byteOf = (value: number, low: number): number =>
  Number.isNaN(value) ? NONE : Math.round((Math.min(1, Math.max(low, value)) - low) * (LEVELS / (1 - low)));

const byteMeans = (byte: number, low: number): number =>
  byte === NONE ? Number.NaN : low + (byte * (1 - low)) / LEVELS;

export const signedByte = (value: number): number => byteOf(value, -1);
export const shareByte = (value: number): number => byteOf(value, 0);
export const signedOf = (byte: number): number => byteMeans(byte, -1);
export const shareOf = (byte: number): number => byteMeans(byte, 0);

/** Where what stands in a row's bytes; absent tasks take none. */
export interface RowLayout {
  /** Of valence: mean, lowest, highest; then the same of arousal. */
  affect: number;
  /** The most frequent expression, then the mean probability of each. */
  expressions: number;
  /** Of each unit: mean probability, share of frames in which it is present. */
  units: number;
  /** Bytes of a row. */
  bytes: number;
}

export function rowLayout({ affect, expressions, units }: Omit<PageData, 'videos'>): RowLayout {
  const first = affect === undefined ? 0 : 6;
  const second = first + (expressions.length === 0 ? 0 : 1 + expressions.length);
  return { affect: 0, expressions: first, units: second, bytes: second + 2 * units.length };
}

/** A face's values, to be read by the number of their bin. */
export interface Track {
  face: number;
  /** Ascending: the bins in which the face was seen. */
  bins: Int32Array;
  rows: Uint8Array;
  runs: PageTrack['runs'];
  keys: readonly PageKey[];
}

export interface Video {
  from: number;
  to: number;
  /** Seconds at which bins begin, and the video's end. */
  times: Float64Array;
  frames: Uint32Array;
  framesPerBin: number;
  tracks: readonly Track[];
}

function trackOf({ face, runs, rows, keys }: PageTrack): Track {
  const bins = new Int32Array(runs.reduce((sum, [, count]) => sum + count, 0));
  let k = 0;
  for (const [first, count] of runs) for (let bin = first; bin < first + count; bin++) bins[k++] = bin;
  return { face, bins, rows: decodeBytes(rows), runs, keys };
}

export function videoOf({ from, to, times, frames, framesPerBin, tracks }: PageVideo): Video {
  const starts = new Float32Array(decodeBytes(times).buffer);
  return {
    from,
    to,
    times: Float64Array.from([...starts, to]),
    frames: new Uint32Array(decodeBytes(frames).buffer),
    framesPerBin,
    tracks: tracks.map(trackOf),
  };
}

/** The first index whose value is greater, by halving; `values` ascend. */
export function indexAbove(values: ArrayLike<number>, value: number): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] as number) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The bin that is shown at a time. */
export const binAt = ({ times }: Video, time: number): number =>
  Math.min(times.length - 2, Math.max(0, indexAbove(times, time) - 1));

/** Where a bin's row begins in a track's rows, in rows; undefined where the face was not seen. */
export function rowAt({ bins }: Track, bin: number): number | undefined {
  const row = indexAbove(bins, bin) - 1;
  return row >= 0 && bins[row] === bin ? row : undefined;
}
