// The three sets put together, video by video.

import { DataError } from '../../files/index.js';
import type { LabelFile, LabelledSplit } from './layout.js';

export interface JoinedVideo {
  video: string;
  split: LabelledSplit;
  /** The label files of the video, one per task. */
  parts: LabelFile[];
}

/**
 * Groups label files by video: training videos by name, then validation videos by name.
 * @throws DataError naming the video when it is in training for one task and in validation for another
 */
export function joinLabels(files: readonly LabelFile[]): JoinedVideo[] {
  const videos = new Map<string, JoinedVideo>();
  for (const one of files) {
    const video = videos.get(one.video);
    if (video === undefined) videos.set(one.video, { video: one.video, split: one.split, parts: [one] });
    else if (video.split === one.split) video.parts.push(one);
    else
      throw new DataError(
        { file: one.file },
        {
          found: `video ${one.video} in ${one.split} for ${one.task}`,
          expected: `${video.split}, where it is for ${video.parts[0]?.task} (${video.parts[0]?.file})`,
          hint: 'The challenge splits differently for each task: import the tasks apart (without --join), or choose some with --tasks',
        },
      );
  }
  const byName = [...videos.values()].sort((a, b) => (a.video < b.video ? -1 : 1));
  return [
    ...byName.filter(({ split }) => split === 'train'),
    ...byName.filter(({ split }) => split === 'validation'),
  ];
}
