// Pictures that are face crops already: nothing is looked for, the whole picture is the face. The crops of a folder are one clip,
// frame by frame in the order of their names.

import { FaceTable } from '../../datasets/index.js';
import { pictureSize } from '../../images/index.js';
import { decide, type Estimates } from '../../judging/index.js';
import { TASKS, type Task } from '../../labels/index.js';
import { ensembleTuningOf, type Smoothing, type Tuning, tuningOf } from '../../models/index.js';
import { readFaces } from '../crops.js';
import { estimateReading } from '../estimate-reading.js';
import type { FaceReading, FrameReading, ReadingProblem } from '../frames.js';
import { withTasks } from '../labelled.js';
import { ENSEMBLE, openReadingModels, type ReadingModelOptions } from '../members.js';
import type { Reader } from '../reader/index.js';
import { tasksOf } from '../reader/open-reader.js';

export interface CropReaderOptions extends ReadingModelOptions {
  /** As `openReader` takes them. */
  models?: readonly string[] | undefined;
  tasks?: readonly Task[] | undefined;
  /** Over the crops of a folder. Default: none, as they need not be neighbours in time. */
  smooth?: 'stored' | 'none' | Smoothing | undefined;
  batch?: number | undefined;
}

export interface ReadCropsOptions {
  strict?: boolean | undefined;
  signal?: AbortSignal | undefined;
  onProblem: (problem: ReadingProblem) => void;
}

/** A reader of face crops. */
export interface CropReader extends Pick<Reader, 'models' | 'schema' | 'tasks' | 'close'> {
  /** @param files the crops of a folder, in order @throws DataError as `readFaces` */
  read(files: readonly string[], options: ReadCropsOptions): AsyncGenerator<FrameReading>;
}

/** The tuning with this smoothing of all tasks. */
const withSmoothing = (tuning: Tuning, smoothing: Smoothing): Tuning => ({
  ...tuning,
  smoothing: Object.fromEntries(TASKS.map((task) => [task, smoothing])),
});

const rowsOf = (disagreement: Estimates['disagreement'] = {}, row: number): Partial<Record<Task, number>> =>
  Object.fromEntries(TASKS.flatMap((task) => (disagreement[task] ? [[task, disagreement[task][row]]] : [])));

/** @throws DataError as `openReadingModels`, and when the models lack a task */
export async function openCropReader(options: CropReaderOptions = {}): Promise<CropReader> {
  const { models: named = [], tasks: asked, smooth = 'none', batch, threads } = options;
  const { runners, close } = await openReadingModels(named, options);
  const infos = runners.map(({ info }) => info);
  const { schema } = (infos[0] as (typeof infos)[number]).network;
  const tasks = tasksOf(runners, asked);
  const several = runners.length > 1;
  const hashes = runners.map(({ hash }) => hash);
  const smoothed = (tuning: Tuning) => (typeof smooth === 'object' ? withSmoothing(tuning, smooth) : tuning);
  const together = several ? ensembleTuningOf(infos, hashes) : undefined;
  const tunings = {
    memberTunings: infos.map((info) => smoothed(tuningOf(info))),
    tuning: together && smoothed(together),
  };

  async function estimate(files: readonly string[], { strict, signal, onProblem }: ReadCropsOptions) {
    const faces = new FaceTable(schema);
    files.forEach((image, frame) => void faces.push({ dataset: 'crops', image, clip: 'crops', frame }));
    const { rows, outputs } = await readFaces({
      manifest: { file: files[0] as string, faces, roots: new Map([['crops', '.']]) },
      rows: Int32Array.from(files.keys()),
      runners,
      ...(batch !== undefined && { batch }),
      ...(threads !== undefined && { threads }),
      ...(strict && { strict }),
      ...(signal && { signal }),
      onBroken: ({ path, reason }) => onProblem({ source: path, message: reason }),
    });
    const clip = { codes: new Int32Array(rows.length), names: ['crops'] };
    const estimates: Estimates = decide(
      outputs.map((output) => withTasks(output, tasks)),
      {
        ...(several && { name: ENSEMBLE }),
        ...tunings,
        ...(smooth !== 'none' && { truth: { clip, frame: rows } }),
      },
    );
    return { rows, estimates };
  }

  return {
    models: runners.map(({ name, file, hash, info }) => ({ name, file, hash, info })),
    schema,
    tasks,
    async *read(files, read) {
      const { rows, estimates } = await estimate(files, read);
      for (const [i, row] of rows.entries()) {
        const source = files[row] as string;
        const { width, height } = await pictureSize(source);
        const face: FaceReading = {
          face: 0,
          box: { x: 0, y: 0, width, height },
          landmarks: [],
          score: 1,
          ...estimateReading(estimates, i),
          ...(several && { disagreement: rowsOf(estimates.disagreement, i) }),
        };
        yield { source, frame: 0, time: undefined, width, height, faces: [face] };
      }
    },
    close,
  };
}
