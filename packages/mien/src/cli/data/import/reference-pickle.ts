// mien data import reference-pickle FILE

import { basename, dirname } from 'node:path';
import { type Command, Option } from 'commander';
import {
  REFERENCE_CODES,
  type ReferenceCodes,
  type ReferencePickleOptions,
  readReferencePickle,
} from '../../../datasets/index.js';
import { TASKS, type Task } from '../../../labels/index.js';
import { collect } from '../../lib/options.js';
import { type CommonOptions, commonOptions, runImport } from './run.js';

interface Options extends CommonOptions {
  root?: string;
  strip?: string[];
  dataset?: string;
  task?: Task;
  codes: ReferenceCodes;
}

export function define(command: Command): void {
  commonOptions(command)
    .argument('<file>', 'annotations.pkl or mixed_*.pkl')
    .option('--root <dir>', "where the pictures lie (default: the pickle's folder)")
    .option('--strip <prefix>', "beginning that is taken off the author's paths; repeatable", collect)
    .option('--dataset <name>', "name of the data set (default: the file's name)")
    .addOption(new Option('--task <name>', 'only the set of this task').choices(TASKS))
    .addOption(
      new Option('--codes <order>', 'what the numbers of expressions mean')
        .choices(Object.keys(REFERENCE_CODES))
        .default('aff-wild2'),
    )
    .action(async (pickle: string, { out, schema, strict, ...options }: Options) => {
      const dataset = options.dataset ?? basename(pickle).replace(/\..*$/s, '');
      const root = options.root ?? dirname(pickle);
      const common: CommonOptions = { out, schema, ...(strict === undefined ? {} : { strict }) };
      await runImport<ReferencePickleOptions>(common, 'entries', {
        command: 'import reference-pickle',
        read: readReferencePickle,
        options: {
          pickle,
          root,
          strip: options.strip ?? [],
          dataset,
          task: options.task,
          codes: options.codes,
        },
        roots: { [dataset]: root },
      });
    });
}
