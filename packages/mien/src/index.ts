// The library's door. What is heavy is loaded when it is used.

import type { Reader, ReaderOptions } from './reading/index.js';

export type {
  ExpressionReading,
  FaceChoice,
  FaceReading,
  FrameReading,
  Reader,
  ReaderModel,
  ReaderOptions,
  ReadingProblem,
  ReadOptions,
  ReadPicturesOptions,
  UnitReading,
} from './reading/index.js';
export { version } from './version.js';
export type { Camera } from './video/index.js';

/**
 * Opens models to read faces with.
 * @throws DataError when a model is none, has other labels than the others, or lacks a task that is asked for
 */
export async function openReader(options: ReaderOptions = {}): Promise<Reader> {
  const reading = await import('./reading/index.js');
  return reading.openReader(options);
}
