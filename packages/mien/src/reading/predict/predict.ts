// `mien predict`: pictures, videos, folders of them, a camera or face crops in; tables, annotated videos and pages out.

import { basename } from 'node:path';
import { DataError, isDataError, statIfThere } from '../../files/index.js';
import type { ReadingProblem } from '../frames.js';
import { type Provenance, provenanceOf } from '../tables/index.js';
import { type Engine, openEngine } from './engine.js';
import type { Job } from './jobs.js';
import { checkNote, writeNote } from './note.js';
import type { Predicted, PredictOptions } from './options.js';
import { filesOf, type OutputPlan } from './outputs.js';
import { estimateFrames, plan } from './plan.js';
import { abortAll, closeAll, reportSink, type Sink, tableSink, textsSink, videoSink } from './sinks.js';
import { ReadingCounter } from './tally.js';

/** Settings that change numbers. */
const SETTINGS = [
  'crops',
  'faces',
  'detectEvery',
  'detector',
  'smallestFace',
  'smooth',
  'from',
  'to',
  'every',
  'landmarks',
  'length',
  'checkpoint',
] as const satisfies readonly (keyof PredictOptions)[];

/** As they were given. */
const settingsOf = (options: PredictOptions): Record<string, unknown> =>
  Object.fromEntries(
    SETTINGS.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])),
  );

/** What is the same for all jobs. */
interface Run {
  options: PredictOptions;
  outputs: OutputPlan;
  engine: Engine;
  provenance: Provenance;
  problems: readonly ReadingProblem[];
}

async function isComplete(job: Job, { outputs, engine }: Run): Promise<boolean> {
  const { table, texts, video, report } = filesOf(outputs, job, engine);
  for (const file of [table, ...(texts?.files ?? []), video, report])
    if (file !== undefined && (await statIfThere(file)) === undefined) return false;
  return true;
}

const columnsOf = ({ options, engine: { models, schema, tasks } }: Run) => ({
  schema,
  tasks,
  landmarks: options.landmarks ?? false,
  disagreement: models.length > 1,
});

/** Of a job alone; the table of all jobs is not among them. */
async function openSinks(job: Job, run: Run): Promise<Sink[]> {
  const { options, outputs, engine, problems } = run;
  const { models, schema, tasks } = engine;
  const { command, camera, from, to, every } = options;
  const files = job.sources.map(({ file }) => file);
  const [first = ''] = files;
  const told = problems.length;
  const { table, texts, video, report } = filesOf(outputs, job, engine);
  const sinks: Sink[] = [];
  try {
    if (video !== undefined) {
      const source = camera === undefined ? first : undefined;
      sinks.push(await videoSink(video, { schema, tasks, models, source, from, to, every }));
    }
    if (report !== undefined)
      sinks.push(
        await reportSink(report, {
          title: `Reading of ${basename(job.name)}`,
          source: files.length === 1 ? first : `${files.length} pictures`,
          models,
          schema,
          tasks,
          command,
          problems: () => problems.slice(told).map(({ source, message }) => `${source}: ${message}`),
        }),
      );
    if (texts !== undefined) sinks.push(textsSink(texts.folder, job.name, { schema, tasks, source: first }));
    if (table !== undefined) sinks.push(tableSink(table, columnsOf(run)));
  } catch (error) {
    await abortAll(sinks);
    throw error;
  }
  return sinks;
}

/**
 * Reads everything and writes what is asked for. What cannot be read is told and left out.
 * @throws PredictUsageError for options that contradict each other; DataError when nothing could be read, with `strict` when anything
 *   could not, for models that are none, and for outputs that cannot be written; the signal's reason. Nothing half-written is left
 */
export async function predict(asked: PredictOptions): Promise<Predicted> {
  const { jobs, outputs, passedOver } = await plan(asked);
  const options = outputs.format === 'abaw-txt' ? { ...asked, faces: 'largest' as const } : asked;
  const { camera, resume = false, strict, signal, onStart, onTotal, onFrame, onProblem, command } = options;
  const problems: ReadingProblem[] = [];
  const tell = (problem: ReadingProblem) => {
    problems.push(problem);
    onProblem?.(problem);
  };
  for (const problem of passedOver) tell(problem);
  const engine = await openEngine(options);
  const { models, schema, tasks } = engine;
  const provenance = provenanceOf({
    ...(command !== undefined && { command }),
    schema,
    tasks,
    models: models.map(({ name, file, hash }) => ({ name, file, hash })),
    settings: settingsOf(options),
  });
  const run: Run = { options, outputs, engine, provenance, problems };
  const shared: Sink[] = [];
  const estimating = new AbortController();
  let estimate: Promise<void> | undefined;
  try {
    const { table } = outputs;
    const folder = table && 'folder' in table ? table.folder : undefined;
    if (folder !== undefined && resume) await checkNote(folder, provenance);
    const todo: Job[] = [];
    for (const job of jobs) if (!(resume && (await isComplete(job, run)))) todo.push(job);
    if (table && 'file' in table) shared.push(tableSink(table.file, { ...columnsOf(run), provenance }));
    if (onTotal !== undefined && camera === undefined)
      estimate = estimateFrames(todo, { ...options, signal: estimating.signal }).then(onTotal);
    onStart?.({ models, jobs: todo, skipped: jobs.length - todo.length });
    const counter = new ReadingCounter({ schema, tasks });
    const written: string[] = [];
    const alone = todo.length === 1 && todo[0]?.sources.length === 1;

    async function read(job: Job): Promise<void> {
      const own = await openSinks(job, run);
      const sinks = [...own, ...shared];
      const pictures = sinks.some((sink) => sink.pictures);
      let count = 0;
      try {
        for await (const frame of engine.frames(job, { pictures, alone, onProblem: tell })) {
          signal?.throwIfAborted();
          count++;
          counter.add(frame);
          onFrame?.(frame);
          for (const sink of sinks) await sink.write(frame);
        }
        signal?.throwIfAborted();
        if (count === 0 && job.kind === 'video')
          throw new DataError(
            { file: job.sources[0]?.file as string },
            { found: 'no frame', expected: 'some' },
          );
      } catch (error) {
        await abortAll(own);
        throw error;
      }
      if (count === 0) return abortAll(own);
      const files = await closeAll(own);
      if (folder !== undefined && written.length === 0) writeNote(folder, provenance);
      written.push(...files);
    }

    for (const job of todo)
      try {
        await read(job);
      } catch (error) {
        const isOfSource = isDataError(error) && job.sources.some(({ file }) => file === error.file);
        if (strict || alone || !isOfSource) throw error;
        tell({ source: error.file, message: error.message });
      }
    const tally = counter.tally();
    if (tally.frames === 0 && todo.length > 0)
      throw new DataError(
        { file: asked.sources.join(', ') },
        { found: 'nothing that could be read', expected: 'pictures or videos' },
      );
    written.push(...(await closeAll(shared.splice(0))));
    return { models, schema, tasks, tally, written, skipped: jobs.length - todo.length, problems };
  } finally {
    estimating.abort();
    await abortAll(shared);
    await engine.close();
    await estimate;
  }
}
