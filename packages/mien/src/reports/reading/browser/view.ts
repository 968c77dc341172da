// Which part of a video's time is shown, and the time that is read out; shared by the timelines of all its faces.

import { binAt, type Video } from '../page-data.js';
import type { View } from '../timeline-svg.js';

/** Bins that the closest view shows. */
const FEWEST_BINS = 6;

export interface SharedView {
  readonly video: Video;
  readonly view: View;
  /** Seconds; undefined: nothing is read out. */
  readonly cursor: number | undefined;
  show(from: number, to: number): void;
  /** @param factor below 1: closer @param about seconds that stay in their place */
  zoom(factor: number, about: number): void;
  /** @param seconds to later times */
  pan(seconds: number): void;
  point(time: number | undefined): void;
  /** Moves the cursor by bins, and the view where it must. */
  step(bins: number): void;
  /** Begins with the whole video. */
  reset(): void;
}

export function shareView(video: Video, onView: () => void, onCursor: () => void): SharedView {
  const whole = video.to - video.from;
  const least = Math.min(whole, (FEWEST_BINS * whole) / Math.max(1, video.frames.length));
  let view: View = { from: video.from, to: video.to };
  let cursor: number | undefined;

  const shared: SharedView = {
    video,
    get view() {
      return view;
    },
    get cursor() {
      return cursor;
    },
    show(from, to) {
      if (!(whole > 0) || !Number.isFinite(from) || !Number.isFinite(to)) return;
      const length = Math.min(whole, Math.max(least, to - from));
      const start = Math.min(Math.max(video.from, from), video.to - length);
      view = { from: start, to: start + length };
      onView();
    },
    zoom(factor, about) {
      const length = Math.min(whole, Math.max(least, (view.to - view.from) * factor));
      const share = (about - view.from) / (view.to - view.from);
      shared.show(about - share * length, about + (1 - share) * length);
    },
    pan(seconds) {
      shared.show(view.from + seconds, view.to + seconds);
    },
    point(time) {
      cursor = time === undefined ? undefined : Math.min(video.to, Math.max(video.from, time));
      onCursor();
    },
    step(bins) {
      const last = video.frames.length - 1;
      const now = binAt(video, cursor ?? view.from);
      const next = cursor === undefined ? now : Math.min(last, Math.max(0, now + bins));
      const [start = 0, end = 0] = [video.times[next], video.times[next + 1]];
      shared.point((start + end) / 2);
      const length = view.to - view.from;
      if (start < view.from) shared.show(start, start + length);
      else if (end > view.to) shared.show(end - length, end);
    },
    reset() {
      shared.show(video.from, video.to);
    },
  };
  return shared;
}
