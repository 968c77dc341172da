// What goes from stage to stage: a frame, its faces, and what models say of them.

import type { Box } from '../../faces/index.js';
import type { RgbImage } from '../../images/index.js';
import type { ByTask } from '../../models/runners/index.js';
import type { FrameReading } from '../frames.js';

/** What every stage knows of a frame. */
export type FrameFacts = Pick<FrameReading, 'source' | 'frame' | 'time' | 'width' | 'height'>;

/** A frame as it was decoded. */
export interface DecodedFrame extends FrameFacts {
  picture: RgbImage;
  /** The picture's memory may be used again. */
  release(): void;
}

/** A face that was found, in pixels of the picture. */
export interface LocatedFace {
  face: number;
  box: Box;
  landmarks: readonly number[];
  score: number;
}

/** A face with its crops as the kinds of input want them, [3, S, S] each. */
export interface CutFace extends LocatedFace {
  inputs: readonly Float32Array[];
}

/** A frame whose faces were cut out; its picture is kept only where it was asked for. */
export interface CutFrame extends FrameFacts {
  faces: readonly CutFace[];
  picture?: RgbImage;
}

/** A face on its way through the models. */
export interface ModelledFace extends CutFace {
  /** Of each model: logits of EXPR and AU, valence and arousal decoded; undefined until it has read the face. */
  outputs: (ByTask<Float32Array> | undefined)[];
}

/** A frame that models read. */
export interface ModelledFrame extends CutFrame {
  faces: readonly ModelledFace[];
}
