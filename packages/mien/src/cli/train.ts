// mien train: teacher and students by a recipe.

import { basename, join } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { TrainingEvent } from '../learning/index.js';
import { collect, integer } from './lib/options.js';
import { showProgress } from './lib/progress.js';
import { showTrainingProgress } from './lib/training-progress.js';
import { scoreTable } from './lib/training-rows.js';

interface TrainCommandOptions {
  out?: string;
  resume?: string;
  set: readonly string[];
  phase?: string;
  stage?: 'teacher' | 'students';
  students?: number[];
  teacher?: string;
  nproc?: number;
}

function numbers(text: string): number[] {
  const list = text.split(',').map((one) => integer(0, 9999)(one.trim()));
  if (new Set(list).size < list.length) throw new InvalidArgumentError('expected different numbers');
  return list;
}

/** A second signal does not wait for the checkpoint. */
function stopOnSignals(): AbortSignal {
  const controller = new AbortController();
  for (const [signal, exitCode] of [['SIGINT', 130] as const, ['SIGTERM', 143] as const])
    process.once(signal, () => {
      console.error('\nsaving; once more to stop at once');
      controller.abort();
      process.once(signal, () => process.exit(exitCode));
    });
  return controller.signal;
}

export function define(command: Command): void {
  command
    .argument('[recipe]', 'a recipe (YAML); leave it out with --resume')
    .option('--out <folder>', 'of the run; default: runs/ and the name of the recipe')
    .option('--resume <run>', 'go on with a run that was stopped or killed')
    .option(
      '--set <key=value>',
      'change a value of the recipe, such as optimizer.lr=1e-4; repeatable',
      collect,
      [],
    )
    .addOption(new Option('--phase <name>', 'only this phase').choices(['cnn', 'cnn-rnn']))
    .addOption(new Option('--stage <name>', 'only this stage of a phase').choices(['teacher', 'students']))
    .option(
      '--students <numbers>',
      'only these students, such as 0,2: several machines can share them',
      numbers,
    )
    .option('--teacher <file>', 'a model to be the teacher, instead of training one')
    .option('--nproc <n>', 'processes on this machine that train together', integer(1, 1024))
    .action(async (recipe: string | undefined, options: TrainCommandOptions) => {
      if ((recipe === undefined) === (options.resume === undefined))
        command.error('error: give a recipe, or --resume <run>');
      if (options.resume !== undefined && (options.set.length > 0 || options.out !== undefined))
        command.error('error: --resume goes on with the run as it is: without --set and --out');
      if ((options.nproc ?? 1) > 1) await trainTogether(options.nproc as number);
      else await trainHere(recipe, options);
    });
}

/** This very command, in several processes. */
async function trainTogether(processes: number): Promise<void> {
  const { distributed } = await import('@mien/torch');
  const [, script = '', ...words] = process.argv;
  const at = words.findIndex((word) => word === '--nproc' || word.startsWith('--nproc='));
  const args = words.toSpliced(at, words[at] === '--nproc' ? 2 : 1);
  // Ctrl-C reaches the processes too: they save and end by themselves.
  process.on('SIGINT', () => {});
  const controller = new AbortController();
  process.once('SIGTERM', () => controller.abort(new Error('ended by SIGTERM')));
  await distributed.spawnProcesses(processes, script, {
    args,
    signal: controller.signal,
    onLine: (line, rank, stream) => process[stream].write(rank === 0 ? `${line}\n` : `[${rank}] ${line}\n`),
  });
}

async function trainHere(recipeFile: string | undefined, options: TrainCommandOptions): Promise<void> {
  const { readRecipe, train } = await import('../learning/index.js');
  const { phase, stage, students, teacher, resume, set } = options;
  const recipe = recipeFile === undefined ? undefined : await readRecipe(recipeFile, set);
  const name = basename(recipeFile ?? '').replace(/\.ya?ml$/i, '');
  const folder = resume ?? options.out ?? join('runs', name);
  const leads = (process.env.RANK ?? '0') === '0';
  if (leads) await announce(folder);
  const watcher = watch(folder);
  try {
    const finished = await train({
      folder,
      ...(recipe && { recipe }),
      ...(phase !== undefined && { phases: [phase] }),
      stage,
      students,
      teacher,
      signal: stopOnSignals(),
      onEvent: watcher.take,
    });
    await watcher.end();
    if (!leads) return;
    if (finished) console.log(`\nrun ${folder}; look at it with: mien report ${folder}`);
    else console.log(`\nstopped; go on with: mien train --resume ${folder}`);
  } finally {
    await watcher.end();
  }
}

/** What trains, and where. */
async function announce(folder: string): Promise<void> {
  const { torchInfo } = await import('@mien/torch');
  const { version, threads, cpuCapability, cuda, cudaDevices } = torchInfo();
  const device = cuda ? `CUDA, ${cudaDevices} devices` : `no CUDA: ${threads} threads, ${cpuCapability}`;
  console.error(`libtorch ${version}, ${device}; run ${folder}`);
}

/** Shows what training tells, and draws each member's plots while the training thread goes on. */
function watch(run: string): { take: (event: TrainingEvent) => void; end: () => Promise<void> } {
  const progress = showTrainingProgress();
  let drawing: ReturnType<typeof showProgress> | undefined;
  let member = '';
  let plots: Promise<void> = Promise.resolve();
  async function plot(of: string): Promise<void> {
    const { readMetrics } = await import('../learning/logs/index.js');
    const { drawRunPlots } = await import('../reports/index.js');
    const folder = join(run, of);
    await drawRunPlots(await readMetrics(join(folder, 'metrics.jsonl')), folder, of);
  }
  function take(event: TrainingEvent): void {
    if (event.kind !== 'drawing') drawing?.stop();
    switch (event.kind) {
      case 'drawing':
        drawing ??= showProgress('drawing the demo set', 'pictures');
        drawing.update(event.done, event.total);
        break;
      case 'begin':
        member = `${event.phase}/${event.member}`;
        progress.start(event);
        break;
      case 'step':
        progress.step(event.record);
        break;
      case 'epoch': {
        progress.epoch(event.record);
        const of = member;
        plots = plots.then(() => plot(of)).catch((error: Error) => progress.message(error.message));
        break;
      }
      case 'message':
        progress.message(event.text);
        break;
      case 'summary':
        progress.stop();
        console.log(`\n${scoreTable(event.phase, event.members)}`);
        break;
      case 'stopped':
        progress.stop();
        console.error(`saved ${event.checkpoint}`);
    }
  }
  return {
    take,
    async end() {
      await plots;
      drawing?.stop();
      progress.stop();
    },
  };
}
