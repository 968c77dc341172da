// mien data import aff-wild2-mtl: the files of the multi-task challenge.

import type { Command } from 'commander';
import { AFF_WILD2, type AffWild2MtlOptions, readAffWild2Mtl } from '../../../datasets/index.js';
import { ABAW3 } from '../../../labels/index.js';
import { type CommonOptions, commonOptions, runImport } from './run.js';

interface Options extends CommonOptions, AffWild2MtlOptions {}

export function define(command: Command): void {
  commonOptions(command, ABAW3)
    .option('--train <file>', 'labels of the training set (training_set_annotations.txt)')
    .option('--validation <file>', 'labels of the validation set (validation_set_annotations.txt)')
    .option('--test <file>', 'list of the test images (MTL_Challenge_test_set_release.txt)')
    .requiredOption('--crops <dir>', 'holds a folder of crops per video (cropped_aligned)')
    .action(async ({ train, validation, test, crops, ...common }: Options) => {
      if (train === undefined && validation === undefined && test === undefined)
        command.error("error: expected some of '--train <file>', '--validation <file>', '--test <file>'");
      await runImport<AffWild2MtlOptions>(common, 'lines', {
        command: 'import aff-wild2-mtl',
        read: readAffWild2Mtl,
        options: { train, validation, test, crops },
        roots: { [AFF_WILD2]: crops },
      });
    });
}
