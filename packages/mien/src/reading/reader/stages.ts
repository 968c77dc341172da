// What goes from stage to stage: a frame with its picture, then with its faces, then with what models say of them.

import type { Box } from '../../faces/index.js';
import type { RgbImage } from '../../images/index.js';
import type { ByTask } from '../../models/runners/index.js';
import type { FrameReading } from '../frames.js';

/** What every stage knows of a frame. */
export type FrameFacts = Pick<FrameReading, 'source' | 'frame' | 'time' | 'width' | 'height'>;

/** A frame as it was decoded. */
export interface DecodedFrame extends FrameFacts {
  picture: RgbImage;
  /** The frame's pixels for one of the picture; above 1 where it was decoded smaller. */
  scale: number;
  /** The picture's memory may be used again. */
  release(): void;
}

/** A face that was found, in pixels of the frame's picture. */
export interface LocatedFace {
  face: number;
  box: Box;
  landmarks: readonly number[];
  score: number;
}

/** A frame in which faces were looked for. */
export interface LocatedFrame {
  decoded: DecodedFrame;
  faces: readonly LocatedFace[];
}

/** A face on its way through the models. */
export interface ModelledFace extends LocatedFace {
  /** Its crops as the kinds of input want them, [3, S, S] each; dropped when they were read. */
  inputs: (Float32Array | undefined)[];
  /** Of each model: logits of EXPR and AU, valence and arousal decoded; undefined until it has read the face. */
  outputs: (ByTask<Float32Array> | undefined)[];
}

/** A frame whose faces were cut out; its picture is kept only where it was asked for. */
export interface ModelledFrame extends FrameFacts {
  faces: ModelledFace[];
  picture?: RgbImage;
}
