// The challenge splits the videos differently for each task: a crop may be for training in one and for validation in
// another. A network that learns several tasks has then seen what it is judged on, so it is counted and told.

import type { FaceRow } from '../face-row.js';
import type { Tally } from '../tally.js';
import type { LabelFile, LabelledSplit } from './layout.js';

const BIT: Readonly<Record<LabelledSplit, number>> = { train: 1, validation: 2 };

export class SplitOverlap {
  /** Videos on both sides, with a byte per frame: on which sides it is. */
  readonly #frames = new Map<string, { files: LabelFile[]; sides: number[] }>();

  constructor(files: readonly LabelFile[]) {
    const byVideo = new Map<string, LabelFile[]>();
    for (const one of files) byVideo.set(one.video, [...(byVideo.get(one.video) ?? []), one]);
    for (const [video, group] of byVideo)
      if (new Set(group.map(({ split }) => split)).size > 1)
        this.#frames.set(video, { files: group, sides: [] });
  }

  add({ video, split }: LabelFile, rows: readonly FaceRow[]): void {
    const sides = this.#frames.get(video)?.sides;
    if (sides === undefined) return;
    for (const { frame = 0 } of rows) sides[frame] = (sides[frame] ?? 0) | BIT[split];
  }

  report(tally: Tally): void {
    for (const [video, { files, sides }] of this.#frames) {
      const both = sides.filter((side) => side === (BIT.train | BIT.validation)).length;
      const where = files.map(({ task, split }) => `${task} ${split}`).join(', ');
      if (both > 0)
        tally.note(
          'crops in training for one task and in validation for another',
          `${video}: ${where}`,
          both,
        );
    }
  }
}
