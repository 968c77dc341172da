// mien train: teacher and students by a recipe.

import { basename, join } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { collect, integer } from './lib/options.js';

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

/** A second Ctrl-C does not wait for the checkpoint. */
function stopOnSignals(): AbortController {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      controller.abort();
      process.once(signal, () => process.exit(130));
    });
  return controller;
}

export function define(command: Command): void {
  command
    .argument('[recipe]', 'a recipe (YAML); leave it out with --resume')
    .option('--out <folder>', 'of the run; default: runs/ and the recipe’s name')
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
      await run(recipe, options);
    });
}

async function run(recipeFile: string | undefined, options: TrainCommandOptions): Promise<void> {
  const { readRecipe, train } = await import('../learning/index.js');
  const { torchInfo } = await import('@mien/torch');
  const { phase, stage, students, teacher, resume, set } = options;
  const recipe = recipeFile === undefined ? undefined : await readRecipe(recipeFile, set);
  const name = basename(recipeFile ?? '').replace(/\.ya?ml$/i, '');
  const folder = resume ?? options.out ?? join('runs', name);
  const { version, threads, cpuCapability, cuda } = torchInfo();
  console.error(
    `libtorch ${version}, ${cuda ? 'CUDA' : `${threads} threads, ${cpuCapability}`}; run ${folder}`,
  );
  const controller = stopOnSignals();
  const finished = await train({
    folder,
    ...(recipe && { recipe }),
    ...(phase !== undefined && { phases: [phase] }),
    stage,
    students,
    teacher,
    signal: controller.signal,
    onEvent: (event) => console.error(JSON.stringify(event).slice(0, 300)),
  });
  if (!finished) console.error(`go on with: mien train --resume ${folder}`);
}
