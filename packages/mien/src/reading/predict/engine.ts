// What reads a job: faces looked for in pictures and videos, or face crops taken as they are.

import type { FrameReading, ReadingProblem } from '../frames.js';
import { openReader, type Reader } from '../reader/index.js';
import { openCropReader } from './crops.js';
import type { Job } from './jobs.js';
import type { PredictOptions } from './options.js';

/** Anything that reads a job. */
export interface Engine extends Pick<Reader, 'models' | 'schema' | 'tasks' | 'close'> {
  frames(job: Job, options: FrameOptions): AsyncIterable<FrameReading>;
}

export interface FrameOptions {
  pictures: boolean;
  /** There is nothing else to be read: what cannot be is an error. */
  alone: boolean;
  onProblem: (problem: ReadingProblem) => void;
}

/** @throws DataError as `openReader` and `openCropReader` */
export async function openEngine(options: PredictOptions): Promise<Engine> {
  const { crops, camera, from, to, every, strict, signal, stop } = options;
  if (crops) {
    const reader = await openCropReader(options);
    const { models, schema, tasks, close } = reader;
    const filesIn = ({ sources }: Job) => sources.map(({ file }) => file);
    const frames: Engine['frames'] = (job, { onProblem }) =>
      reader.read(filesIn(job), { strict, signal, onProblem });
    return { models, schema, tasks, close, frames };
  }
  const reader = await openReader(options);
  const { models, schema, tasks, close } = reader;
  async function* frames({ kind, sources }: Job, { pictures, alone, onProblem }: FrameOptions) {
    const problems = strict ? {} : { onProblem };
    if (kind === 'pictures') {
      const files = sources.map(({ file }) => file);
      yield* reader.readPictures(files, { pictures, signal, strict: strict || alone, onProblem });
      return;
    }
    const source = camera === undefined ? (sources[0]?.file as string) : { camera };
    try {
      for await (const frame of reader.read(source, { from, to, every, pictures, signal, ...problems })) {
        yield frame;
        if (stop?.aborted) return;
      }
    } catch (error) {
      if (!stop?.aborted) throw error; // Ctrl-C reaches the camera's program too, which then ends as if it had failed
    }
  }
  return { models, schema, tasks, close, frames };
}
