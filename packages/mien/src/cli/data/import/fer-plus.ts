// mien data import fer-plus

import { type Command, Option } from 'commander';
import { FER_PLUS, type FerPlusOptions, readFerPlus } from '../../../datasets/index.js';
import { integer } from '../../lib/options.js';
import { type CommonOptions, commonOptions, runImport } from './run.js';

export function define(command: Command): void {
  commonOptions(command)
    .requiredOption('--root <dir>', 'holds FER2013Train, FER2013Valid, FER2013Test')
    .addOption(
      new Option('--labels <kind>', 'one class per picture, or the distribution of its votes')
        .choices(['majority', 'votes'])
        .default('majority'),
    )
    .option('--min-votes <n>', 'votes that suffice where a class has not more than half', integer(1), 5)
    .option('--drop-single-votes', 'do not count single votes (majority only)')
    .addHelpText('after', "\nThe FER+ generator's own majority rule is --drop-single-votes --min-votes 11.")
    .action(
      async ({
        root,
        labels,
        minVotes,
        dropSingleVotes = false,
        ...common
      }: FerPlusOptions & CommonOptions) => {
        await runImport<FerPlusOptions>(common, 'pictures', {
          command: 'import fer-plus',
          read: readFerPlus,
          options: { root, labels, minVotes, dropSingleVotes },
          roots: { [FER_PLUS]: root },
        });
      },
    );
}
