// What a reader is asked for and what it gives: the types that users of the library see.

import type { SmoothingOptions } from '../../faces/index.js';
import type { RgbImage } from '../../images/index.js';
import type { EnsembleRule } from '../../judging/index.js';
import type { LabelSchema, Task } from '../../labels/index.js';
import type { ModelInfo, Smoothing } from '../../models/index.js';
import type { VideoSource } from '../../video/index.js';
import type { FaceModelOptions } from '../face-finder.js';
import type { FrameReading, ReadingProblem } from '../frames.js';
import type { ReadingModelOptions } from '../members.js';

/** Which faces of a frame are read: all, or only the largest, which stays the same face while another is hardly larger. */
export const FACE_CHOICES = ['all', 'largest'] as const;
export type FaceChoice = (typeof FACE_CHOICES)[number];

export interface ReaderOptions
  extends Pick<FaceModelOptions, 'detector' | 'smallestFace' | 'leastScore'>,
    ReadingModelOptions {
  /** Names of models that ship, models' files, or runs' folders; several are read as one. Default: the best that ships. */
  models?: readonly string[] | undefined;
  /** Of several models; default `probabilities`. */
  how?: EnsembleRule | undefined;
  /** What to read. Default: all that the models know. */
  tasks?: readonly Task[] | undefined;
  /** Default: all. */
  faces?: FaceChoice | undefined;
  /** In videos the detector looks every so many frames; in between faces are followed. Default: 5. */
  detectEvery?: number | undefined;
  /** Smoothing of boxes and landmarks over the frames of a video, or none. Default: a radius of 3 frames. */
  smoothLandmarks?: SmoothingOptions | 'none' | undefined;
  /**
   * Smoothing of what is read over the frames of a video: as stored in the models' files, none, or this for each task. Default:
   * as stored, and none for cameras, which cannot wait for frames that are still to come.
   */
  smooth?: 'stored' | 'none' | Smoothing | undefined;
  /** Faces that the models look at together. Default: 8; for cameras 1. */
  batch?: number | undefined;
}

export interface ReadOptions {
  /** Seconds of the video. Default: all of it. */
  from?: number | undefined;
  to?: number | undefined;
  /** Reads every so manieth frame. Default: 1. */
  every?: number | undefined;
  /** Gives each frame's picture out with its reading; it belongs to whoever reads then. Default: false. */
  pictures?: boolean | undefined;
  signal?: AbortSignal | undefined;
  /** Called with what did not stop reading. Without it, a video that breaks off is an error, after its last frame. */
  onProblem?: ((problem: ReadingProblem) => void) | undefined;
}

export interface ReadPicturesOptions extends Pick<ReadOptions, 'pictures' | 'signal' | 'onProblem'> {
  /** Makes the first picture that does not open an error. Default: false. */
  strict?: boolean | undefined;
}

/** One of the models. */
export interface ReaderModel {
  name: string;
  file: string;
  /** SHA-256 of its weights. */
  hash: string;
  info: ModelInfo;
}

export interface Reader {
  readonly models: readonly ReaderModel[];
  readonly schema: LabelSchema;
  /** What is read, in the order of `TASKS`. */
  readonly tasks: readonly Task[];
  /**
   * Reads a video, a camera or a picture, frame by frame, as a stream.
   * @throws DataError when the file is neither a video nor a picture; the signal's reason
   */
  read(source: VideoSource, options?: ReadOptions): AsyncGenerator<FrameReading>;
  /** Reads pictures' files in their order. Those that do not open are told to `onProblem` and left out. */
  readPictures(
    files: Iterable<string> | AsyncIterable<string>,
    options?: ReadPicturesOptions,
  ): AsyncGenerator<FrameReading>;
  /**
   * Reads one picture: a file, a file's bytes, or pixels.
   * @throws DataError when it does not open
   */
  readPicture(
    picture: string | Uint8Array | RgbImage,
    options?: Pick<ReadOptions, 'pictures' | 'signal'>,
  ): Promise<FrameReading>;
  /** Frees the models. Nothing may be read any more. */
  close(): Promise<void>;
}
