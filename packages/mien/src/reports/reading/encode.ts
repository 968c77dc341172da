// From what was collected of a video to what the page holds of it: one byte a value.

import type { KeyFrame } from './key-frames.js';
import {
  type PageData,
  type PageTrack,
  type PageVideo,
  type RowLayout,
  rowLayout,
  shareByte,
  signedByte,
} from './page-data.js';
import type { Series, SeriesLayout, SeriesTrack } from './series.js';
import type { VideoFigures } from './summary.js';

const base64 = (values: Uint8Array | Float32Array | Uint32Array): string =>
  Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64');

/** Neighbouring numbers as [first, count]. */
function runsOf(bins: Int32Array): [number, number][] {
  const runs: [number, number][] = [];
  for (const bin of bins) {
    const last = runs.at(-1);
    if (last !== undefined && last[0] + last[1] === bin) last[1]++;
    else runs.push([bin, 1]);
  }
  return runs;
}

function indexOfMost(counts: Float32Array): number {
  let best = 0;
  for (const [k, count] of counts.entries()) if (count > (counts[best] ?? 0)) best = k;
  return best;
}

/** Writes one row's bytes. */
function encodeRow(
  bytes: Uint8Array,
  page: RowLayout,
  row: Float32Array,
  layout: SeriesLayout,
  { expressions, units, affect }: Omit<PageData, 'videos'>,
): void {
  if (affect !== undefined) {
    const [frames = 0, ...values] = row.subarray(layout.affect, layout.affect + 7);
    const [v = 0, vLow = 0, vHigh = 0, a = 0, aLow = 0, aHigh = 0] = values;
    const known = [v / frames, vLow, vHigh, a / frames, aLow, aHigh];
    bytes.set(
      known.map((value) => signedByte(frames === 0 ? Number.NaN : value)),
      page.affect,
    );
  }
  if (expressions.length > 0) {
    const count = expressions.length;
    const frames = row[layout.expressions] ?? 0;
    const sums = row.subarray(layout.expressions + 1, layout.expressions + 1 + count);
    const wins = row.subarray(layout.expressions + 1 + count, layout.expressions + 1 + 2 * count);
    bytes[page.expressions] = frames === 0 ? 255 : indexOfMost(wins);
    bytes.set(
      Array.from(sums, (sum) => shareByte(sum / frames)),
      page.expressions + 1,
    );
  }
  const frames = row[layout.units] ?? 0;
  for (const k of units.keys()) {
    bytes[page.units + 2 * k] = shareByte((row[layout.units + 1 + k] ?? 0) / frames);
    bytes[page.units + 2 * k + 1] = shareByte((row[layout.units + 1 + units.length + k] ?? 0) / frames);
  }
}

function encodeTrack(
  { bins, rows }: SeriesTrack,
  layout: SeriesLayout,
  data: Omit<PageData, 'videos'>,
): Pick<PageTrack, 'runs' | 'rows'> {
  const page = rowLayout(data);
  const bytes = new Uint8Array(bins.length * page.bytes);
  for (const k of bins.keys())
    encodeRow(
      bytes.subarray(k * page.bytes, (k + 1) * page.bytes),
      page,
      rows.subarray(k * layout.numbers, (k + 1) * layout.numbers),
      layout,
      data,
    );
  return { runs: runsOf(bins), rows: base64(bytes) };
}

/** A key frame and the id that its picture has in the page. */
export interface PlacedKeyFrame {
  id: string;
  frame: KeyFrame;
}

/** The finest series that takes at most so many bytes. */
function seriesWithin(
  video: VideoFigures,
  faces: readonly number[],
  bytes: number,
  rowBytes: number,
): Series {
  const whole = video.series(Number.POSITIVE_INFINITY);
  const sizeOf = (series: Series) =>
    faces.reduce((sum, face) => sum + (series.tracks.get(face)?.bins.length ?? 0), 0) * rowBytes +
    series.times.length * 8;
  for (let factor = Math.max(1, Math.ceil(sizeOf(whole) / bytes)); ; factor++) {
    const series = factor === 1 ? whole : video.series(Math.ceil(whole.times.length / factor));
    if (series.times.length <= 1 || sizeOf(series) <= bytes) return series;
  }
}

/**
 * @param keys by face
 * @param bytes that values may take, at most, before base64 adds a third
 */
export function encodeVideo(
  video: VideoFigures,
  faces: readonly number[],
  keys: ReadonlyMap<number, readonly PlacedKeyFrame[]>,
  data: Omit<PageData, 'videos'>,
  bytes: number,
): PageVideo {
  const series = seriesWithin(video, faces, bytes, rowLayout(data).bytes);
  const nothing: SeriesTrack = { bins: new Int32Array(), rows: new Float32Array() };
  return {
    from: video.from,
    to: video.to,
    times: base64(Float32Array.from(series.times)),
    frames: base64(series.frames),
    framesPerBin: series.framesPerBin,
    tracks: faces.map((face) => ({
      face,
      ...encodeTrack(series.tracks.get(face) ?? nothing, series.layout, data),
      keys: (keys.get(face) ?? []).map(({ id, frame: { time, short, long } }) => ({
        time,
        id,
        short,
        long,
      })),
    })),
  };
}
