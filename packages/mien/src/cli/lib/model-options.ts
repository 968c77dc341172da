// Options of commands that take models of any kind: what a checkpoint of the reference does not say about itself, and how weights are
// run.

import type { Command } from 'commander';
import type { LabelSchema, Task } from '../../labels/index.js';
import type { CheckpointOptions } from '../../models/runners/index.js';
import { integer, labelSchema, tasks } from './options.js';

export interface ModelOptions {
  schema?: LabelSchema;
  heads?: Task[];
  size?: number;
  length?: number;
  /** `--no-cache` */
  cache: boolean;
}

/** Names of these options. */
export const MODEL_OPTIONS: readonly (keyof ModelOptions)[] = ['schema', 'heads', 'size', 'length', 'cache'];

export function addModelOptions(command: Command): Command {
  return command
    .option('--schema <name|file>', 'what a checkpoint (.pth) does not say: its label schema', labelSchema)
    .option('--heads <list>', 'the same: what its heads are for, such as AU,VA', tasks)
    .option('--size <pixels>', "the same: the input's edge (112)", integer(8, 2048))
    .option('--length <frames>', 'of windows, instead of what models of clips say', integer(1, 65536))
    .option('--no-cache', 'keep no model that is exported to be read');
}

/** What was said, for what opens models. */
export function modelOptions({ schema, heads, size, length, cache }: ModelOptions) {
  const checkpoint: CheckpointOptions = {
    ...(schema && { schema }),
    ...(heads && { tasks: heads }),
    ...(size !== undefined && { inputSize: size }),
  };
  return {
    ...(Object.keys(checkpoint).length > 0 && { checkpoint }),
    ...(length !== undefined && { length }),
    ...(!cache && { cache: false as const }),
    onNotice: (message: string) => console.error(message),
  };
}
