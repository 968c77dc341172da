// mien data import aff-wild2: the challenge's label files and crops.

import { type Command, Option } from 'commander';
import { AFF_WILD2, type AffWild2Options, readAffWild2 } from '../../../datasets/index.js';
import type { Task } from '../../../labels/index.js';
import { tasks } from '../../lib/options.js';
import { type CommonOptions, commonOptions, runImport } from './run.js';

interface Options extends CommonOptions {
  annotations: string;
  crops: string;
  tasks?: Task[];
  partial: AffWild2Options['partial'];
  join?: boolean;
}

export function define(command: Command): void {
  commonOptions(command)
    .requiredOption('--annotations <dir>', 'holds AU_Set, EXPR_Set, VA_Set (or AU_Detection_Challenge, …)')
    .requiredOption('--crops <dir>', 'holds a folder of crops per video (cropped_aligned)')
    .option('--tasks <list>', 'only these, such as AU,VA (default: those that are there)', tasks)
    .addOption(
      new Option(
        '--partial <what>',
        'with frames that have some of their labels: keep, or drop as the reference does',
      )
        .choices(['keep', 'drop'])
        .default('keep'),
    )
    .option('--join', 'one row per crop with the labels of all tasks, not one per crop and task')
    .addHelpText(
      'after',
      '\ndocs/data-aff-wild2.md describes the files, and --schema abaw3 for later challenges.',
    )
    .action(async ({ annotations, crops, tasks, partial, join = false, ...common }: Options) => {
      await runImport<AffWild2Options>(common, 'label files', {
        command: 'import aff-wild2',
        read: readAffWild2,
        options: { annotations, crops, tasks, partial, join },
        roots: { [AFF_WILD2]: crops },
      });
    });
}
