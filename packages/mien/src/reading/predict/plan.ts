// From options to work: whether they go together, what is read, where it goes.

import { DataError } from '../../files/index.js';
import { probeVideo } from '../../video/index.js';
import type { ReadingProblem } from '../frames.js';
import { type Job, jobsOf } from './jobs.js';
import type { PredictOptions } from './options.js';
import { checkPlan, type OutputPlan, PredictUsageError, planOutputs } from './outputs.js';
import { findSources } from './sources.js';

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
function checkTexts({ faces, every = 1, from, to, landmarks }: PredictOptions, jobs: readonly Job[]): void {
  if (faces === 'all')
    throw new PredictUsageError('--format abaw-txt has one face a frame: not with --faces all');
  if (every > 1 || from !== undefined || to !== undefined)
    throw new PredictUsageError(
      '--format abaw-txt has a line for every frame: not with --every, --from or --to',
    );
  if (landmarks) throw new PredictUsageError('--format abaw-txt has no place for --landmarks');
  if (jobs.some(({ kind }) => kind === 'pictures'))
    throw new PredictUsageError(
      '--format abaw-txt is for videos, or for face crops with --crops; found pictures',
    );
}

const cameraJob = (camera: string): Job => ({
  name: 'camera',
  kind: 'video',
  sources: [{ file: camera, kind: 'video', path: 'camera', folder: '' }],
});

/**
 * What is to be done, with what is passed over.
 * @throws PredictUsageError for options that contradict each other, or what is to be read; DataError when there is nothing to read
 */
export async function plan(
  options: PredictOptions,
): Promise<{ jobs: Job[]; outputs: OutputPlan; passedOver: ReadingProblem[] }> {
  const { sources: given, camera, shard, strict, outputs: paths = {}, resume } = options;
  checkOptions(options);
  const outputs = await planOutputs(paths);
  if (resume && !(outputs.table && 'folder' in outputs.table))
    throw new PredictUsageError('--resume goes on with a folder of outputs; expected a folder as --out');
  if (camera !== undefined) return { jobs: [cameraJob(camera)], outputs, passedOver: [] };
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

/** How many frames there will be, by what the files say; where one does not tell, it counts as none. */
export async function estimateFrames(
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
