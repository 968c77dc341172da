// What each edition of the challenge takes for a submission. Sources: docs/submissions.md.

import { SET_FOLDERS } from '../../datasets/index.js';
import { ABAW1, ABAW3, type LabelSchema, type Task } from '../../labels/index.js';

export interface SubmissionEdition {
  /** For people. */
  title: string;
  schema: LabelSchema;
  /**
   * `videos`: a file per task and video with a line per frame; `images`: a file per task with a line per image;
   * `together`: one file with a line per image and all tasks.
   */
  layout: 'videos' | 'images' | 'together';
  /** Path below the submission's folder. */
  path(task: Task, video: string): string;
  /** Whether the last line of a file has a line end. */
  lastLineEnds: boolean;
}

export const SUBMISSION_EDITIONS = {
  fg2020: {
    title: 'ABAW 1 (FG 2020)',
    schema: ABAW1,
    layout: 'videos',
    path: (task, video) => `${SET_FOLDERS[task][0]}/${video}.txt`,
    lastLineEnds: false,
  },
  abaw3: {
    title: 'ABAW 3 (CVPR 2022)',
    schema: ABAW3,
    layout: 'videos',
    path: (task, video) => `${task}/${video}.txt`,
    lastLineEnds: true,
  },
  abaw5: {
    title: 'ABAW 5 (CVPR 2023) and later',
    schema: ABAW3,
    layout: 'images',
    path: (task) => `${task}/predictions.txt`,
    lastLineEnds: true,
  },
  mtl: {
    title: 'the multi-task challenge (ABAW 3, 4 and 7)',
    schema: ABAW3,
    layout: 'together',
    path: () => 'MTL_predictions.txt',
    lastLineEnds: true,
  },
} as const satisfies Record<string, SubmissionEdition>;

export type SubmissionEditionName = keyof typeof SUBMISSION_EDITIONS;
