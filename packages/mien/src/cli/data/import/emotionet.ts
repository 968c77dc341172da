// mien data import emotionet FILE…

import { type Command, Option } from 'commander';
import { EMOTIONET, type EmotioNetOptions, readEmotioNet, SPLITS } from '../../../datasets/index.js';
import { type CommonOptions, commonOptions, runImport } from './run.js';

export function define(command: Command): void {
  commonOptions(command)
    .argument('<file...>', '.csv with a header, or .txt with tabs and without one')
    .requiredOption('--images <dir>', "the pictures, under their addresses' last parts, in folders or not")
    .addOption(new Option('--split <name>', 'of all rows').choices(SPLITS))
    .action(
      async (
        tables: string[],
        { images, split, ...common }: Omit<EmotioNetOptions, 'tables'> & CommonOptions,
      ) => {
        await runImport<EmotioNetOptions>(common, 'rows', {
          command: 'import emotionet',
          read: readEmotioNet,
          options: { tables, images, split },
          roots: { [EMOTIONET]: images },
        });
      },
    );
}
