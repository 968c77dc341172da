// mien data import folders DIR

import { basename, resolve } from 'node:path';
import type { Command } from 'commander';
import { type ClassFolderOptions, readClassFolders } from '../../../datasets/index.js';
import { pairs } from '../../lib/options.js';
import { type CommonOptions, commonOptions, runImport } from './run.js';

interface Options extends CommonOptions {
  dataset?: string;
  class?: Record<string, string>;
}

export function define(command: Command): void {
  commonOptions(command)
    .argument('<dir>', 'holds a folder per class, or train, validation, test with such folders')
    .option('--dataset <name>', "name of the data set (default: the folder's name)")
    .option('--class <folder=expression>', 'such as 0=neutral; repeatable', pairs('FOLDER=EXPRESSION'))
    .action(
      async (
        root: string,
        { dataset = basename(resolve(root)), class: classes = {}, ...common }: Options,
      ) => {
        await runImport<ClassFolderOptions>(common, 'files', {
          command: 'import folders',
          read: readClassFolders,
          options: { root, dataset, classes },
          roots: { [dataset]: root },
        });
      },
    );
}
