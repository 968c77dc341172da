// Collects what is read of videos and pictures, frame by frame, for the page of a reading.

import type { LabelSchema, Task } from '../../labels/index.js';
import type { FaceReading, FrameReading } from '../../reading/index.js';
import { facePicture } from './face-picture.js';
import { createGallery, type GalleryFigures } from './gallery.js';
import { createKeyFrameChooser, type KeyFrame, type KeyFrameChooser } from './key-frames.js';
import { collectSeries, type Series } from './series.js';
import { createTally, type FaceFigures, type Tally } from './tally.js';

export interface ReadingSummaryOptions {
  schema: LabelSchema;
  /** What was read. */
  tasks: readonly Task[];
  /** Small pictures of faces, of frames that carry `picture`; default true. */
  thumbnails?: boolean;
  /** Points of a video's timeline that are kept, even; of more frames neighbours become one. Default 20,000. */
  points?: number;
}

export interface VideoFigures {
  source: string;
  frames: number;
  /** Seconds at which the first frame begins and the last one ends. */
  from: number;
  to: number;
  /** Seconds, and frames, in which no face was found. */
  without: number;
  framesWithout: number;
  /** The longest seen first. */
  faces: readonly FaceFigures[];
  /** @param bins at most so many */
  series(bins: number): Series;
  /** In the order of time. */
  keyFrames(face: number, most: number): readonly KeyFrame[];
}

export interface ReadingSummary {
  readonly schema: LabelSchema;
  readonly tasks: readonly Task[];
  /** Takes what it needs at once: the frame's picture may be used again afterwards. Times of a source ascend. */
  add(frame: FrameReading): void;
  /** Once all frames have been added: by source, in the order in which they came. */
  videos(): VideoFigures[];
  /** Undefined where there were no pictures. */
  pictures(): GalleryFigures | undefined;
}

const DEFAULT_POINTS = 20_000;
/** Crops that are held at a time (27 kB each) before faces that were seen shortly lose theirs. */
const MOST_CROPS = 600;
/** Seconds between two key frames of a face, or this share of the video. */
const APART_SECONDS = 0.6;
const APART_SHARE = 1 / 60;

interface PendingFrame {
  ordinal: number;
  time: number;
  faces: readonly FaceReading[];
}

function createVideoSummary(source: string, { schema, points, thumbnails = true }: ReadingSummaryOptions) {
  const series = collectSeries(schema, points ?? DEFAULT_POINTS);
  const faces = new Map<number, { tally: Tally; keys: KeyFrameChooser; frames: number }>();
  let pending: PendingFrame | undefined;
  let [frames, from, to, without, framesWithout, interval] = [0, 0, 0, 0, 0, 0];

  /** A face that is new makes room: of those that are not in sight the one that was seen shortest. */
  function makeRoom(present: ReadonlySet<number>) {
    let held = [...faces.values()].reduce((sum, { keys }) => sum + keys.held, 0);
    const others = [...faces].filter(([face]) => !present.has(face)).map(([, one]) => one);
    for (const { keys } of others.sort((one, other) => one.frames - other.frames)) {
      if (held <= MOST_CROPS) return;
      held -= keys.held;
      keys.drop();
    }
  }

  function stateOf(face: number, present: ReadonlySet<number>) {
    let state = faces.get(face);
    if (state === undefined) {
      makeRoom(present);
      state = { tally: createTally(face, schema), keys: createKeyFrameChooser(schema), frames: 0 };
      faces.set(face, state);
    }
    return state;
  }

  /** Only when the next frame comes is it known how long one lasted. */
  function count({ ordinal, time, faces: readings }: PendingFrame, length: number) {
    to = time + length;
    if (readings.length === 0) without += length;
    for (const reading of readings) faces.get(reading.face)?.tally.add(reading, { ordinal, time, length });
  }

  return {
    add(frame: FrameReading, frameTime: number) {
      const time = Math.max(frameTime, pending?.time ?? frameTime);
      if (pending === undefined) from = time;
      else {
        interval = time - pending.time;
        count(pending, interval);
      }
      pending = { ordinal: frames, time, faces: frame.faces };
      if (frame.faces.length === 0) framesWithout++;
      series.add(time, frame.frame, frame.faces);
      const present = new Set(frame.faces.map(({ face }) => face));
      for (const face of frame.faces) {
        const state = stateOf(face.face, present);
        state.frames++;
        if (thumbnails && frame.picture !== undefined)
          state.keys.add(face, time, () => facePicture(frame.picture, face));
      }
      frames++;
    },
    figures(): VideoFigures {
      if (pending !== undefined) count(pending, interval);
      pending = undefined;
      const bySeen = [...faces.values()].map(({ tally }) => tally.figures());
      return {
        source,
        frames,
        from,
        to,
        without,
        framesWithout,
        faces: bySeen.sort((one, other) => other.seen - one.seen || one.face - other.face),
        series: (bins) => series.series(bins),
        keyFrames: (face, most) =>
          faces.get(face)?.keys.chosen(most, Math.max(APART_SECONDS, (to - from) * APART_SHARE)) ?? [],
      };
    },
  };
}

export function createReadingSummary(options: ReadingSummaryOptions): ReadingSummary {
  const { schema, tasks, thumbnails = true } = options;
  const videos = new Map<string, ReturnType<typeof createVideoSummary>>();
  const gallery = createGallery(schema, { thumbnails });
  return {
    schema,
    tasks,
    add(frame) {
      if (frame.time === undefined) return gallery.add(frame);
      let video = videos.get(frame.source);
      if (video === undefined) {
        video = createVideoSummary(frame.source, options);
        videos.set(frame.source, video);
      }
      video.add(frame, frame.time);
    },
    videos: () => [...videos.values()].map((video) => video.figures()),
    pictures: () => gallery.figures(),
  };
}
