// A reader: models and face models, opened once, that read any number of videos and pictures.

import { createFaceFinder } from '../../faces/index.js';
import { DataError } from '../../files/index.js';
import { VideoError } from '../../images/index.js';
import { decide } from '../../judging/index.js';
import { TASKS, type Task } from '../../labels/index.js';
import { ensembleTuningOf, tuningOf } from '../../models/index.js';
import type { ModelRunner } from '../../models/runners/index.js';
import { type FaceModels, openFaceModels } from '../face-finder.js';
import type { FrameReading } from '../frames.js';
import { ENSEMBLE, openMembers } from '../members.js';
import { ahead } from './ahead.js';
import { createInputMaker, type InputMaker } from './inputs.js';
import { createLargest } from './largest.js';
import { locateFaces } from './locate.js';
import { groupsOf, runModels } from './model-stage.js';
import { faceReading, frameReading, outputsOfFaces } from './readings.js';
import { frameOfPicture, framesOfVideo, isPicture } from './sources.js';
import type { DecodedFrame, LocatedFace, LocatedFrame, ModelledFrame } from './stages.js';
import type { Reader, ReaderOptions, ReadOptions, ReadPicturesOptions } from './types.js';

const BATCH = 8;
const MOST_BYTES = 2 ** 28;

/** Cuts out the faces; the picture is given back, or given out. */
function modelled(
  { decoded, faces }: LocatedFrame,
  makeInputs: InputMaker,
  models: number,
  pictures: boolean,
): ModelledFrame {
  const { source, frame, time, width, height, picture, release } = decoded;
  const ready = faces.map((face) => ({
    ...face,
    inputs: makeInputs(picture, face),
    outputs: Array<undefined>(models).fill(undefined),
  }));
  if (!pictures) release();
  return { source, frame, time, width, height, faces: ready, ...(pictures && { picture }) };
}

/** @throws DataError when a model lacks what is asked for */
function tasksOf(runners: readonly ModelRunner[], asked: readonly Task[] | undefined): Task[] {
  const [first] = runners as [ModelRunner];
  const known = TASKS.filter((task) => first.info.network.tasks.includes(task));
  for (const task of asked ?? [])
    if (!known.includes(task))
      throw new DataError({ file: first.file }, { found: `a model of ${known.join(', ')}`, expected: task });
  return known.filter((task) => asked === undefined || asked.includes(task));
}

/**
 * Opens models to read faces with.
 * @throws DataError when a model is none, has other labels than the others, or lacks a task that is asked for
 */
export async function openReader(options: ReaderOptions): Promise<Reader> {
  const { models: named, how, phase, length, threads, batch = BATCH, faces: choice = 'all' } = options;
  const { detectEvery = 5, smoothLandmarks = {}, detector, smallestFace, leastScore } = options;
  const opened = await openMembers(named, {
    ...(phase !== undefined && { phase }),
    ...(length !== undefined && { length }),
    ...(threads !== undefined && { threads }),
  });
  const closing = [opened.close];
  const close = async () => {
    for (const one of closing.splice(0)) await one();
  };
  let faceModels: FaceModels;
  let tasks: Task[];
  const runners = opened.runners.filter((_, i) => opened.members[i]?.joins);
  try {
    tasks = tasksOf(runners, options.tasks);
    faceModels = await openFaceModels({ detector, smallestFace, leastScore });
    closing.push(faceModels.close);
  } catch (error) {
    await close();
    throw error;
  }
  const infos = runners.map(({ info }) => info);
  const [first] = infos as [(typeof infos)[number]];
  const { schema } = first.network;
  const { groups, kinds } = groupsOf(runners);
  const makeInputs = createInputMaker(kinds.map(({ info }) => info));
  const several = runners.length > 1;
  const hashes = runners.map(({ hash }) => hash);
  const deciding = {
    ...(several && { name: ENSEMBLE }),
    how,
    memberTunings: infos.map(tuningOf),
    tuning: several ? ensembleTuningOf(infos, hashes) : undefined,
  };
  const find = createFaceFinder(faceModels.detect, faceModels.landmarks);

  async function* readLocated(
    located: AsyncIterable<LocatedFrame>,
    { pictures = false, signal }: ReadOptions,
  ): AsyncGenerator<FrameReading> {
    async function* prepared(): AsyncGenerator<ModelledFrame> {
      for await (const frame of located) yield modelled(frame, makeInputs, runners.length, pictures);
    }
    for await (const frames of runModels(prepared(), { groups, batch, mostBytes: MOST_BYTES })) {
      const all = frames.flatMap(({ faces }) => faces);
      const estimates = all.length > 0 ? decide(outputsOfFaces(runners, all), deciding) : undefined;
      let row = 0;
      for (const frame of frames) {
        const readings = frame.faces.map((face) => {
          if (estimates === undefined) throw new Error('a face without estimates');
          return faceReading(face, estimates, row++, schema, tasks);
        });
        signal?.throwIfAborted();
        yield frameReading(frame, readings);
      }
    }
  }

  async function locatePicture(decoded: DecodedFrame): Promise<LocatedFrame> {
    const found = await find(decoded.picture);
    const area = (face: LocatedFace) => face.box.width * face.box.height;
    const faces = found
      .map(({ box, landmarks, score }) => ({ face: 0, box, landmarks, score }) as LocatedFace)
      .sort((one, other) => area(other) - area(one))
      .slice(0, choice === 'largest' ? 1 : found.length)
      .map((face, i) => ({ ...face, face: i }));
    return { decoded, faces };
  }

  async function* readVideo(file: string, read: ReadOptions): AsyncGenerator<FrameReading> {
    const frames = ahead(framesOfVideo(file, read), { most: 4 });
    const located = locateFaces(frames, faceModels, { detectEvery, smoothing: smoothLandmarks });
    async function* chosen() {
      const largest = createLargest();
      for await (const frame of located)
        yield choice === 'largest' ? { ...frame, faces: largest(frame.faces) } : frame;
    }
    let count = 0;
    try {
      for await (const frame of readLocated(chosen(), read)) {
        count++;
        yield frame;
      }
    } catch (error) {
      if (!(error instanceof VideoError)) throw error;
      const found = error.message;
      if (count === 0 || read.onProblem === undefined)
        throw new DataError({ file }, { found, expected: 'a video or a picture', cause: error });
      read.onProblem({ source: file, message: `found ${found}; frames up to there are read` });
    }
  }

  async function* locatedPictures(
    files: Iterable<string> | AsyncIterable<string>,
    { strict = false, onProblem }: ReadPicturesOptions,
  ): AsyncGenerator<LocatedFrame> {
    for await (const file of files) {
      try {
        yield await locatePicture(await frameOfPicture(file));
      } catch (error) {
        if (strict || !(error instanceof DataError)) throw error;
        onProblem?.({ source: file, message: error.message });
      }
    }
  }

  async function readPicture(
    picture: Parameters<Reader['readPicture']>[0],
    read: Parameters<Reader['readPicture']>[1] = {},
  ): Promise<FrameReading> {
    const located = await locatePicture(await frameOfPicture(picture));
    async function* one() {
      yield located;
    }
    for await (const frame of readLocated(one(), read)) return frame;
    throw new Error('a picture without a reading');
  }

  async function* read(source: Parameters<Reader['read']>[0], asked: ReadOptions = {}) {
    if (typeof source !== 'string') throw new Error('cameras are not read yet');
    if (await isPicture(source)) yield await readPicture(source, asked);
    else yield* readVideo(source, asked);
  }

  return {
    models: runners.map(({ name, file, hash, info }) => ({ name, file, hash, info })),
    schema,
    tasks,
    read,
    readPictures: (files, read = {}) => readLocated(locatedPictures(files, read), read),
    readPicture,
    close,
  };
}
