// mien data import disfa

import type { Command } from 'commander';
import { type DisfaOptions, readDisfa } from '../../../datasets/index.js';
import { integer } from '../../lib/options.js';
import { type CommonOptions, commonOptions, runImport } from './run.js';

export function define(command: Command): void {
  commonOptions(command)
    .requiredOption('--labels <folder>', 'ActionUnit_Labels: SNxxx/SNxxx_au{k}.txt')
    .requiredOption(
      '--images <folder>',
      'OpenFace output of the left videos, or a folder of frames per subject',
    )
    .option('--threshold <n>', 'an action unit is present from this intensity on', integer(1, 5), 2)
    .action(async ({ labels, images, threshold, ...common }: DisfaOptions & CommonOptions) => {
      await runImport(common, 'subjects', {
        command: 'import disfa',
        read: readDisfa,
        options: { labels, images, threshold },
        roots: { disfa: images },
      });
    });
}
