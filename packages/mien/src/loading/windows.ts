// Clips cut into windows of S frames for the sequence model.

/** What windows are for: training overlaps them by half, evaluation covers each frame. */
export type WindowUse = 'train' | 'evaluation';

/** One window of a clip of n frames. */
export interface Window {
  /** S positions in the clip, 0 … n − 1. A clip that is too short is filled up by repeating its last frame. */
  frames: number[];
  /**
   * 1 where a frame counts, S numbers. A repeated frame never does; in evaluation a frame that an earlier window had does not
   * either, so that every frame of a clip counts exactly once.
   */
  counts: (0 | 1)[];
}

/**
 * Windows over a clip: every S/2 frames (floor) for training, every S for evaluation; the last one ends with the clip.
 * @param n frames of the clip, ≥ 1
 * @param length S ≥ 1
 */
export function windowsOver(n: number, length: number, use: WindowUse): Window[] {
  const stride = use === 'train' ? Math.max(1, length >> 1) : length;
  const starts: number[] = [];
  for (let start = 0; start + length < n; start += stride) starts.push(start);
  starts.push(Math.max(0, n - length));
  let next = 0; // the first frame that no window had yet
  return starts.map((start) => {
    const frames = Array.from({ length }, (_, i) => Math.min(start + i, n - 1));
    const counts = frames.map((frame, i) =>
      start + i === frame && (use === 'train' || frame >= next) ? 1 : 0,
    );
    next = start + length;
    return { frames, counts };
  });
}

/** What the reference cuts windows for, each by a rule of its own. */
export const PAPER_WINDOW_USES = ['train', 'validation', 'test', 'inference', 'api'] as const;
export type PaperWindowUse = (typeof PAPER_WINDOW_USES)[number];

/**
 * The reference's windows, for comparison with its output: validation leaves out a clip's tail, training and validation short
 * clips, and a clip of more than S/2 and fewer than S frames gives only its last S − n frames, because the start n − S is
 * negative and Python counts it from the end.
 * @returns positions in the clip; S of each window, but fewer for `api`, which does not fill up
 */
export function paperWindows(n: number, length: number, use: PaperWindowUse): number[][] {
  const stride = use === 'train' ? length >> 1 : length;
  const whole = Math.floor(n / stride);
  const count = use === 'train' || use === 'validation' ? whole : whole + 1;
  return Array.from({ length: count }, (_, i) => {
    const clamped = i * stride + length >= n;
    const start = clamped ? n - length : i * stride;
    const first = start < 0 ? Math.max(0, start + n) : start;
    const end = clamped ? n : start + length;
    const frames = Array.from({ length: end - first }, (_, k) => first + k);
    while (use !== 'api' && frames.length < length) frames.push(frames.at(-1) as number);
    return frames;
  });
}
