// mien data import affectnet

import type { Command } from 'commander';
import { AFFECTNET, type AffectNetOptions, readAffectNet } from '../../../datasets/index.js';
import { type CommonOptions, commonOptions, runImport } from './run.js';

export function define(command: Command): void {
  commonOptions(command)
    .requiredOption(
      '--root <dir>',
      'holds train_set and val_set, or training.csv, validation.csv and the pictures',
    )
    .option('--automatic', 'also automatically_annotated.csv, whose labels a network gave')
    .action(async ({ root, automatic = false, ...common }: AffectNetOptions & CommonOptions) => {
      await runImport<AffectNetOptions>(common, 'pictures', {
        command: 'import affectnet',
        read: readAffectNet,
        options: { root, automatic },
        roots: { [AFFECTNET]: root },
      });
    });
}
