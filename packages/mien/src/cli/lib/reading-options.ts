// Options of commands that read the labelled faces of manifests with models.

import { type Command, Option } from 'commander';
import { SPLITS } from '../../datasets/face-row.js';
import type { Split } from '../../datasets/index.js';
import type { Task } from '../../labels/index.js';
import { BACKENDS, type Backend } from '../../models/runners/open.js';
import type { LabelledOptions } from '../../reading/index.js';
import { addModelOptions, type ModelOptions, modelOptions } from './model-options.js';
import { collect, integer, roots, tasks } from './options.js';
import { showProgress } from './progress.js';

export interface ReadingOptions extends ModelOptions {
  data: string[];
  root?: Record<string, string>;
  split: Split | 'all';
  tasks?: Task[];
  phase?: string;
  teacher?: true;
  backend: Backend;
  batch?: number;
  threads?: number;
  strict?: true;
}

export function addReadingOptions(command: Command): Command {
  return addModelOptions(command)
    .argument(
      '<model...>',
      "models that ship, models' files (.onnx, .safetensors, .pth), runs' folders, or members' folders in them",
    )
    .requiredOption('--data <manifest>', 'labelled faces; repeatable, read as one', collect)
    .option('--root <name=folder>', 'where a data set of the manifests lies now; repeatable', roots)
    .addOption(
      new Option('--split <name>', 'only rows of it').choices([...SPLITS, 'all']).default('validation'),
    )
    .option('--tasks <list>', 'only these, such as AU,VA', tasks)
    .addOption(
      new Option('--phase <name>', 'of runs; default: the last with a finished member').choices([
        'cnn',
        'cnn-rnn',
      ]),
    )
    .option('--teacher', "a run's teacher too, for itself: it joins no ensemble")
    .addOption(
      new Option(
        '--backend <name>',
        'what runs weights: libtorch (torch), or ONNX Runtime after an export (onnx)',
      )
        .choices(BACKENDS)
        .default('auto', 'torch'),
    )
    .option('--batch <pictures>', 'of a forward pass (64)', integer(1, 65536))
    .option('--threads <n>', 'that compute and decode; default: one for each core', integer(1, 1024))
    .option('--strict', 'a picture that does not open is an error');
}

/** Runs `body` with what it needs to read, while a bar shows how far it is. */
export async function reading<T>(
  models: readonly string[],
  options: ReadingOptions,
  body: (options: LabelledOptions) => Promise<T>,
): Promise<T> {
  const { data, root, split, tasks: wanted, phase, teacher, backend, batch, threads, strict } = options;
  const progress = showProgress('reading faces', 'pictures');
  try {
    return await body({
      models,
      data,
      split,
      backend,
      ...modelOptions(options),
      ...(root && { roots: root }),
      ...(wanted && { tasks: wanted }),
      ...(phase !== undefined && { phase }),
      ...(teacher && { teacher }),
      ...(batch !== undefined && { batch }),
      ...(threads !== undefined && { threads }),
      ...(strict && { strict }),
      onProgress: progress.update,
    });
  } finally {
    progress.stop();
  }
}

/** Names pictures that did not open, on stderr: a few of many. */
export function nameBroken(broken: readonly { path: string; reason: string }[]): void {
  const shown = broken.slice(0, 10);
  for (const { path, reason } of shown) console.error(`left out ${path}: ${reason}`);
  if (broken.length > shown.length) console.error(`left out ${broken.length - shown.length} more`);
}
