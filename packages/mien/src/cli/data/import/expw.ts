// mien data import expw

import type { Command } from 'commander';
import { type ExpwOptions, readExpw } from '../../../datasets/index.js';
import { number } from '../../lib/options.js';
import { type CommonOptions, commonOptions, runImport } from './run.js';

export function define(command: Command): void {
  commonOptions(command)
    .requiredOption('--list <file>', 'label.lst')
    .requiredOption('--images <folder>', 'the pictures (image/origin)')
    .requiredOption('--crops <folder>', 'where the faces go, a file each; finished ones are kept')
    .option('--min-confidence <x>', "drop faces whose box's confidence is lower (0 to 100)", number(0, 100))
    .action(async ({ list, images, crops, minConfidence, ...common }: ExpwOptions & CommonOptions) => {
      await runImport(common, 'pictures', {
        command: 'import expw',
        read: readExpw,
        options: { list, images, crops, ...(minConfidence === undefined ? {} : { minConfidence }) },
        roots: { expw: crops },
      });
    });
}
