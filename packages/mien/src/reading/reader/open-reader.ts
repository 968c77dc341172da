// A reader: models and face models, opened once, that read any number of videos and pictures.

import { DataError } from '../../files/index.js';
import { commonTuning } from '../../judging/index.js';
import { TASKS, type Task } from '../../labels/index.js';
import { ensembleTuningOf, type ModelRunner, tuningOf } from '../../models/runners/index.js';
import { ahead } from '../../streams/index.js';
import { VideoError, type VideoSource } from '../../video/index.js';
import { faceModelFiles } from '../face-finder.js';
import type { FrameReading } from '../frames.js';
import { openReadingModels } from '../members.js';
import { cutFrame, cutPictures, cutVideo } from './cut-frames.js';
import { type Decisions, decideFrames, type TaskSmoothing } from './decisions.js';
import { startFaceThread } from './face-thread.js';
import { groupsOf, runModels } from './model-stage.js';
import { frameOfPicture, isPicture } from './sources.js';
import type { CutFrame } from './stages.js';
import type { Reader, ReaderOptions, ReadOptions, ReadPicturesOptions } from './types.js';

const BATCH = 8;
/** Pictures that are to be given out and wait for others may take so much, as far as batches can be smaller. */
const MOST_BYTES = 2 ** 28;
/** Frames that were cut out and wait for the models. */
const WAITING = 8;

/** @throws DataError when the models lack what is asked for */
export function tasksOf(runners: readonly ModelRunner[], asked: readonly Task[] | undefined): Task[] {
  const [first] = runners as [ModelRunner];
  const known = TASKS.filter((task) => first.info.network.tasks.includes(task));
  for (const task of asked ?? [])
    if (!known.includes(task))
      throw new DataError({ file: first.file }, { found: `a model of ${known.join(', ')}`, expected: task });
  return known.filter((task) => asked === undefined || asked.includes(task));
}

function decisionsOf(runners: readonly ModelRunner[], { how, tasks }: ReaderOptions): Decisions {
  const infos = runners.map(({ info }) => info);
  const [first] = infos as [ModelRunner['info']];
  const { schema } = first.network;
  const memberTunings = infos.map(tuningOf);
  const hashes = runners.map(({ hash }) => hash);
  const together = runners.length > 1 ? ensembleTuningOf(infos, hashes) : undefined;
  const tuning = together ?? commonTuning(schema, { how, memberTunings });
  return { runners, memberTunings, tuning, how, schema, tasks: tasksOf(runners, tasks) };
}

/** @returns undefined: as stored */
function smoothingAsked(tasks: readonly Task[], smooth: ReaderOptions['smooth']): TaskSmoothing | undefined {
  if (smooth === undefined || smooth === 'stored') return undefined;
  return smooth === 'none' ? {} : Object.fromEntries(tasks.map((task) => [task, smooth]));
}

interface HowToRead {
  batch: number;
  smoothing: TaskSmoothing;
  /** Whether the frames are those of one video. */
  tracks: boolean;
  signal: AbortSignal | undefined;
}

/**
 * Opens models to read faces with.
 * @throws DataError when a model is none, has other labels than the others, or lacks a task that is asked for
 */
export async function openReader(options: ReaderOptions = {}): Promise<Reader> {
  const { models, batch = BATCH, faces: choice = 'all' } = options;
  const { detectEvery = 5, smoothLandmarks = {}, detector, smallestFace, leastScore } = options;
  await faceModelFiles(detector);
  const members = await openReadingModels(models, options);
  const runners = members.runners.filter((_, i) => members.members[i]?.joins);
  let decisions: Decisions;
  try {
    decisions = decisionsOf(runners, options);
  } catch (error) {
    await members.close();
    throw error;
  }
  const { groups, kinds } = groupsOf(runners);
  const faceModels = { detector, smallestFace, leastScore };
  const thread = startFaceThread({ faceModels, kinds: kinds.map(({ info }) => info) });
  const asked = smoothingAsked(decisions.tasks, options.smooth);
  const stored = asked ?? decisions.tuning.smoothing ?? {};

  async function* readings(
    frames: AsyncIterable<CutFrame>,
    { batch, smoothing, tracks, signal }: HowToRead,
  ): AsyncGenerator<FrameReading> {
    const modelled = runModels(frames, { groups, batch, tracks, mostBytes: MOST_BYTES });
    for await (const reading of decideFrames(modelled, decisions, smoothing)) {
      signal?.throwIfAborted();
      yield reading;
    }
  }

  async function* readVideoSource(source: VideoSource, read: ReadOptions): AsyncGenerator<FrameReading> {
    const { signal, onProblem } = read;
    const isLive = typeof source !== 'string';
    const smoothing =
      isLive && smoothLandmarks !== 'none' ? { ...smoothLandmarks, ahead: 0 } : smoothLandmarks;
    const locating = { detectEvery, smoothing, choice };
    const cut = cutVideo(source, thread, read, locating);
    let failure: VideoError | undefined;
    let count = 0;
    async function* frames() {
      try {
        yield* isLive ? cut : ahead(cut, { most: WAITING });
      } catch (error) {
        if (!(error instanceof VideoError)) throw error;
        failure = error; // told after the frames that models still have before them
      }
    }
    const how = isLive ? { batch: options.batch ?? 1, smoothing: asked ?? {} } : { batch, smoothing: stored };
    for await (const frame of readings(frames(), { ...how, tracks: true, signal })) {
      count++;
      yield frame;
    }
    if (failure === undefined) return;
    if (count === 0 || onProblem === undefined) throw failure;
    onProblem({ source: failure.file, message: failure.message });
  }

  const readPictures: Reader['readPictures'] = (files, read: ReadPicturesOptions = {}) => {
    const frames = ahead(cutPictures(files, thread, choice, read), { most: WAITING });
    return readings(frames, { batch, smoothing: {}, tracks: false, signal: read.signal });
  };

  const readPicture: Reader['readPicture'] = async (picture, { pictures = false, signal } = {}) => {
    const decoded = await frameOfPicture(picture, { whole: pictures });
    signal?.throwIfAborted();
    const located = await thread.locate(decoded.picture, choice);
    async function* one(): AsyncGenerator<CutFrame> {
      yield cutFrame(decoded, located, pictures);
    }
    for await (const reading of readings(one(), { batch, smoothing: {}, tracks: false, signal }))
      return reading;
    throw new Error('a picture without a reading');
  };

  return {
    models: runners.map(({ name, file, hash, info }) => ({ name, file, hash, info })),
    schema: decisions.schema,
    tasks: decisions.tasks,
    async *read(source, read = {}) {
      if (typeof source === 'string' && (await isPicture(source))) yield await readPicture(source, read);
      else yield* readVideoSource(source, read);
    },
    readPictures,
    readPicture,
    async close() {
      await thread.close();
      await members.close();
    },
  };
}
