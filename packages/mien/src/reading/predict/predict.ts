// `mien predict`: pictures, videos, folders of them, a camera or face crops in; tables, annotated videos and pages out.

import { basename } from 'node:path';
import { DataError, isDataError, statIfThere } from '../../files/index.js';
import type { LabelSchema, Task } from '../../labels/index.js';
import { probeVideo } from '../../video/index.js';
import type { FrameReading, ReadingProblem } from '../frames.js';
import type { ReadingModelOptions } from '../members.js';
import {
  openReader,
  type Reader,
  type ReaderModel,
  type ReaderOptions,
  type ReadOptions,
} from '../reader/index.js';
import { provenanceOf } from '../tables/index.js';
import { openCropReader } from './crops.js';
import { type Job, jobsOf, type Shard } from './jobs.js';
import { noteProvenance } from './note.js';
import {
  checkPlan,
  filesOf,
  type OutputPaths,
  type OutputPlan,
  PredictUsageError,
  planOutputs,
} from './outputs.js';
import {
  abortAll,
  closeAll,
  type ReportSinkOptions,
  reportSink,
  type Sink,
  tableSink,
  textsSink,
  videoSink,
} from './sinks.js';
import { findSources } from './sources.js';
import { ReadingCounter, type ReadingTally } from './tally.js';

export interface PredictOptions
  extends Pick<
      ReaderOptions,
      'models' | 'tasks' | 'faces' | 'detectEvery' | 'detector' | 'smallestFace' | 'smooth' | 'batch'
    >,
    ReadingModelOptions,
    Pick<ReadOptions, 'from' | 'to' | 'every'> {
  /** Files and folders; none where there is a camera. */
  sources: readonly string[];
  /** Read until `stop`. */
  camera?: string | undefined;
  /** The sources are face crops: nothing is looked for in them. */
  crops?: boolean | undefined;
  outputs?: OutputPaths | undefined;
  /** Also the 68 points in tables. */
  landmarks?: boolean | undefined;
  /** Only this part of the sources. */
  shard?: Shard | undefined;
  /** Leaves out what has all its outputs. */
  resume?: boolean | undefined;
  /** Makes anything that cannot be read an error, not a problem that is told. */
  strict?: boolean | undefined;
  /** As it was typed; kept with what is written. */
  command?: string | undefined;
  /** Ends at once and leaves nothing that is not whole. */
  signal?: AbortSignal | undefined;
  /** Ends a camera; what was read is kept. */
  stop?: AbortSignal | undefined;
  /** Called once all is open. */
  onStart?:
    | ((start: { models: readonly ReaderModel[]; jobs: readonly Job[]; skipped: number }) => void)
    | undefined;
  /** Called with the number of frames in all, once it is known or guessed. */
  onTotal?: ((frames: number) => void) | undefined;
  onFrame?: ((frame: FrameReading) => void) | undefined;
  /** Called with what was left out or broke off, as soon as it is known. */
  onProblem?: ((problem: ReadingProblem) => void) | undefined;
}

export interface Predicted {
  models: readonly ReaderModel[];
  schema: LabelSchema;
  tasks: readonly Task[];
  tally: ReadingTally;
  /** In the order in which they were finished. */
  written: string[];
  /** Videos and folders of pictures that had all their outputs. */
  skipped: number;
  problems: ReadingProblem[];
}

/** Anything that reads a job. */
interface Engine extends Pick<Reader, 'models' | 'schema' | 'tasks' | 'close'> {
  frames(job: Job, options: FrameOptions): AsyncIterable<FrameReading>;
}

interface FrameOptions {
  pictures: boolean;
  onProblem: (problem: ReadingProblem) => void;
}

async function openEngine(options: PredictOptions): Promise<Engine> {
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
  async function* frames({ kind, sources }: Job, { pictures, onProblem }: FrameOptions) {
    const problems = strict ? {} : { onProblem };
    if (kind === 'pictures') {
      const files = sources.map(({ file }) => file);
      yield* reader.readPictures(files, { pictures, signal, strict, onProblem });
      return;
    }
    const source = camera === undefined ? (sources[0]?.file as string) : { camera };
    for await (const frame of reader.read(source, { from, to, every, pictures, signal, ...problems })) {
      yield frame;
      if (stop?.aborted) return;
    }
  }
  return { models, schema, tasks, close, frames };
}

/** Settings that change numbers, as they were given. */
function settingsOf(options: PredictOptions): Record<string, unknown> {
  const {
    crops,
    faces,
    detectEvery,
    detector,
    smallestFace,
    smooth,
    from,
    to,
    every,
    landmarks,
    length,
    checkpoint,
  } = options;
  const all = {
    crops,
    faces,
    detectEvery,
    detector,
    smallestFace,
    smooth,
    from,
    to,
    every,
    landmarks,
    length,
    checkpoint,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** @throws PredictUsageError for options that contradict each other */
function checkOptions({
  sources,
  camera,
  crops,
  shard,
  resume,
  from = 0,
  to,
  outputs = {},
}: PredictOptions): void {
  const refuse = (words: string): never => {
    throw new PredictUsageError(words);
  };
  if ((camera === undefined) === (sources.length === 0))
    refuse(
      camera === undefined
        ? 'nothing to read: name files or folders, or --camera'
        : 'found sources and --camera; expected one of them',
    );
  if (to !== undefined && to <= from) refuse(`--to ${to} is not after --from ${from}`);
  if (camera !== undefined && (shard || resume || crops || outputs.format === 'abaw-txt'))
    refuse('a camera cannot be read with --shard, --resume, --crops or --format abaw-txt');
  if (crops && (outputs.video !== undefined || outputs.report !== undefined))
    refuse('--crops are read into tables, without --video-out and --report');
}

/** @throws PredictUsageError for text files of something else than whole videos */
function checkTexts(
  { faces, every = 1, from, to, landmarks, shard }: PredictOptions,
  jobs: readonly Job[],
): void {
  if (faces === 'all')
    throw new PredictUsageError('--format abaw-txt has one face a frame: not with --faces all');
  if (every > 1 || from !== undefined || to !== undefined)
    throw new PredictUsageError(
      '--format abaw-txt has a line for every frame: not with --every, --from or --to',
    );
  if (landmarks) throw new PredictUsageError('--format abaw-txt has no place for --landmarks');
  if (jobs.some(({ kind }) => kind === 'pictures') && shard === undefined)
    throw new PredictUsageError(
      '--format abaw-txt is for videos, or for face crops with --crops; found pictures',
    );
}

const CAMERA_JOB = (camera: string): Job => ({
  name: 'camera',
  kind: 'video',
  sources: [{ file: camera, kind: 'video', path: 'camera', folder: '' }],
});

/** What is to be done, with what is passed over. */
async function plan(
  options: PredictOptions,
): Promise<{ jobs: Job[]; outputs: OutputPlan; passedOver: ReadingProblem[] }> {
  const { sources: given, camera, shard, strict, outputs: paths = {}, resume } = options;
  checkOptions(options);
  const outputs = await planOutputs(paths);
  if (resume && !(outputs.table && 'folder' in outputs.table))
    throw new PredictUsageError('--resume goes on with a folder of outputs; expected a folder as --out');
  if (camera !== undefined) return { jobs: [CAMERA_JOB(camera)], outputs, passedOver: [] };
  const written = [paths.table, paths.video, paths.report].filter((path) => path !== undefined);
  const { sources, passedOver } = await findSources(given, { outputs: written });
  const [first] = passedOver;
  if (strict && first !== undefined)
    throw new DataError(
      { file: first.source },
      { found: `${first.message}, as ${passedOver.length} in all`, expected: 'pictures and videos alone' },
    );
  const jobs = jobsOf(sources, shard);
  checkPlan(outputs, jobs);
  if (outputs.format === 'abaw-txt') checkTexts(options, jobs);
  return { jobs, outputs, passedOver };
}

/**
 * Reads everything and writes what is asked for. What cannot be read is told and left out.
 * @throws PredictUsageError for options that contradict each other; DataError when nothing could be read, with `strict` when anything
 *   could not, for models that are none, and for outputs that cannot be written; the signal's reason. Nothing half-written is left
 */
export async function predict(asked: PredictOptions): Promise<Predicted> {
  const { jobs, outputs, passedOver } = await plan(asked);
  const options = outputs.format === 'abaw-txt' ? { ...asked, faces: 'largest' as const } : asked;
  const { camera, resume = false, signal, onStart, onTotal, onFrame, onProblem, command } = options;
  const problems: ReadingProblem[] = [];
  const tell = (problem: ReadingProblem) => {
    problems.push(problem);
    onProblem?.(problem);
  };
  for (const problem of passedOver) tell(problem);
  const engine = await openEngine(options);
  const shared: Sink[] = [];
  try {
    const { models, schema, tasks } = engine;
    const provenance = provenanceOf({
      ...(command !== undefined && { command }),
      schema,
      tasks,
      models: models.map(({ name, file, hash }) => ({ name, file, hash })),
      settings: settingsOf(options),
    });
    const columns = { schema, tasks, landmarks: options.landmarks ?? false, disagreement: models.length > 1 };
    const todo: Job[] = [];
    for (const job of jobs) if (!(resume && (await isComplete(job)))) todo.push(job);
    const { table } = outputs;
    if (table && 'folder' in table) await noteProvenance(table.folder, provenance, { goOn: resume });
    else if (table) shared.push(tableSink(table.file, { ...columns, provenance }));
    if (onTotal !== undefined && camera === undefined) void estimateFrames(todo, options).then(onTotal);
    onStart?.({ models, jobs: todo, skipped: jobs.length - todo.length });
    const counter = new ReadingCounter({ schema, tasks });
    const written: string[] = [];
    let failure: unknown;

    async function isComplete(job: Job): Promise<boolean> {
      const { table: file, texts, video, report } = filesOf(outputs, job, { schema, tasks });
      const files = [file, ...(texts?.files ?? []), video, report].filter((one) => one !== undefined);
      for (const one of files) if ((await statIfThere(one)) === undefined) return false;
      return true;
    }

    async function openSinks(job: Job): Promise<Sink[]> {
      const { table: file, texts, video, report } = filesOf(outputs, job, { schema, tasks });
      const own: Sink[] = [];
      try {
        if (video !== undefined) {
          const source = camera === undefined ? job.sources[0]?.file : undefined;
          const { from, to, every } = options;
          own.push(await videoSink(video, { schema, tasks, models, source, from, to, every }));
        }
        if (report !== undefined) own.push(await reportSink(report, reportOf(job)));
        if (texts !== undefined) own.push(textsSink(texts.folder, job.name, { schema, tasks }));
        if (file !== undefined) own.push(tableSink(file, columns));
      } catch (error) {
        await abortAll(own);
        throw error;
      }
      return own;
    }

    function reportOf({ name, kind, sources }: Job): ReportSinkOptions {
      const files = sources.map(({ file }) => file);
      const source =
        kind === 'video' || files.length === 1 ? (files[0] as string) : `${files.length} pictures`;
      const own = problems.length;
      return {
        title: `Reading of ${basename(name)}`,
        source,
        models,
        schema,
        tasks,
        command,
        problems: () => problems.slice(own).map(({ source, message }) => `${source}: ${message}`),
      };
    }

    async function run(job: Job): Promise<void> {
      const own = await openSinks(job);
      const sinks = [...own, ...shared];
      const pictures = sinks.some((sink) => sink.pictures);
      let count = 0;
      try {
        for await (const frame of engine.frames(job, { pictures, onProblem: tell })) {
          signal?.throwIfAborted();
          count++;
          counter.add(frame);
          onFrame?.(frame);
          for (const sink of sinks) await sink.write(frame);
        }
        signal?.throwIfAborted();
      } catch (error) {
        await abortAll(own);
        throw error;
      }
      if (count === 0) await abortAll(own);
      else written.push(...(await closeAll(own)));
    }

    for (const job of todo)
      try {
        await run(job);
      } catch (error) {
        if (options.strict || !isDataError(error) || error.file !== job.sources[0]?.file) throw error;
        failure ??= error;
        if (todo.length > 1) tell({ source: error.file, message: error.message });
      }
    const tally = counter.tally();
    if (tally.frames === 0 && todo.length > 0) throw failure ?? nothingRead(todo, problems);
    written.push(...(await closeAll(shared.splice(0))));
    return { models, schema, tasks, tally, written, skipped: jobs.length - todo.length, problems };
  } finally {
    await abortAll(shared);
    await engine.close();
  }
}

/** How many frames there will be, by what the files say; where one does not tell, it counts as none. */
async function estimateFrames(
  jobs: readonly Job[],
  { from = 0, to, every = 1, signal }: PredictOptions,
): Promise<number> {
  let total = 0;
  for (const { kind, sources } of jobs) {
    if (signal?.aborted) break;
    if (kind === 'pictures') total += sources.length;
    else {
      const info = await probeVideo(sources[0]?.file as string).catch(() => undefined);
      const { frames = 0, duration = 0 } = info ?? {};
      const wanted = Math.max(0, Math.min(to ?? duration, duration) - from);
      total += Math.ceil((frames * (duration > 0 ? wanted / duration : 1)) / every);
    }
  }
  return total;
}

function nothingRead(jobs: readonly Job[], problems: readonly ReadingProblem[]): DataError {
  const files = jobs.flatMap(({ sources }) => sources.map(({ file }) => file));
  const [first] = problems.filter(({ source }) => files.includes(source));
  return new DataError(
    { file: files.length > 1 ? `${files[0]} and ${files.length - 1} more` : (files[0] as string) },
    { found: first?.message ?? 'no frame', expected: 'pictures or frames to read' },
  );
}
