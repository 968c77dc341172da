// What is read of a picture or of a video's frame. Every way of reading gives this, and every table, page and annotated video
// is made of it.

import type { Box } from '../faces/index.js';
import type { RgbImage } from '../images/index.js';
import type { ActionUnit, Task } from '../labels/index.js';

export interface UnitReading {
  /** That the unit is active, 0 … 1, calibrated where the model is. */
  probability: number;
  /** Above the model's threshold for this unit. */
  present: boolean;
}

export interface ExpressionReading {
  /** The most probable one. */
  label: string;
  /** By label, in the schema's order; their sum is 1. */
  probabilities: Readonly<Record<string, number>>;
}

/** A face of a frame, and what the models say of it; tasks that they lack, or that were not asked for, are left out. */
export interface FaceReading {
  /** In videos the number of the face's track, the same in every frame; in pictures its place, the largest face being 0. */
  face: number;
  /** Pixels of the frame; may reach over its edges. */
  box: Box;
  /** 68 points (iBUG's order), flat: x0, y0, x1, y1, … in pixels. */
  landmarks: readonly number[];
  /** How sure it is that a face is here, 0 … 1. */
  score: number;
  expression?: ExpressionReading;
  /** By action unit, in the schema's order. */
  actionUnits?: Readonly<Record<ActionUnit, UnitReading>>;
  /** −1 (unpleasant) … 1 (pleasant) */
  valence?: number;
  /** −1 (calm) … 1 (excited) */
  arousal?: number;
  /**
   * Of several models: how much they disagree about this face; 0: not at all. EXPR: mutual information of class and model, nats;
   * AU and VA: standard deviation between models, mean over units and over valence and arousal.
   */
  disagreement?: Partial<Record<Task, number>>;
}

export interface FrameReading {
  /** The file, or what else was read, as it was named. */
  source: string;
  /** Number of the frame in its video as decoded, from 0, also where reading began later; of pictures always 0. */
  frame: number;
  /** Seconds since the video's beginning, by its own time stamps; undefined for pictures. */
  time: number | undefined;
  /** Of the frame as it is shown (turned as the file says), pixels. */
  width: number;
  height: number;
  /** By their numbers; empty where there is no face. */
  faces: readonly FaceReading[];
  /** Where it was asked for. */
  picture?: RgbImage;
}

/** Something that did not stop reading: a video that breaks off, a picture that does not open. */
export interface ReadingProblem {
  source: string;
  message: string;
}
