import { ABAW1, type LabelSchema, TASKS } from 'mien/labels';
import { Random } from 'mien/random';
import type { FaceReading, FrameReading } from 'mien/reading';
import { createReadingSummary, type ReadingSummary } from 'mien/reports';
import { describe, expect, it } from 'vitest';
import { makeReadings } from '../support/readings.js';

const summaryOf = (
  frames: Iterable<FrameReading>,
  { schema = ABAW1, points }: { schema?: LabelSchema; points?: number } = {},
): ReadingSummary => {
  const summary = createReadingSummary({ schema, tasks: TASKS, ...(points !== undefined && { points }) });
  for (const frame of frames) summary.add(frame);
  return summary;
};

function only<T>(items: readonly T[]): T {
  expect(items).toHaveLength(1);
  return items[0] as T;
}

/** Frames at uneven times, with faces that come and go. */
function unevenReadings(): FrameReading[] {
  const random = Random.seeded(5);
  let time = 0.5;
  return makeReadings({ schema: ABAW1, frames: 240, faces: 2, gaps: 0.25, without: [[40, 55]] }).map(
    (frame) => {
      time += random.between(0.02, 0.2);
      return { ...frame, time };
    },
  );
}

/** What every frame lasts: until the next one; the last as long as the one before it. */
function lengthsOf(frames: readonly FrameReading[]): number[] {
  const times = frames.map(({ time }) => time ?? Number.NaN);
  return times.map((time, k) => {
    const last = k === times.length - 1;
    return last ? time - (times[k - 1] ?? 0) : (times[k + 1] ?? 0) - time;
  });
}

const sum = (values: readonly number[]) => values.reduce((one, other) => one + other, 0);

describe('the figures of a video', () => {
  const frames = unevenReadings();
  const lengths = lengthsOf(frames);
  const video = only(summaryOf(frames).videos());
  /** A face's reading in every frame. */
  const course = (face: number) => frames.map(({ faces }) => faces.find((one) => one.face === face));
  const secondsWhere = (face: number, holds: (reading: FaceReading) => boolean) =>
    sum(course(face).map((reading, k) => (reading && holds(reading) ? (lengths[k] ?? 0) : 0)));

  it('give each frame the time until the next one', () => {
    expect(video.to - video.from).toBeCloseTo(sum(lengths), 9);
    const empty = frames.map(({ faces }, k) => (faces.length === 0 ? (lengths[k] ?? 0) : 0));
    expect(video.without).toBeCloseTo(sum(empty), 9);
    expect(video.framesWithout).toBe(empty.filter((length) => length > 0).length);
    expect(video.framesWithout).toBeGreaterThan(14);
  });

  it('have the face that was seen longest first', () => {
    const seen = video.faces.map((figures) => figures.seen);
    expect(seen).toEqual([...seen].sort((one, other) => other - one));
    for (const figures of video.faces)
      expect(figures.seen).toBeCloseTo(
        secondsWhere(figures.face, () => true),
        9,
      );
  });

  it('have the seconds of each expression', () => {
    for (const { face, expressions } of video.faces)
      for (const name of ABAW1.expressions)
        expect(expressions.get(name)).toBeCloseTo(
          secondsWhere(face, ({ expression }) => expression?.label === name),
          9,
        );
  });

  it('have the seconds of each action unit, and how often it set in', () => {
    for (const { face, units } of video.faces)
      for (const unit of ABAW1.actionUnits) {
        const present = course(face).map((reading) => reading?.actionUnits?.[unit]?.present === true);
        const onsets = present.filter((one, k) => one && present[k - 1] !== true).length;
        expect(units.get(unit)?.events).toBe(onsets);
        expect(units.get(unit)?.active).toBeCloseTo(
          secondsWhere(face, ({ actionUnits }) => actionUnits?.[unit]?.present === true),
          9,
        );
      }
  });

  it('have mean and standard deviation of valence and arousal over time', () => {
    for (const { face, ...figures } of video.faces)
      for (const name of ['valence', 'arousal'] as const) {
        const seen = course(face).flatMap((reading, k) =>
          reading?.[name] === undefined ? [] : [{ value: reading[name], length: lengths[k] ?? 0 }],
        );
        const whole = sum(seen.map(({ length }) => length));
        const mean = sum(seen.map(({ value, length }) => value * length)) / whole;
        const variance = sum(seen.map(({ value, length }) => (value - mean) ** 2 * length)) / whole;
        expect(figures[name]?.mean).toBeCloseTo(mean, 9);
        expect(figures[name]?.spread).toBeCloseTo(Math.sqrt(variance), 9);
        expect(figures[name]?.lowest).toBe(Math.min(...seen.map(({ value }) => value)));
        expect(figures[name]?.highest).toBe(Math.max(...seen.map(({ value }) => value)));
      }
  });

  it('leave out what was not read of a face', () => {
    const halves = frames.map((frame, k) => ({
      ...frame,
      faces: frame.faces.map(({ valence, arousal, ...face }) =>
        k % 2 === 0 && valence !== undefined && arousal !== undefined ? { ...face, valence, arousal } : face,
      ),
    }));
    const [first] = only(summaryOf(halves).videos()).faces;
    const read = lengths.filter((_, k) => k % 2 === 0 && course(first?.face ?? 0)[k] !== undefined);
    expect(first?.read.VA).toBeCloseTo(sum(read), 9);
    expect(first?.read.AU).toBeCloseTo(first?.seen ?? 0, 9);
  });
});

describe('several sources', () => {
  it('are videos of their own, also where their frames come in turns', () => {
    const [one, other] = [
      makeReadings({ frames: 30, source: 'one.mp4' }),
      makeReadings({ frames: 30, source: 'other.mp4', seed: 2 }),
    ];
    const both = one.flatMap((frame, k) => [frame, other[k] as FrameReading]);
    const { videos } = summaryOf(both);
    expect(videos().map(({ source, frames }) => [source, frames])).toEqual([
      ['one.mp4', 30],
      ['other.mp4', 30],
    ]);
    const apart = [one, other].map((frames) => only(summaryOf(frames).videos()).faces);
    expect(videos().map(({ faces }) => faces)).toEqual(apart);
  });
});

describe('bins', () => {
  it('are of a power of two frames, and no frame is lost or counted twice', () => {
    const frames = makeReadings({ schema: ABAW1, frames: 1000, gaps: 0.2 });
    const series = only(summaryOf(frames, { points: 64 }).videos()).series(64);
    expect(series.framesPerBin).toBe(16);
    expect([...series.frames]).toEqual(Array.from({ length: 63 }, (_, bin) => 16 * bin));
    const track = series.tracks.get(0);
    const perBin = Array.from({ length: 63 }, (_, bin) =>
      frames.slice(16 * bin, 16 * bin + 16).flatMap(({ faces }) => faces),
    );
    const seen = perBin.flatMap((faces, bin) => (faces.length === 0 ? [] : [bin]));
    expect([...(track?.bins ?? [])]).toEqual(seen);
    for (const [row, bin] of seen.entries()) {
      const values = (perBin[bin] ?? []).map(({ valence = Number.NaN }) => valence);
      const [count, total, low, high] =
        track?.rows.subarray(row * series.layout.numbers, row * series.layout.numbers + 4) ?? [];
      expect(count).toBe(values.length);
      expect(total).toBeCloseTo(sum(values), 4);
      expect(low).toBeCloseTo(Math.min(...values), 6);
      expect(high).toBeCloseTo(Math.max(...values), 6);
    }
  });

  it('are the same whether they were made while reading or afterwards', () => {
    const frames = makeReadings({ schema: ABAW1, frames: 1003, faces: 2, gaps: 0.3 });
    const [early, late] = [64, 2000].map((points) => only(summaryOf(frames, { points }).videos()).series(64));
    expect(early?.framesPerBin).toBe(late?.framesPerBin);
    expect(early?.times).toEqual(late?.times);
    for (const face of [0, 1]) {
      const [one, other] = [early?.tracks.get(face), late?.tracks.get(face)];
      expect(one?.bins).toEqual(other?.bins);
      for (const [k, value] of (one?.rows ?? []).entries()) expect(value).toBeCloseTo(other?.rows[k] ?? 0, 4);
    }
  });

  it('keep memory as it is, however long a video becomes', () => {
    const [reading] = makeReadings({ schema: ABAW1, frames: 1, faces: 2 });
    const summary = createReadingSummary({ schema: ABAW1, tasks: TASKS, points: 1000 });
    for (let frame = 0; frame < 90_000; frame++)
      summary.add({ ...(reading as FrameReading), frame, time: frame / 25 });
    expect(only(summary.videos()).frames).toBe(90_000);
    const { tracks, times } = only(summary.videos()).series(Number.POSITIVE_INFINITY);
    const bytes = [...tracks.values()].map(
      ({ rows, bins }) => rows.buffer.byteLength + bins.buffer.byteLength,
    );
    expect(times.length).toBeLessThanOrEqual(1000);
    expect(sum(bytes)).toBeLessThan(700_000);
  });
});

describe('key frames', () => {
  /** A picture whose colour says which frame it was. */
  const pictured = (frames: readonly FrameReading[]): FrameReading[] =>
    frames.map((frame, k) => ({
      ...frame,
      picture: {
        width: frame.width,
        height: frame.height,
        data: new Uint8Array(frame.width * frame.height * 3).fill(k % 256),
      },
    }));

  it('show an expression where it is clearest, in the picture of that frame', () => {
    const frames = pictured(
      makeReadings({ schema: ABAW1, frames: 200, width: 160, height: 120 }).map((frame, k) => {
        const happiness = 0.5 + 0.45 * Math.exp(-(((k - 120) / 20) ** 2));
        const rest = (1 - happiness) / (ABAW1.expressions.length - 1);
        const probabilities = Object.fromEntries(
          ABAW1.expressions.map((name) => [name, name === 'happiness' ? happiness : rest]),
        );
        const faces = frame.faces.map(({ actionUnits, valence, arousal, ...face }) => ({
          ...face,
          expression: { label: 'happiness', probabilities },
        }));
        return { ...frame, faces };
      }),
    );
    const keys = only(summaryOf(frames).videos()).keyFrames(0, 12);
    const [key] = keys.filter(({ short }) => short === 'happiness');
    // A record that is beaten by less than a hundredth stays.
    expect(Math.abs((key?.time ?? 0) - 120 / 25)).toBeLessThan(0.15);
    expect(key?.long).toMatch(/^happiness 0\.9[45]/);
    const middle = key?.picture.data[(48 * 96 + 48) * 3];
    expect(middle).toBe(Math.round((key?.time ?? 0) * 25));
  });

  it('are few, apart, and in the order of time', () => {
    const frames = pictured(makeReadings({ frames: 500, width: 64, height: 48 }));
    const video = only(summaryOf(frames).videos());
    const times = video.keyFrames(0, 12).map(({ time }) => time);
    expect(times.length).toBeGreaterThan(4);
    expect(times.length).toBeLessThanOrEqual(12);
    for (const [k, time] of times.slice(1).entries())
      expect(time - (times[k] ?? 0)).toBeGreaterThanOrEqual(0.6);
    expect(video.keyFrames(0, 3)).toHaveLength(3);
  });

  it('do not exist where there are no pictures, or none are wanted', () => {
    const frames = makeReadings({ frames: 50 });
    expect(only(summaryOf(frames).videos()).keyFrames(0, 12)).toEqual([]);
    const without = createReadingSummary({ schema: ABAW1, tasks: TASKS, thumbnails: false });
    for (const frame of pictured(frames)) without.add(frame);
    expect(only(without.videos()).keyFrames(0, 12)).toEqual([]);
  });
});
