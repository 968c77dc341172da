// What training tells whoever watches it; plain data, since it comes from another thread.

import type { EpochRecord, Scores, StepRecord } from './logs/index.js';

export type TrainingEvent =
  /** One line, for people. */
  | { kind: 'message'; text: string }
  | { kind: 'drawing'; done: number; total: number | undefined }
  | {
      kind: 'begin';
      phase: string;
      member: string;
      epochs: number;
      /** Steps of the optimiser. */
      stepsPerEpoch: number;
      /** Epochs and steps that were done before. */
      epoch: number;
      step: number;
    }
  | { kind: 'step'; record: StepRecord }
  | { kind: 'epoch'; record: EpochRecord }
  | { kind: 'summary'; phase: string; members: readonly MemberScores[] }
  /** It was asked to stop, and can be resumed. */
  | { kind: 'stopped'; checkpoint: string };

export interface MemberScores {
  /** `teacher`, `student_0`, …, or `ensemble`: of the students. */
  member: string;
  scores: Scores;
  bestEpoch?: number;
}
