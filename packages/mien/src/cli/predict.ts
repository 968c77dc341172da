// mien predict SOURCE…: pictures, videos, folders of them or a camera in; a table, an annotated video and a page out.

import { type Command, Option } from 'commander';
import type { Task } from '../labels/index.js';
import type { Smoothing } from '../models/index.js';
import { FACE_DETECTORS, type FaceDetectorName } from '../reading/face-finder.js';
import type { FrameReading, OutputFormat, PredictOptions, ReadingProblem } from '../reading/index.js';
import { addModelOptions, MODEL_OPTIONS, type ModelOptions, modelOptions } from './lib/model-options.js';
import { collect, integer, type Shard, seconds, shard, smoothing, tasks } from './lib/options.js';
import { showProgress } from './lib/progress.js';

interface Options extends ModelOptions {
  model?: string[];
  camera?: string | true;
  out?: string;
  format?: OutputFormat;
  videoOut?: string;
  report?: string;
  faces?: 'all' | 'largest';
  tasks?: Task[];
  every?: number;
  from?: number;
  to?: number;
  smooth?: 'stored' | 'none' | Smoothing;
  detectEvery?: number;
  detector?: FaceDetectorName;
  smallestFace?: number;
  batch?: number;
  threads?: number;
  landmarks?: true;
  crops?: true;
  teacher?: string;
  shard?: Shard;
  resume?: true;
  strict?: true;
}

/** Faces of pictures that are shown where no table is written. */
const MOST_SHOWN = 40;
/** Problems that are named. */
const MOST_NAMED = 20;

function defaultCamera(): string {
  return { linux: '/dev/video0', darwin: '0' }[process.platform as string] ?? 'video=Integrated Camera';
}

/** Ends cleanly at the first signal, at once at the second. */
function watchSignals(camera: boolean) {
  const [abort, stop] = [new AbortController(), new AbortController()];
  const codes = { SIGINT: 130, SIGTERM: 143 } as const;
  let code: number | undefined;
  const listeners = (Object.keys(codes) as (keyof typeof codes)[]).map((signal) => {
    const listener = () => {
      if (code !== undefined || abort.signal.aborted) process.exit(codes[signal]);
      if (camera && !stop.signal.aborted) return stop.abort();
      code = codes[signal];
      abort.abort(new Error(`interrupted by ${signal}`));
    };
    process.on(signal, listener);
    return [signal, listener] as const;
  });
  return {
    signal: abort.signal,
    stop: stop.signal,
    exitCode: () => code,
    end: () => {
      for (const [signal, listener] of listeners) process.off(signal, listener);
    },
  };
}

/** Names problems on stderr, the first of many. */
function problemTeller() {
  let count = 0;
  return {
    tell({ source, message }: ReadingProblem) {
      if (++count <= MOST_NAMED)
        console.error(message.startsWith(source) ? message : `${source}: ${message}`);
    },
    end() {
      if (count > MOST_NAMED) console.error(`and ${count - MOST_NAMED} more`);
    },
  };
}

export function define(command: Command): void {
  addModelOptions(command)
    .argument('[source...]', 'pictures, videos, folders of them')
    .option('--camera [device]', 'read a camera instead, until Ctrl-C')
    .option(
      '--model <model>',
      "a model that ships, a model's file or a run; repeatable, several are one ensemble; default: the best that ships",
      collect,
    )
    .option('--out <file|folder>', 'a table of everything, or a folder for a table of each video and folder')
    .addOption(
      new Option('--format <name>', 'of the table; by default as --out ends, in a folder csv').choices([
        'csv',
        'parquet',
        'jsonl',
        'abaw-txt',
      ]),
    )
    .option(
      '--video-out <file|folder>',
      'the video with faces, bars and courses drawn in; or a folder for several',
    )
    .option('--report <file|folder>', 'a page (.html) of timelines and figures; or a folder for several')
    .option('--landmarks', 'also the 68 points of each face')
    .addOption(new Option('--faces <which>', 'which of a frame; default: all').choices(['all', 'largest']))
    .option('--tasks <list>', 'only these, such as AU,VA', tasks)
    .option('--every <n>', "only each n-th of a video's frames", integer(1))
    .option('--from <time>', 'seconds, or h:mm:ss, from which on videos are read', seconds)
    .option('--to <time>', 'up to which', seconds)
    .option(
      '--smooth <how>',
      'over time: stored (in the model; default), none, or median:N, box:N, exponential:N over N frames',
      smoothing,
    )
    .option('--detect-every <n>', 'frames of a video between two looks for faces (5)', integer(1, 1000))
    .addOption(new Option('--detector <name>', 'of faces; default: rfb-320').choices(FACE_DETECTORS))
    .option('--smallest-face <pixels>', 'also look for faces as small as this', integer(8, 16384))
    .option('--batch <faces>', 'that models look at together', integer(1, 65536))
    .option('--threads <n>', 'of each model; default: one for each core', integer(1, 1024))
    .option('--crops', 'the pictures are face crops: look for nothing')
    .option('--teacher <model>', 'with --crops --format abaw-txt: also a teacher, for itself')
    .option('--shard <i/n>', 'only part i, from 0, of n that share the sources', shard)
    .option('--resume', 'leave out what has all its outputs')
    .option('--strict', 'make what cannot be read an error')
    .action((sources: string[], options: Options) => predictFrom(command, sources, options));
}

/** What `mien predict` does once its options are known. */
export async function predictFrom(
  command: Command,
  sources: readonly string[],
  options: Options,
): Promise<void> {
  if (options.teacher !== undefined && !(options.crops && options.format === 'abaw-txt'))
    command.error('error: --teacher goes with --crops --format abaw-txt');
  const { PredictUsageError } = await import('../reading/index.js');
  const watched = watchSignals(options.camera !== undefined);
  try {
    if (options.crops && options.format === 'abaw-txt') await readTrees(sources, options, watched.signal);
    else await read(sources, options, watched);
  } catch (error) {
    if (error instanceof PredictUsageError) command.error(`error: ${error.message}`);
    const code = watched.exitCode();
    if (code === undefined) throw error;
    console.error('interrupted; nothing unfinished was left');
    process.exitCode = code;
  } finally {
    watched.end();
  }
}

const commandLine = () => ['mien', ...process.argv.slice(2)].join(' ');

function predictOptions(sources: readonly string[], options: Options): PredictOptions {
  const { model, camera, out, format, videoOut, report, teacher: _, cache: __, ...rest } = options;
  return {
    ...rest,
    ...modelOptions(options),
    sources,
    camera: camera === true ? defaultCamera() : camera,
    models: model ?? [],
    outputs: { table: out, format, video: videoOut, report },
    command: commandLine(),
  };
}

async function read(
  sources: readonly string[],
  options: Options,
  { signal, stop }: { signal: AbortSignal; stop: AbortSignal },
): Promise<void> {
  const { predict } = await import('../reading/index.js');
  const { describeFaces, describeReading } = await import('../reports/index.js');
  const progress = showProgress('reading', 'frames', { rate: true });
  const problems = problemTeller();
  const shown: FrameReading[] = [];
  let frames = 0;
  let pictures = 0;
  let total: number | undefined;
  const result = await predict({
    ...predictOptions(sources, options),
    signal,
    stop,
    onFrame(frame) {
      progress.update(++frames, total);
      if (frame.time === undefined && ++pictures <= MOST_SHOWN) shown.push(frame);
    },
    onTotal: (known) => {
      total = known;
    },
    onProblem: (problem) => {
      progress.pause();
      problems.tell(problem);
    },
  }).finally(() => progress.stop());
  problems.end();
  const { tally, written, skipped } = result;
  if (options.out === undefined && shown.length > 0) {
    console.log(`${describeFaces(shown)}\n`);
    if (pictures > shown.length) console.log(`and ${pictures - shown.length} more\n`);
  }
  if (skipped > 0) console.log(`${skipped} had all their outputs`);
  if (tally.frames > 0) console.log(describeReading(tally));
  for (const file of written.slice(0, MOST_NAMED)) console.log(`wrote ${file}`);
  if (written.length > MOST_NAMED) console.log(`wrote ${written.length - MOST_NAMED} more`);
  if (options.out === undefined) console.log('A table of every frame: --out table.csv (or .parquet, .jsonl)');
}

/** The reference's tree of text files, for folders of crops. */
async function readTrees(sources: readonly string[], options: Options, signal: AbortSignal): Promise<void> {
  const { predictReferenceTrees, PredictUsageError } = await import('../reading/index.js');
  const { model = [], out, teacher, batch, threads, shard: part, resume, strict, ...rest } = options;
  const fitting: readonly string[] = ['crops', 'format', ...MODEL_OPTIONS];
  const odd = Object.keys(rest).filter((name) => !fitting.includes(name));
  if (out === undefined) throw new PredictUsageError('--format abaw-txt needs a folder as --out');
  if (odd.length > 0)
    throw new PredictUsageError(
      `--crops --format abaw-txt does as the reference does: without --${odd[0]?.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    );
  const progress = showProgress('reading', 'folders');
  const problems = problemTeller();
  const { written, trees, skipped } = await predictReferenceTrees({
    sources,
    models: model,
    ...modelOptions(options),
    teacher,
    out,
    batch,
    threads,
    shard: part,
    resume,
    strict,
    command: commandLine(),
    signal,
    onProgress: progress.update,
    onProblem: problems.tell,
  }).finally(() => progress.stop());
  problems.end();
  console.log(
    `read ${trees - skipped} folders of face crops${skipped > 0 ? `; ${skipped} were read before` : ''}`,
  );
  for (const folder of written.slice(0, MOST_NAMED)) console.log(`wrote ${folder}`);
  if (written.length > MOST_NAMED) console.log(`wrote ${written.length - MOST_NAMED} more`);
}
